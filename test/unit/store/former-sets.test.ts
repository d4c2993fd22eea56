import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { outputFileSync } from 'fs-extra/esm';
import { FileCertificateStore } from '../../../src/adapters/store/publication/certificates.js';
import { StateError } from '../../../src/core/domain/autossl-error.js';
import { fakeKeyMatches, fakePair, takeFakeApart, websiteRef } from '../../support/fake-pairs.js';
import { fixedClock } from '../../support/fixed-clock.js';
import { everythingBelow } from '../../support/folder-listing.js';
import { aCertificate, aKey, keyPemOf } from '../../support/pki.js';
import { scratchTree } from '../../support/scratch.js';

const website = websiteRef('example.com');
const OLD = { website, ...fakePair('old', ['example.com', 'old.example.com']) };
const NEW = { website, ...fakePair('new', ['example.com', 'new.example.com']) };
const PLACEHOLDER = { website, ...fakePair('own', ['example.com'], '2036-01-01T00:00:00Z', true) };
let scratch: ReturnType<typeof scratchTree>;
let clock: ReturnType<typeof fixedClock>;
let store: FileCertificateStore;

beforeEach(() => {
  scratch = scratchTree();
  clock = fixedClock('2026-06-01T00:00:00Z');
  store = new FileCertificateStore({
    tree: scratch.tree,
    clock,
    takeApart: takeFakeApart,
    keyMatchesCertificate: fakeKeyMatches,
  });
});
afterEach(() => scratch.remove());
const combined = (): string => scratch.tree.combined(website.vhost);
const certificates = (): string => join(dirname(combined()), 'certificates');
const copyOf = (name: string): string => scratch.tree.at(`/var/cpanel/ssl/domain_tls/${name}/combined`);
const read = (path: string): string => readFileSync(path, 'utf8');
const textOf = ({ keyPem, chainPem }: typeof OLD): string => keyPem + chainPem;
const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

describe('putting a former set back', () => {
  test('gives every name of it its copy, and takes those of the withdrawn set away', async () => {
    await store.publish(OLD);
    const former = await store.readFormer(NEW);
    await store.publish(NEW);
    await store.restore(website, former);
    expect([read(combined()), read(certificates())]).toEqual([textOf(OLD), OLD.chainPem]);
    expect([read(copyOf('example.com')), read(copyOf('old.example.com'))]).toEqual([
      textOf(OLD),
      textOf(OLD),
    ]);
    expect(isThere(copyOf('new.example.com'))).toBe(false);
    expect(statSync(combined()).mode & 0o7777).toBe(0o600);
  });

  test('leaves a copy that another website has replaced since', async () => {
    await store.publish(OLD);
    const former = await store.readFormer(NEW);
    await store.publish(NEW);
    writeFileSync(copyOf('new.example.com'), 'of another website');
    await store.restore(website, former);
    expect(read(copyOf('new.example.com'))).toBe('of another website');
  });

  test('gives an expired set the copies back that it had, and no others', async () => {
    const expired = {
      website,
      ...fakePair('gone', ['example.com', 'x.example.com'], '2026-06-10T00:00:00Z'),
    };
    await store.publish(expired);
    rmSync(copyOf('x.example.com'));
    clock.set('2026-07-01T00:00:00Z');
    const former = await store.readFormer(NEW);
    await store.publish(NEW);
    await store.restore(website, former);
    expect(read(copyOf('example.com'))).toBe(textOf(expired));
    expect([isThere(copyOf('x.example.com')), isThere(copyOf('new.example.com'))]).toEqual([false, false]);
  });

  test('puts back what is no certificate, as it was', async () => {
    outputFileSync(combined(), 'notes\n');
    const former = await store.readFormer(NEW);
    expect(former).toEqual({ text: 'notes\n', fingerprint: null });
    await store.publish(NEW);
    await store.restore(website, former);
    expect(read(combined())).toBe('notes\n');
    expect([isThere(certificates()), isThere(copyOf('example.com'))]).toEqual([false, false]);
  });

  test('puts an empty file back as an empty file', async () => {
    outputFileSync(combined(), '');
    const former = await store.readFormer(NEW);
    await store.publish(NEW);
    await store.restore(website, former);
    expect(read(combined())).toBe('');
  });

  test('where nothing lay leaves nothing, not even the certificates beside it', async () => {
    const former = await store.readFormer(NEW);
    await store.publish(NEW);
    await store.restore(website, former);
    const left = everythingBelow(scratch.tree.at('/var/cpanel/ssl')).filter((path) => !path.endsWith('/'));
    expect(left).toEqual([]);
  });

  test('stops with the new set in place when the lock was lost', async () => {
    await store.publish(OLD);
    const former = await store.readFormer(NEW);
    await store.publish(NEW);
    const lost = (): Promise<void> => Promise.reject(new StateError('LOCK_LOST', 'lost'));
    await expect(store.restore(website, former, lost)).rejects.toMatchObject({ code: 'LOCK_LOST' });
    expect([read(combined()), read(copyOf('new.example.com'))]).toEqual([textOf(NEW), textOf(NEW)]);
    await store.restore(website, former);
    expect(isThere(copyOf('new.example.com'))).toBe(false);
  });

  test('what an interrupted one left is finished by the next publication', async () => {
    await store.publish(OLD);
    const former = await store.readFormer(NEW);
    await store.publish(NEW);
    const stopping = new FileCertificateStore({
      tree: scratch.tree,
      clock,
      takeApart: takeFakeApart,
      keyMatchesCertificate: fakeKeyMatches,
      afterStep: (step) => {
        if (step === 'combined') throw new Error('stopped');
      },
    });
    await expect(stopping.restore(website, former)).rejects.toThrow('stopped');
    expect(read(copyOf('new.example.com'))).toBe(textOf(NEW));
    await store.publish({ website, ...fakePair('third', ['example.com']) });
    expect(isThere(copyOf('new.example.com'))).toBe(false);
  });

  test('a folder in its place is a fault that names the website', async () => {
    mkdirSync(join(combined(), 'inside'), { recursive: true });
    await expect(store.restore(website, null)).rejects.toMatchObject({
      code: 'PUBLISH_FAILED',
      message: expect.stringContaining('example.com'),
    });
    expect(isThere(join(combined(), 'inside'))).toBe(true);
  });
});

