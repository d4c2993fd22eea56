import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lockFolderName } from '../../../src/adapters/system/locks/lock-names.js';
import { ownIdentity } from '../../../src/adapters/system/process/process-identity.js';
import { type Chance, OUTSIDE, pick, type Spoil, UNSPOILT } from './spoil.js';

const LOCKS = [
  'run',
  'run:user0',
  'run:services',
  'queue',
  'notices',
  'telling',
  'autossl-json',
  'due-index',
  'install:web',
  'setup',
  'sni',
  'excludes:user1',
  'website:site0.spoilt.test',
  'website:site3.spoilt.test',
  'website:server.spoilt.test',
];
const TOKEN = '0123456789abcdef0123456789abcdef';
const LONG_AGO_S = 1_000_000_000;
const FAR_AHEAD_S = 9_000_000_000;

/** Owners of whom each is gone, or cannot be looked at. */
const OWNERS: readonly (() => unknown)[] = [
  () => ({ ...ownIdentity(), pid: spawnSync('true').pid }),
  // Its pid is ours now.
  () => ({ ...ownIdentity(), startTicks: (ownIdentity().startTicks ?? 0) - 1 }),
  () => ({ ...ownIdentity(), bootId: '00000000-0000-0000-0000-000000000000' }),
  () => ({ ...ownIdentity(), pidNamespace: 'pid:[1]' }),
  () => ({ pid: 2 ** 31 }),
  () => ({ pid: -1, startTicks: 'x', bootId: [], pidNamespace: {} }),
  () => 'nobody',
  () => null,
];

/** What lies at a lock’s path, that nobody holds. */
const REMAINS: readonly ((path: string, chance: Chance, root: string) => void)[] = [
  (path) => mkdirSync(path),
  (path) => writeFileSync(path, ''),
  (path) => {
    spawnSync('mkfifo', [path]);
  },
  (path, chance, root) =>
    symlinkSync(join(root, '..', OUTSIDE, pick(['folder', 'nowhere', 'file.pem'], chance)), path),
  (path) => mkdirSync(join(path, 'in/it'), { recursive: true }),
  (path) => {
    mkdirSync(path);
    writeFileSync(join(path, `${TOKEN}.json`), '{"identity":');
  },
  (path) => {
    mkdirSync(path);
    mkdirSync(join(path, `${TOKEN}.json`));
  },
];

/** A lock is there that its owner left behind, or something else in its place. */
export const oddLock: Spoil = (_, chance, { root, paths }) => {
  const folder = join(root, paths.find((path) => path.endsWith('cpanel/ssl/autossl/locks')) ?? '');
  if (folder === root) return UNSPOILT;
  const name = pick(LOCKS, chance);
  const path = join(folder, lockFolderName(name));
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    rmSync(path, { recursive: true, force: true });
    if (chance() < 0.4) {
      pick(REMAINS, chance)(path, chance, root);
    } else {
      const record = {
        identity: pick(OWNERS, chance)(),
        token: TOKEN,
        startedAt: 'once',
        note: '\u001b[31m',
      };
      mkdirSync(path, { mode: 0o700 });
      writeFileSync(join(path, `${TOKEN}.json`), JSON.stringify(record));
      if (chance() < 0.1) chmodSync(path, 0);
    }
    const seconds = chance() < 0.3 ? FAR_AHEAD_S : LONG_AGO_S;
    utimesSync(path, seconds, seconds);
  } catch {
    // What was done before took its folder away.
  }
  return `the lock ${name} is left behind`;
};
