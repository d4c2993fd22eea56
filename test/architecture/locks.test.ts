import { expect, test } from '@jest/globals';
import { readSourceFiles } from './source-files.js';

/** Who takes a lock and asks nothing of it itself, and why that is right. */
const OTHERWISE: ReadonlyMap<string, string> = new Map([
  ['src/adapters/system/locks/locks.ts', 'makes them'],
  ['src/runs/services/services-lock.ts', 'takes them for others'],
  ['src/runs/services/manage/manage-session.ts', 'each service and its files have locks of their own'],
  ['src/runs/services/check-services.ts', 'each service and its files have locks of their own'],
  ['src/runs/services/hostname/renew-hostname.ts', 'each service and its files have locks of their own'],
  ['src/runs/services/order-hostname.ts', 'hands it to the order desk, which fences the order journal'],
  ['src/cli/host/manage/provider.ts', 'hands it to runs/manage/providers.ts'],
  ['src/cli/host/check/account-turn.ts', 'bounds how many calls are at work, and guards no file'],
  ['src/runs/edit-websites.ts', 'hands it to the writer of accounts’ files'],
  ['src/adapters/accounts/user-files.ts', 'hands it to the writer of accounts’ files'],
  [
    'src/runs/adopt-websites.ts',
    'hands it to runs/adopt-certificate.ts; a placeholder is placed where nothing lies',
  ],
  ['src/runs/check/place-placeholders.ts', 'a placeholder is placed where nothing lies, by one link'],
  ['src/runs/install/install-batch.ts', 'hands it to runs/install/published-pairs.ts'],
  ['src/runs/rollback-website.ts', 'hands it to the installation'],
]);

const TAKES = /\.(?:tryAcquire|acquire)\(|lockOrRefuse\(|lockServices\(/;
const ASKS = /assertHeld|fencedOrders\(/;

const takers = [...readSourceFiles(process.cwd())].filter(([, text]) => TAKES.test(text));

test('whoever works under a lock asks whether it is held before it writes, or says who does', () => {
  expect(takers.length).toBeGreaterThan(30);
  const silent = takers.filter(([path, text]) => !ASKS.test(text) && !OTHERWISE.has(path));
  expect(silent.map(([path]) => path)).toEqual([]);
});

test('nobody is excused who takes no lock, or asks by itself', () => {
  const excused = [...OTHERWISE.keys()].filter((path) => path !== 'src/adapters/system/locks/locks.ts');
  const needless = excused.filter((path) => {
    const text = takers.find(([taker]) => taker === path)?.[1];
    return text === undefined || ASKS.test(text);
  });
  expect(needless).toEqual([]);
});
