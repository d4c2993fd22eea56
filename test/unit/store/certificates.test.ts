import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { outputFileSync } from 'fs-extra/esm';
import {
  FileCertificateStore,
  type PublishStep,
} from '../../../src/adapters/store/publication/certificates.js';
import { StateError } from '../../../src/core/domain/autossl-error.js';
import { fakeKeyMatches, fakePair, takeFakeApart, websiteRef } from '../../support/fake-pairs.js';
import { fixedClock } from '../../support/fixed-clock.js';
import { everythingBelow } from '../../support/folder-listing.js';
import { aCertificate, aKey, keyPemOf } from '../../support/pki.js';
import { leavePastLogs } from '../../support/run-logs.js';
import { scratchTree } from '../../support/scratch.js';

const website = websiteRef('example.com');
const NAMES = ['example.com', 'www.example.com', '*.example.com'];
let scratch: ReturnType<typeof scratchTree>;
let clock: ReturnType<typeof fixedClock>;
let store: FileCertificateStore;

const storeWith = (afterStep?: (step: PublishStep) => void): FileCertificateStore =>
  new FileCertificateStore({
    tree: scratch.tree,
    clock,
    takeApart: takeFakeApart,
    keyMatchesCertificate: fakeKeyMatches,
    ...(afterStep === undefined ? {} : { afterStep }),
  });
const set = (pair: string, names = NAMES, notAfter?: string) => ({
  website,
  ...fakePair(pair, names, notAfter),
});
const combined = (): string => scratch.tree.combined(website.vhost);
const ssl = (path: string): string => scratch.tree.at(`/var/cpanel/ssl/${path}`);
const read = (path: string): string => readFileSync(path, 'utf8');
const mode = (path: string): number => statSync(path).mode & 0o7777;
const archived = (): readonly string[] => {
  try {
    return readdirSync(join(scratch.tree.archive(), 'example.com'));
  } catch {
    return [];
  }
};

beforeEach(() => {
  scratch = scratchTree();
  clock = fixedClock('2026-06-01T00:00:00Z');
  store = storeWith();
});
afterEach(() => scratch.remove());

describe('gatherEvidence says what lies there and never throws', () => {
  const place: readonly [string, () => void, object][] = [
    ['nothing', () => undefined, { kind: 'absent' }],
    ['an empty file', () => writeFileSync(combined(), ''), { kind: 'empty' }],
    ['blank lines', () => writeFileSync(combined(), '\n\n'), { kind: 'empty' }],
    ['a folder', () => mkdirSync(combined()), { kind: 'unreadable' }],
    ['a FIFO that nobody writes to', () => execFileSync('mkfifo', [combined()]), { kind: 'unreadable' }],
    [
      'a file of 20 GB',
      () => {
        writeFileSync(combined(), '');
        truncateSync(combined(), 20 * 1024 ** 3);
      },
      { kind: 'unreadable', why: expect.stringContaining('larger than') },
    ],
    ['a link out of the tree', () => symlinkSync('/etc/hostname', combined()), { kind: 'unreadable' }],
    ['a link to nothing', () => symlinkSync('nowhere', combined()), { kind: 'unreadable' }],
    ['a link to itself', () => symlinkSync('combined', combined()), { kind: 'unreadable' }],
    ['a certificate', () => writeFileSync(combined(), fakePair('a', NAMES).chainPem), { kind: 'present' }],
  ];
  test.each(place)('%s', async (_, make, expected) => {
    mkdirSync(dirname(combined()), { recursive: true });
    make();
    expect(await store.gatherEvidence(website)).toMatchObject({ path: combined(), ...expected });
  });

  test('a folder that is a link out of the tree', async () => {
    mkdirSync(ssl('apache_tls'), { recursive: true });
    symlinkSync('/etc', ssl('apache_tls/example.com'));
    expect(await store.gatherEvidence(website)).toMatchObject({
      kind: 'unreadable',
      why: expect.stringContaining('leads out of the tree'),
    });
  });

  test('a link inside the tree is followed, as the web server follows it', async () => {
    mkdirSync(dirname(combined()), { recursive: true });
    writeFileSync(ssl('elsewhere.pem'), fakePair('a', NAMES).chainPem);
    symlinkSync('../../elsewhere.pem', combined());
    expect(await store.gatherEvidence(website)).toMatchObject({ kind: 'present' });
  });
});

