import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { buildPrograms, runBin } from '../support/bin-program.js';
import { ACCOUNT_UID } from '../support/challenge-tree.js';
import { type EmbeddedDns, startEmbeddedDns } from '../support/embedded-dns.js';
import { type EmbeddedWeb, startEmbeddedWeb } from '../support/embedded-web.js';
import { sampleOf } from '../support/failpoints/crash-stories.js';
import { faultsOfEnd } from '../support/failpoints/faults-of-run.js';
import { listTree } from '../support/file-tree.js';
import { LOOPBACK } from '../support/loopback.js';
import { describeWithParts } from '../support/needs.js';
import { seededChance, TEST_SEED } from '../support/seeded-chance.js';
import { faultsOfWords } from '../support/spoilt/faults-of-spoilt-tree.js';
import { pick } from '../support/spoilt/spoil.js';
import { placesIn } from '../support/spoilt/spoilt-tree.js';
import { aTree, type BuiltTree } from '../support/tree-builder.js';

const isLong = process.env['LONG'] === '1';
const LONGEST_MS = 1_800_000;

/** What has a link that leads out of the tree in its place, and the exit code that it must cost. */
const LINKED: readonly (readonly [string, readonly number[]])[] = [
  ['/var/cpanel', [3]],
  ['/var/cpanel/users', [3]],
  ['/var/cpanel/autossl.json', [3]],
  ['/var/cpanel/ssl', [3]],
  ['/var/cpanel/ssl/autossl', [3]],
  ['/var/cpanel/ssl/autossl/locks', [3]],
  ['/var/cpanel/ssl/autossl/orders', [3]],
  ['/var/cpanel/ssl/autossl/staging', [3]],
  ['/var/cpanel/ssl/autossl/issued', [3]],
  ['/var/cpanel/ssl/autossl/names', [3]],
  ['/var/cpanel/ssl/autossl/problems', [3]],
  ['/var/cpanel/ssl/autossl/ledger', [3]],
  ['/var/cpanel/ssl/autossl/local_ca', [3]],
  ['/var/cpanel/ssl/autossl/local_ca/orders', [3]],
  ['/var/cpanel/ssl/autossl/local_ca/audit.log', [1]],
  ['/var/cpanel/ssl/autossl/placed', [3]],
  ['/var/cpanel/ssl/autossl/archive', [3]],
  ['/var/cpanel/ssl/autossl/archive/alice.test', [1]],
  ['/var/cpanel/ssl/autossl/staging/publishing', [3]],
  ['/var/cpanel/ssl/autossl/staging/reload-owed', [3]],
  ['/var/cpanel/ssl/apache_tls', [1]],
  ['/var/cpanel/ssl/apache_tls/alice.test', [1]],
  ['/var/cpanel/ssl/domain_tls', [1]],
  ['/var/cpanel/ssl/domain_tls/alice.test', [1]],
  ['/var/cpanel/acme-challenge', [3]],
  ['/var/cpanel/logs', [3]],
  ['/var/cpanel/logs/autossl', [3]],
  ['/etc/autossl.yaml', [3]],
];

