import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildPrograms } from '../support/bin-program.js';
import { faultsOfEnd } from '../support/failpoints/faults-of-run.js';
import { longPartOf } from '../support/long-part.js';
import { describeWithParts } from '../support/needs.js';
import { INSTALLED, PrivateServer } from '../support/private-server.js';
import { seededChance, TEST_SEED } from '../support/seeded-chance.js';
import { faultsOfWords, listingOf } from '../support/spoilt/faults-of-spoilt-tree.js';
import { allowChanges } from '../support/spoilt/place-spoils.js';
import { OUTSIDE, pick } from '../support/spoilt/spoil.js';
import { spoilTree } from '../support/spoilt/spoilt-tree.js';

const isLong = process.env['LONG'] === '1';
const TIMES = isLong ? 300 : 4;
const HANGS_AFTER_S = '90';
const LONGEST_MS = 3_600_000;

/** What an account has root do for it: functions that are asked of `uapi-root`, which knows no tree but `/`. */
const CALLS: readonly (readonly string[])[] = [
  ['SSL', 'get_autossl_problems'],
  ['SSL', 'get_autossl_excluded_domains'],
  ['SSL', 'get_autossl_pending_queue'],
  ['SSL', 'add_autossl_excluded_domains', 'domains=www.alice.test'],
  ['SSL', 'remove_autossl_excluded_domains', 'domains=www.alice.test'],
  ['SSL', 'installed_hosts'],
  ['SSL', 'list_certs'],
  ['SSL', 'is_autossl_check_in_progress'],
  ['SSL', 'set_default_key_type', 'type=ecdsa,prime256v1'],
  ['DCV', 'check_domains_via_http', 'domain=alice.test'],
  ['DCV', 'check_domains_via_dns', 'domain=alice.test'],
];

describeWithParts('uapi-root where anything that is kept may be broken', ['mounts', 'root'], () => {
  let server: PrivateServer;
  const base = (): string => server.at('base');
  beforeAll(async () => {
    buildPrograms();
    server = await PrivateServer.open();
    await server.addUser('alice');
    mkdirSync(server.at('home/alice/public_html'));
    for (const [program, ...words] of [
      ['autossl', 'website', 'add', 'alice', 'alice.test', '--docroot', '/home/alice/public_html'],
      ['uapi', '--user=alice', 'SSL', 'add_autossl_excluded_domains', 'domains=mail.alice.test'],
      ['autossl', 'provider', 'use', 'LocalCA'],
      ['autossl_check', '--all'],
    ] as const) {
      const { exitCode, stdout, stderr } = await server.runBin(program, words);
      if (exitCode !== 0) throw new Error(`${program}: ${stdout}${stderr}`);
    }
    spawnSync('cp', ['-a', server.at('var/cpanel'), base()]);
  }, 240_000);
  afterAll(() => server?.close());

  test(
    `${TIMES} times (seed ${TEST_SEED}): it ends in words, and touches nothing outside`,
    async () => {
      const outside = server.at(OUTSIDE);
      const faults: string[] = [];
      for (const number of longPartOf(Array.from({ length: TIMES }, (_, index) => index))) {
        const chance = seededChance(5000 + number);
        const kept = server.at('var/cpanel');
        spawnSync('rm', ['-rf', kept]);
        spawnSync('cp', ['-a', base(), kept]);
        rmSync(outside, { recursive: true, force: true });
        mkdirSync(join(outside, 'folder'), { recursive: true });
        const before = listingOf(outside);
        const done = spoilTree(server.at('var'), chance, /^cpanel\/./);
        const call = pick(CALLS, chance);
        const end = await server.run(['timeout', HANGS_AFTER_S, `${INSTALLED}/bin/uapi-root`, ...call], {
          environment: { SUDO_UID: String(server.uidOf('alice')) },
        });
        const found = [...faultsOfEnd({ ...end, durationMs: 0 }), ...faultsOfWords(end)];
        if (listingOf(outside) !== before) found.push('something outside changed');
        allowChanges(kept, done);
        for (const fault of found)
          process.stderr.write(`${number}: ${done.join('; ')}: ${call.join(' ')}: ${fault}\n`);
        faults.push(...found);
      }
      spawnSync('rm', ['-rf', server.at('var/cpanel')]);
      expect(faults).toEqual([]);
    },
    LONGEST_MS,
  );
});