describe('publish', () => {
  test('writes key, leaf and chain, then what follows from it, with the modes of the design', async () => {
    const next = set('a');
    await store.publish({ ...next, keyPem: `junk\r\n${next.keyPem.replaceAll('\n', '\r\n')}` });
    expect(read(combined())).toBe(next.keyPem + next.chainPem);
    expect(mode(combined())).toBe(0o600);
    expect(read(join(dirname(combined()), 'certificates'))).toBe(next.chainPem);
    expect(mode(join(dirname(combined()), 'certificates'))).toBe(0o644);
    expect(mode(dirname(combined()))).toBe(0o711);
    expect(mode(ssl('apache_tls'))).toBe(0o711);
    expect(readdirSync(ssl('domain_tls'))).toEqual([
      '_wildcard_.example.com',
      'example.com',
      'www.example.com',
    ]);
    for (const name of readdirSync(ssl('domain_tls'))) {
      expect(read(ssl(`domain_tls/${name}/combined`))).toBe(read(combined()));
      expect(mode(ssl(`domain_tls/${name}/combined`))).toBe(0o600);
      expect(mode(ssl(`domain_tls/${name}`))).toBe(0o711);
    }
    expect(mode(scratch.tree.own())).toBe(0o700);
  });

  test('names that are wanted have a copy of the wildcard that covers them, now and at the renewal', async () => {
    const wanted = ['example.com', 'www.example.com', 'a.b.example.com', 'other.test', 'bad name'];
    for (const pair of ['a', 'b']) {
      await store.publish({ ...set(pair, ['example.com', '*.example.com']), wanted });
      expect(readdirSync(ssl('domain_tls'))).toEqual([
        '_wildcard_.example.com',
        'example.com',
        'www.example.com',
      ]);
      for (const name of readdirSync(ssl('domain_tls'))) {
        expect(read(ssl(`domain_tls/${name}/combined`))).toBe(read(combined()));
      }
    }
  });

  test('holds whatever the umask', async () => {
    const before = process.umask(0o077);
    try {
      await store.publish(set('a'));
    } finally {
      process.umask(before);
    }
    expect([mode(ssl('apache_tls')), mode(dirname(combined())), mode(combined())]).toEqual([
      0o711, 0o711, 0o600,
    ]);
    expect(mode(join(dirname(combined()), 'certificates'))).toBe(0o644);
  });

  test('refuses a key of another certificate and leaves everything as it was', async () => {
    await store.publish(set('a'));
    const before = everythingBelow(scratch.root);
    const mixed = { ...set('b'), keyPem: set('c').keyPem };
    await expect(store.publish(mixed)).rejects.toMatchObject({ code: 'PAIR_MISMATCH' });
    expect(everythingBelow(scratch.root)).toEqual(before);
    expect(read(combined())).toContain(set('a').keyPem);
  });

  test.each([
    ['no key', { keyPem: 'nothing' }],
    ['two keys', { keyPem: set2() }],
    ['no certificate', { chainPem: 'garbage' }],
  ])('refuses %s', async (_, part) => {
    await expect(store.publish({ ...set('a'), ...part })).rejects.toMatchObject({ code: 'PAIR_MISMATCH' });
    expect(everythingBelow(scratch.root)).toEqual([]);
  });

  test('the same pair twice archives nothing and mends what is missing', async () => {
    await store.publish(set('a'));
    const inode = statSync(combined()).ino;
    rmSync(ssl('domain_tls/www.example.com'), { recursive: true });
    writeFileSync(ssl('domain_tls/example.com/combined'), 'damaged');
    chmodSync(join(dirname(combined()), 'certificates'), 0o600);
    await store.publish(set('a'));
    expect(statSync(combined()).ino).toBe(inode);
    expect(read(ssl('domain_tls/www.example.com/combined'))).toBe(read(combined()));
    expect(read(ssl('domain_tls/example.com/combined'))).toBe(read(combined()));
    expect(mode(join(dirname(combined()), 'certificates'))).toBe(0o644);
    expect(archived()).toEqual([]);
  });

  test('a key that others could read is written anew', async () => {
    await store.publish(set('a'));
    chmodSync(combined(), 0o644);
    await store.publish(set('a'));
    expect(mode(combined())).toBe(0o600);
  });

  test('keeps the previous set under its instant and fingerprint', async () => {
    await store.publish(set('a'));
    const previous = read(combined());
    await store.publish(set('b'));
    expect(archived()).toEqual(['2026-06-01T00:00:00.000Z-61000000']);
    const kept = join(scratch.tree.archive(), 'example.com', archived()[0]!, 'combined');
    expect(read(kept)).toBe(previous);
    expect(mode(kept)).toBe(0o600);
    expect(mode(dirname(kept))).toBe(0o700);
  });

  test('keeps at most three, and of those that have expired only what was replaced last', async () => {
    leavePastLogs(scratch.tree, clock.now());
    for (const [index, pair] of ['a', 'b', 'c', 'd', 'e'].entries()) {
      clock.set(`2026-06-0${index + 1}T00:00:00Z`);
      await store.publish(set(pair, NAMES, pair === 'b' ? '2026-06-04T00:00:00Z' : '2027-01-01T00:00:00Z'));
    }
    const kept = archived().map((name) => name.slice(0, 10));
    expect(kept).toEqual(['2026-06-02', '2026-06-04', '2026-06-05']);
    clock.set('2027-02-01T00:00:00Z');
    leavePastLogs(scratch.tree, clock.now());
    await storeWith().publish(set('f', NAMES, '2027-06-01T00:00:00Z'));
    expect(archived().map((name) => name.slice(0, 10))).toEqual(['2027-02-01']);
  });

  test('keeps what has expired by a clock that no run of late was made by', async () => {
    for (const [index, pair] of ['a', 'b', 'c'].entries()) {
      clock.set(`2026-06-0${index + 1}T00:00:00Z`);
      await store.publish(set(pair));
    }
    clock.set('2029-02-01T00:00:00Z');
    await storeWith().publish(set('f', NAMES, '2029-06-01T00:00:00Z'));
    expect(archived()).toHaveLength(3);
  });

  test('keeps a previous file that is no certificate: somebody may miss it', async () => {
    outputFileSync(combined(), 'notes');
    await store.publish(set('a'));
    expect(read(join(scratch.tree.archive(), 'example.com', archived()[0]!, 'combined'))).toBe('notes');
  });

  test('makes no copies per name of a certificate that has expired', async () => {
    await store.publish(set('a', NAMES, '2026-01-01T00:00:00Z'));
    expect(read(combined())).toContain('CERTIFICATE');
    expect(() => readdirSync(ssl('domain_tls'))).toThrow();
  });

  test('makes no folder of a name that no parser accepts', async () => {
    await store.publish(
      set('a', ['example.com', '../../../../tmp/x', 'a b', 'x\0y', '..', '_dmarc.example.com']),
    );
    expect(readdirSync(ssl('domain_tls'))).toEqual(['example.com']);
  });

  test('refuses to follow a link out of the tree, of the file or of the folder', async () => {
    const victim = scratchTree();
    mkdirSync(dirname(combined()), { recursive: true });
    writeFileSync(join(victim.root, 'combined'), 'theirs');
    symlinkSync(join(victim.root, 'combined'), combined());
    await expect(store.publish(set('a'))).rejects.toMatchObject({ code: 'PUBLISH_FAILED' });
    rmSync(dirname(combined()), { recursive: true });
    symlinkSync(victim.root, dirname(combined()));
    await expect(store.publish(set('a'))).rejects.toMatchObject({ code: 'PUBLISH_FAILED' });
    expect(everythingBelow(victim.root)).toEqual(['combined']);
    expect(read(join(victim.root, 'combined'))).toBe('theirs');
    victim.remove();
  });

  test('replaces a link inside the tree by a file, and never writes to what it names', async () => {
    mkdirSync(dirname(combined()), { recursive: true });
    writeFileSync(ssl('shared.pem'), 'shared');
    symlinkSync('../../shared.pem', combined());
    await store.publish(set('a'));
    expect(read(ssl('shared.pem'))).toBe('shared');
    expect(read(combined())).toContain('CERTIFICATE');
    expect(archived()).toHaveLength(1);
  });

  test('a folder in its place is a fault that names it, and nothing is lost', async () => {
    mkdirSync(join(combined(), 'inside'), { recursive: true });
    await expect(store.publish(set('a'))).rejects.toMatchObject({
      code: 'PUBLISH_FAILED',
      message: expect.stringContaining('example.com'),
    });
    expect(everythingBelow(dirname(combined()))).toEqual(['combined/', 'combined/inside/']);
  });

  test('a damaged journal entry does not keep a website from its certificate', async () => {
    const entry = join(scratch.tree.staging(), 'publishing/example.com.json');
    outputFileSync(entry, 'garbage');
    expect(await store.finishHalfDonePublishes()).toEqual([
      { vhost: entry, outcome: 'failed', why: expect.stringContaining('it is not JSON') },
    ]);
    await store.publish(set('a'));
    expect(await store.finishHalfDonePublishes()).toEqual([]);
    expect(read(combined())).toContain('CERTIFICATE');
  });

  test('a lock that was lost stops it with the old set in place', async () => {
    await store.publish(set('a'));
    const before = read(combined());
    const lost = (): Promise<void> => Promise.reject(new StateError('LOCK_LOST', 'lost'));
    await expect(store.publish(set('b'), lost)).rejects.toMatchObject({ code: 'LOCK_LOST' });
    expect(read(combined())).toBe(before);
    expect(readdirSync(dirname(combined())).sort()).toEqual(['certificates', 'combined']);
  });
});