describeWithParts('a tree that is not to be trusted', ['root'], () => {
  let dns: EmbeddedDns;
  let web: EmbeddedWeb;
  let built: BuiltTree;
  let outside: string;
  beforeAll(async () => {
    buildPrograms();
    dns = await startEmbeddedDns(
      ['alice.test', 'www.alice.test', 'mail.alice.test'].map((name) => [name, { A: ['127.0.0.1'] }]),
    );
    const tree = {
      at: (path: string) => built.tree.at(path),
      challenges: () => built.tree.challenges(),
      combined: () => '/nonexistent',
    };
    web = await startEmbeddedWeb({ tree });
  });
  afterAll(async () => {
    await web.close();
    await dns.close();
  });
  beforeEach(() => {
    built = fresh();
    outside = mkdtempSync(join(tmpdir(), 'autossl-outside-'));
  });
  afterEach(async () => {
    await built.cleanUp();
    rmSync(outside, { recursive: true, force: true });
  });

  const check = (root: string) => runBin('autossl_check', ['--all'], root);

  test.each<[string, () => string]>([
    [
      'that another user owns',
      () => {
        chownSync(built.root, ACCOUNT_UID, ACCOUNT_UID);
        return built.root;
      },
    ],
    [
      'that a group may write',
      () => {
        chmodSync(built.root, 0o775);
        return built.root;
      },
    ],
    [
      'that is a link to such a one',
      () => {
        chmodSync(built.root, 0o777);
        symlinkSync(built.root, join(outside, 'root'));
        return join(outside, 'root');
      },
    ],
    [
      'that is a file',
      () => {
        writeFileSync(join(outside, 'file'), '');
        return join(outside, 'file');
      },
    ],
  ])('a root %s: exit 3, one line, nothing touched', async (_what, make) => {
    const root = make();
    const before = listTree(built.root);
    const ended = await check(root);
    expect(ended).toMatchObject({ exitCode: 3, stdout: '' });
    expect(ended.stderr).toMatch(/^autossl_check: AUTOSSL_ROOT=[^\n]+ is refused: [^\n]+\n$/);
    expect(listTree(built.root)).toEqual(before);
  });

  test.each(LINKED)('%s being a link out of the tree is followed nowhere', async (path, exitCodes) => {
    const real = built.path(path);
    const target = join(outside, 'target');
    if (existsSync(real)) renameSync(real, target);
    else mkdirSync(target);
    mkdirSync(dirname(real), { recursive: true });
    symlinkSync(target, real);
    const before = listTree(outside);
    const ended = await check(built.root);
    expect(listTree(outside)).toEqual(before);
    expect([exitCodes.includes(ended.exitCode ?? -1), ended.exitCode, ended.stderr]).toEqual([
      true,
      ended.exitCode,
      ended.exitCode === 3 ? expect.stringMatching(/^autossl_check: [^\n]*out of the tree[^\n]*\n$/) : '',
    ]);
  });

  test('without any of this it gets its certificate', async () => {
    expect(await check(built.root)).toMatchObject({ exitCode: 0, stderr: '' });
    expect(existsSync(built.path('/var/cpanel/ssl/apache_tls/alice.test/combined'))).toBe(true);
  });

  /** A tree in which nothing was done yet. */
  function fresh(): BuiltTree {
    return aTree()
      .account('alice', { domain: 'alice.test', keyType: 'ecdsa-prime256v1' })
      .autosslJson({ provider: 'LocalCA' })
      .settings({ resolvers: [dns.server], http: { port: web.httpPort, privateNetworks: LOOPBACK } })
      .build();
  }

  test(
    `a link out of the tree wherever a run writes (seed ${TEST_SEED}): nothing outside is touched, and it ends in words`,
    async () => {
      await check(built.root);
      await runBin('checkallsslcerts', ['--no-retry'], built.root);
      // Names of instants and ids nobody can know before.
      const places = placesIn(built.root).filter((place) => !/\d{4}-\d\d-\d\dT|[0-9a-f]{16}/.test(place));
      const chance = seededChance(5);
      const chosen = isLong ? places : sampleOf(places, 3, chance);
      const faults: string[] = [];
      for (const place of chosen) {
        for (const target of isLong
          ? ['folder', 'file', 'nowhere']
          : [pick(['folder', 'file', 'nowhere'], chance)]) {
          await built.cleanUp();
          built = fresh();
          rmSync(outside, { recursive: true });
          mkdirSync(join(outside, 'folder'), { recursive: true });
          writeFileSync(join(outside, 'file'), '{"schemaVersion":1}');
          const path = join(built.root, place);
          mkdirSync(dirname(path), { recursive: true });
          rmSync(path, { recursive: true, force: true });
          symlinkSync(join(outside, target), path);
          const before = listTree(outside);
          const end = await check(built.root);
          const found = [...faultsOfEnd({ ...end, durationMs: 0 }), ...faultsOfWords(end)];
          if (JSON.stringify(listTree(outside)) !== JSON.stringify(before))
            found.push('something outside changed');
          faults.push(...found.map((fault) => `${place} -> ${target}: ${fault}`));
        }
      }
      expect(faults).toEqual([]);
      process.stderr.write(`links to outside at ${chosen.length} of ${places.length} places\n`);
    },
    LONGEST_MS,
  );
});
