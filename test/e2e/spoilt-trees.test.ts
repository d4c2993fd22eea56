import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parseHostName } from '../../src/core/domain/name/names.js';
import { buildPrograms } from '../support/bin-program.js';
import { type CaSite, startCaSite } from '../support/ca-site.js';
import { faultsOfEnd } from '../support/failpoints/faults-of-run.js';
import { type HostedWebsites, hostWebsites } from '../support/hosted-websites.js';
import { longPartOf } from '../support/long-part.js';
import { describeWithParts } from '../support/needs.js';
import { seededChance, TEST_SEED } from '../support/seeded-chance.js';
import { holdInProcessing } from '../support/slow-ca.js';
import { COMMANDS } from '../support/spoilt/commands.js';
import {
  faultsOfOutside,
  faultsOfUntouched,
  faultsOfWords,
  listingOf,
  untouchedOf,
} from '../support/spoilt/faults-of-spoilt-tree.js';
import { allowChanges } from '../support/spoilt/place-spoils.js';
import { ServingNginx } from '../support/spoilt/serving-nginx.js';
import { OUTSIDE, pick } from '../support/spoilt/spoil.js';
import { spoilTree } from '../support/spoilt/spoilt-tree.js';
import { startBin } from '../support/started-program.js';

const isLong = process.env['LONG'] === '1';
const TREES = isLong ? 2000 : 24;
const LANES = 3;
/** Of every so many-th tree the untouched websites are asked for by handshakes; a prime, so that each part has some. */
const SERVED_EVERY = isLong ? 47 : 7;
/** Secured before anything is spoilt; one more has an order under way, one cannot be validated. */
const SECURED = 3;
/** A program that takes longer hangs, however busy the machine is. */
const HANGS_AFTER_MS = 90_000;
const LONGEST_MS = 7_200_000;

const MOST_POLLS = 10;

describeWithParts('trees in which anything may be broken', ['pebble', 'openssl', 'nginx'], () => {
  let site: CaSite;
  let scratch: string;
  let hosted: HostedWebsites;
  let nginx: ServingNginx;
  beforeAll(async () => {
    buildPrograms();
    scratch = realpathSync(mkdtempSync(join(tmpdir(), 'autossl-spoilt-')));
    chmodSync(scratch, 0o755);
    site = await startCaSite();
    hosted = await hostWebsites(site, 'spoilt', {
      websites: SECURED + 2,
      settings: { run: { patienceSeconds: 2 } },
      furnish: (builder) =>
        builder
          .file(
            '/var/cpanel/ssl/autossl/excludes/user1.json',
            '{"excluded_domains":["mail.site1.spoilt.test"]}',
            0o600,
          )
          .file('/etc/hostname', 'server.spoilt.test\n'),
    });
    const late = [...hosted.names.keys()].at(-2) ?? '';
    const refused = [...hosted.names.keys()].at(-1) ?? '';
    for (const name of [...(hosted.names.get(late) ?? []), ...(hosted.names.get(refused) ?? [])])
      site.dns.zones.delete(name);
    const first = await hosted.run('autossl_check', '--all');
    expect([first.exitCode, first.stderr]).toEqual([0, '']);
    // On a busy machine an order takes longer than the run waits.
    for (let polls = 0; polls < MOST_POLLS && readdirSync(hosted.tree.orders()).length > 0; polls += 1)
      await hosted.run('autossl_check_queue', '--force');
    holdInProcessing(site.proxy);
    for (const name of hosted.names.get(late) ?? []) site.dns.zones.set(name, { A: ['127.0.0.1'] });
    await hosted.run('autossl_check', '--all');
    expect(readdirSync(hosted.tree.orders())).toHaveLength(1);
    expect(readdirSync(hosted.tree.issued())).toHaveLength(SECURED);
    nginx = await ServingNginx.start(hosted.tree.combined(parseHostName(secured()[0] ?? '')));
  }, 240_000);
  afterAll(async () => {
    await nginx?.stop();
    await site?.stop();
    spawnSync('rm', ['-rf', scratch]);
  });

  function secured(): readonly string[] {
    return [...hosted.names.keys()].slice(0, SECURED);
  }

  /** What is wrong after a program ran on a copy of the tree that was spoilt by this number. */
  async function faultsOfTree(number: number): Promise<string[]> {
    const chance = seededChance(1000 + number);
    const folder = join(scratch, `t${number}`);
    const root = join(folder, 'tree');
    mkdirSync(folder, { mode: 0o755 });
    spawnSync('cp', ['-a', hosted.root, root]);
    makeOutside(join(folder, OUTSIDE));
    const done = spoilTree(root, chance);
    const before = listingOf(join(folder, OUTSIDE));
    const [program = '', ...words] = pick(COMMANDS, chance);
    const running = startBin(program, words, root);
    let hangs = false;
    const timer = setTimeout(() => {
      hangs = true;
      running.signal('SIGKILL');
    }, HANGS_AFTER_MS);
    const end = await running.ended;
    clearTimeout(timer);
    const faults = hangs ? ['it hangs'] : [...faultsOfEnd(end), ...faultsOfWords(end)];
    faults.push(...faultsOfOutside(folder, before));
    faults.push(...faultsOfUntouched(hosted, secured(), root, done));
    if (number % SERVED_EVERY === 0)
      faults.push(...(await nginx.faultsOfServing(hosted, root, untouchedOf(secured(), done), number)));
    allowChanges(root, done);
    // Some of its names are no UTF-8, and some paths are longer than paths may be.
    spawnSync('rm', ['-rf', folder]);
    const context = `tree ${number}: ${done.join('; ')}: ${[program, ...words].join(' ')}`;
    return faults.map((fault) => `${context}: ${fault}`);
  }

  test(
    `${TREES} of them (seed ${TEST_SEED}): words instead of traces, nothing outside is touched, others keep what they had`,
    async () => {
      const faults: string[] = [];
      const all = Array.from({ length: TREES }, (_, number) => number);
      const numbers = (isLong ? longPartOf(all) : all).values();
      const lane = async (): Promise<void> => {
        for (const number of numbers) {
          const found = await faultsOfTree(number);
          for (const fault of found) process.stderr.write(`${fault}\n`);
          faults.push(...found);
        }
      };
      await Promise.all(Array.from({ length: LANES }, lane));
      expect(faults).toEqual([]);
      expect(nginx.served).toBeGreaterThan(0);
      process.stderr.write(`${nginx.served} handshakes with websites that nothing had happened to\n`);
    },
    LONGEST_MS,
  );
});

function makeOutside(folder: string): void {
  mkdirSync(join(folder, 'folder'), { recursive: true, mode: 0o755 });
  writeFileSync(join(folder, 'folder/file.json'), '{"schemaVersion":1}');
  writeFileSync(join(folder, 'file.pem'), 'somebody else’s');
}