function set2(): string {
  return fakePair('a', []).keyPem + fakePair('b', []).keyPem;
}

test('whatever prefix of the steps a publication makes: combined is whole, and publishing again finishes it', async () => {
  const sets = ['a', 'b', 'c'].map((pair, index) => set(pair, NAMES.slice(0, index + 1)));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ which: fc.nat(2), stopAt: fc.nat(12) }), { minLength: 1, maxLength: 6 }),
      async (attempts) => {
        rmSync(ssl(''), { recursive: true, force: true });
        for (const { which, stopAt } of attempts) {
          let steps = 0;
          const stopping = storeWith(() => {
            steps += 1;
            if (steps === stopAt) throw new Error('stopped');
          });
          await stopping.publish(sets[which]!).catch(() => undefined);
          const evidence = await store.gatherEvidence(website);
          if (evidence.kind !== 'absent') {
            expect(sets.map((one) => one.keyPem + one.chainPem)).toContain(read(combined()));
          }
        }
        const last = sets[attempts.at(-1)!.which]!;
        await store.publish(last);
        expect(read(combined())).toBe(last.keyPem + last.chainPem);
        for (const name of NAMES.slice(0, attempts.at(-1)!.which + 1)) {
          expect(read(join(scratch.tree.domainTls(websiteRef(name).vhost), 'combined'))).toBe(
            read(combined()),
          );
        }
        expect(everythingBelow(scratch.root).filter((path) => path.includes('autossl-tmp'))).toEqual([]);
        expect(readdirSync(join(scratch.tree.staging(), 'publishing'))).toEqual([]);
        expect(archived().length).toBeLessThanOrEqual(3);
      },
    ),
    { numRuns: 15 },
  );
});

test.each(['rsa-2048', 'ecdsa-prime256v1', 'ecdsa-secp384r1'] as const)(
  'a real pair of type %s goes through and comes back with its key; another key does not',
  async (keyType) => {
    const real = new FileCertificateStore({ tree: scratch.tree, clock });
    const certificate = aCertificate({ names: ['example.com', '*.example.com'], keyType });
    const { keyPem, chainPem } = certificate;
    const other = keyPemOf(aKey(keyType, 'other'));
    await expect(real.publish({ website, keyPem: other, chainPem })).rejects.toMatchObject({
      code: 'PAIR_MISMATCH',
    });
    await real.publish({ website, keyPem, chainPem });
    const evidence = await real.gatherEvidence(website);
    expect(evidence).toMatchObject({
      kind: 'present',
      leaf: { der: certificate.der },
      chain: [{ isCa: true }],
    });
    expect(evidence.kind === 'present' && evidence.keySpki).toEqual(
      evidence.kind === 'present' && evidence.leaf.key.spki,
    );
    expect(readdirSync(ssl('domain_tls'))).toEqual(['_wildcard_.example.com', 'example.com']);
  },
);