describe('placing a first set', () => {
  test('writes it with its modes, and no copies for mail of what nobody signed', async () => {
    expect(await store.placeIfAbsent(PLACEHOLDER)).toBe(true);
    expect([read(combined()), read(certificates())]).toEqual([textOf(PLACEHOLDER), PLACEHOLDER.chainPem]);
    expect(statSync(combined()).mode & 0o7777).toBe(0o600);
    expect(statSync(combined()).nlink).toBe(1);
    expect(isThere(copyOf('example.com'))).toBe(false);
    expect(isThere(scratch.tree.archive())).toBe(false);
  });

  test.each<[string, () => void]>([
    ['an empty file', () => writeFileSync(combined(), '')],
    ['a link that leads nowhere', () => symlinkSync('nowhere', combined())],
    ['a link to a file', () => symlinkSync('/etc/hostname', combined())],
    ['a folder', () => mkdirSync(combined())],
  ])('never over %s', async (_, make) => {
    mkdirSync(dirname(combined()), { recursive: true });
    make();
    const before = lstatSync(combined());
    expect(await store.placeIfAbsent(PLACEHOLDER)).toBe(false);
    expect(lstatSync(combined())).toEqual(before);
    expect(readdirSync(dirname(combined()))).toEqual(['combined']);
  });

  test('never over what somebody put there in the last moment', async () => {
    const racing = new FileCertificateStore({
      tree: scratch.tree,
      clock,
      takeApart: takeFakeApart,
      keyMatchesCertificate: fakeKeyMatches,
      afterStep: (step) => {
        if (step === 'combined-staged') symlinkSync('nowhere', combined());
      },
    });
    expect(await racing.placeIfAbsent(PLACEHOLDER)).toBe(false);
    expect(readdirSync(dirname(combined()))).toEqual(['combined']);
    expect(readdirSync(join(scratch.tree.staging(), 'publishing'))).toEqual([]);
  });

  test('refuses a key of another certificate, and a folder that is a link out of the tree', async () => {
    await expect(store.placeIfAbsent({ ...PLACEHOLDER, keyPem: OLD.keyPem })).rejects.toMatchObject({
      code: 'PAIR_MISMATCH',
    });
    const victim = scratchTree();
    mkdirSync(dirname(dirname(combined())), { recursive: true });
    symlinkSync(victim.root, dirname(combined()));
    await expect(store.placeIfAbsent(PLACEHOLDER)).rejects.toMatchObject({ code: 'PUBLISH_FAILED' });
    expect(readdirSync(victim.root)).toEqual([]);
    victim.remove();
  });
});

describe('what is offered to go back to', () => {
  const archive = (name: string, text: string): void => {
    const folder = join(scratch.tree.archive(), 'example.com', name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'combined'), text);
  };

  test('leaves out what is damaged, without its key or without its instant', async () => {
    archive('2026-05-01T00:00:00.000Z-aaaaaaaa', 'notes');
    archive('2026-05-02T00:00:00.000Z-bbbbbbbb', OLD.chainPem);
    archive('2026-05-03T00:00:00.000Z-cccccccc', NEW.keyPem + OLD.chainPem);
    archive('once-dddddddd', textOf(OLD));
    archive('2026-05-04T00:00:00.000Z-eeeeeeee', `a note\n${textOf(OLD)}`);
    mkdirSync(join(scratch.tree.archive(), 'example.com/2026-05-05T00:00:00.000Z-ffffffff'));
    expect(await store.listArchived(website)).toEqual([
      expect.objectContaining({
        keyPem: OLD.keyPem,
        chainPem: OLD.chainPem,
        archivedAt: new Date('2026-05-04T00:00:00.000Z'),
      }),
    ]);
  });

  test('begins with the leaf, in whatever order a foreign file had it', async () => {
    const real = new FileCertificateStore({ tree: scratch.tree, clock });
    const leaf = aCertificate({ names: ['example.com'] });
    const [first = '', ...others] = leaf.chainPem.split(/(?<=-----END CERTIFICATE-----\n)/);
    archive('2026-05-01T00:00:00.000Z-aaaaaaaa', others.join('') + first + leaf.keyPem);
    archive('2026-05-02T00:00:00.000Z-bbbbbbbb', leaf.chainPem + keyPemOf(aKey('rsa-2048', 'other')));
    expect((await real.listArchived(website)).map(({ chainPem }) => chainPem)).toEqual([leaf.chainPem]);
  });
});
