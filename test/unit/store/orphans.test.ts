import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { outputFileSync, readJsonSync } from 'fs-extra/esm';
import { FileIssuedStore } from '../../../src/adapters/store/orders/issued.js';
import { FileOrphanNotes } from '../../../src/adapters/store/orphans/orphan-notes.js';
import { FileOrphanSets } from '../../../src/adapters/store/orphans/orphan-sets.js';
import type { TakeApart } from '../../../src/adapters/store/publication/archive.js';
import {
  FileCertificateStore,
  type PublishStep,
} from '../../../src/adapters/store/publication/certificates.js';
import { PLACEHOLDER_ORGANIZATION } from '../../../src/core/certificate/placeholder.js';
import { parseHostName } from '../../../src/core/domain/name/names.js';
import { namedPlacesOf } from '../../../src/core/plan/served/named-places.js';
import type { IssuedRecord } from '../../../src/runs/ports/orders.js';
import { fakeKeyMatches, fakePair, takeFakeApart, websiteRef } from '../../support/fake-pairs.js';
import { fixedClock } from '../../support/fixed-clock.js';
import { everythingBelow } from '../../support/folder-listing.js';
import { scratchTree } from '../../support/scratch.js';

const website = websiteRef('old.test');
const NAMES = ['old.test', '*.old.test', 'mail.old.test'];
const NOBODY_NAMES = namedPlacesOf([], []);
const held = async (): Promise<void> => undefined;
/** Later than every file of these tests is written. */
const AFTERWARDS = new Date(Date.now() + 3_600_000);

let scratch: ReturnType<typeof scratchTree>;
let clock: ReturnType<typeof fixedClock>;
const takeApart: TakeApart = (text, path) => {
  const evidence = takeFakeApart(text, path);
  if (evidence.kind !== 'present') return evidence;
  const issuerOrganizations = evidence.leaf.isSelfSigned ? [PLACEHOLDER_ORGANIZATION] : [];
  return { ...evidence, leaf: { ...evidence.leaf, issuerOrganizations } };
};
const certificates = (afterStep?: (step: PublishStep) => void): FileCertificateStore =>
  new FileCertificateStore({
    tree: scratch.tree,
    clock,
    takeApart,
    keyMatchesCertificate: fakeKeyMatches,
    ...(afterStep === undefined ? {} : { afterStep }),
  });
const setsWith = (store: FileCertificateStore): FileOrphanSets =>
  new FileOrphanSets({
    tree: scratch.tree,
    clock,
    sets: store,
    issued: new FileIssuedStore(scratch.tree, clock),
    takeApart,
  });
const publish = (pair: string, names = NAMES, notAfter?: string) =>
  certificates().publish({ website, ...fakePair(pair, names, notAfter) });
const ssl = (path: string): string => scratch.tree.at(`/var/cpanel/ssl/${path}`);
const below = (path: string): readonly string[] => (existsSync(ssl(path)) ? everythingBelow(ssl(path)) : []);
const textOf = (pair: string, names = NAMES, notAfter?: string): string => {
  const { keyPem, chainPem } = fakePair(pair, names, notAfter);
  return keyPem + chainPem;
};
/** What is kept of it, oldest first. */
const archived = (): readonly string[] => {
  const folder = join(scratch.tree.archive(), 'old.test');
  return existsSync(folder)
    ? readdirSync(folder)
        .sort()
        .map((set) => readFileSync(join(folder, set, 'combined'), 'utf8'))
    : [];
};
const isUntouched = (): boolean =>
  readFileSync(scratch.tree.combined(website.vhost), 'utf8') === textOf('pair') &&
  existsSync(ssl('apache_tls/old.test/certificates')) &&
  ['old.test', '_wildcard_.old.test', 'mail.old.test'].every((name) =>
    existsSync(ssl(`domain_tls/${name}/combined`)),
  ) &&
  archived().length === 0;

/** The process that wrote this journal entry is gone since the machine was started anew. */
function forgetProcess(path: string): void {
  if (!existsSync(path)) return;
  const entry = readJsonSync(path);
  writeFileSync(path, JSON.stringify({ ...entry, madeBy: { ...entry.madeBy, bootId: 'an earlier one' } }));
}

beforeEach(() => {
  scratch = scratchTree();
  clock = fixedClock('2026-06-01T00:00:00Z');
});
afterEach(() => scratch.remove());

describe('archiving what a removed website left', () => {
  test('moves the set into the archive, for root alone, and leaves nothing of it for servers', async () => {
    await publish('pair');
    const outcome = await setsWith(certificates()).archive(website, NOBODY_NAMES, AFTERWARDS, held);
    expect(outcome).toEqual({ state: 'archived' });
    expect(archived()).toEqual([textOf('pair')]);
    const [set = ''] = readdirSync(join(scratch.tree.archive(), 'old.test'));
    expect(statSync(join(scratch.tree.archive(), 'old.test', set, 'combined')).mode & 0o777).toBe(0o600);
    expect([...below('apache_tls'), ...below('domain_tls')]).toEqual([]);
    expect(below('autossl/staging/publishing')).toEqual([]);
  });

  test('leaves copies that are another website’s by now', async () => {
    await publish('pair');
    const other = websiteRef('mail.old.test');
    await certificates().publish({ website: other, ...fakePair('other', ['mail.old.test']) });
    await setsWith(certificates()).archive(website, NOBODY_NAMES, AFTERWARDS, held);
    expect(below('domain_tls')).toEqual(['mail.old.test/', 'mail.old.test/combined']);
  });

  test('leaves a folder in which somebody put something', async () => {
    await publish('pair');
    writeFileSync(ssl('apache_tls/old.test/notes.txt'), 'mine');
    await setsWith(certificates()).archive(website, NOBODY_NAMES, AFTERWARDS, held);
    expect(below('apache_tls')).toEqual(['old.test/', 'old.test/notes.txt']);
  });

  test('keeps no placeholder', async () => {
    await certificates().placeIfAbsent({ website, ...fakePair('placeholder', NAMES, undefined, true) });
    await setsWith(certificates()).archive(website, NOBODY_NAMES, AFTERWARDS, held);
    expect(archived()).toEqual([]);
    expect(below('apache_tls')).toEqual([]);
  });

  describe('a server that names', () => {
    const siteOf = (certificateFile: string) => ({
      certificates: [{ certificateFile, keyFile: certificateFile, isVariable: false }],
    });
    test.each<[string, () => string]>([
      ['the set', () => ssl('apache_tls/old.test/combined')],
      ['the chain beside it', () => ssl('apache_tls/old.test/certificates')],
      ['a copy', () => ssl('domain_tls/mail.old.test/combined')],
      ['a file of its folder that is not there', () => ssl('apache_tls/old.test/gone.pem')],
      ['a file for each name', () => ssl('apache_tls/$ssl_server_name/combined')],
      ['a copy for each name', () => ssl('domain_tls/$ssl_server_name/combined')],
      [
        'a link to the set',
        () => {
          symlinkSync(ssl('apache_tls/old.test/combined'), join(scratch.root, 'link.pem'));
          return join(scratch.root, 'link.pem');
        },
      ],
      [
        'the set by the way of a linked folder',
        () => {
          symlinkSync(ssl('apache_tls'), join(scratch.root, 'tls'));
          return join(scratch.root, 'tls/old.test/combined');
        },
      ],
    ])('%s keeps all of it', async (_, path) => {
      await publish('pair');
      const named = namedPlacesOf([siteOf(path())], []);
      expect(await setsWith(certificates()).archive(website, named, AFTERWARDS, held)).toEqual({
        state: 'named',
      });
      expect(isUntouched()).toBe(true);
    });

    test('it somewhere in its text keeps all of it', async () => {
      await publish('pair');
      const named = namedPlacesOf([], ['stream { ssl_certificate /x/apache_tls/old.test/combined; }']);
      expect(await setsWith(certificates()).archive(website, named, AFTERWARDS, held)).toEqual({
        state: 'named',
      });
      expect(isUntouched()).toBe(true);
    });

    test('a website whose name ends or begins so keeps nothing', async () => {
      await publish('pair');
      const others = ['a.old.test', 'old.test.example', 'bold.test'];
      const named = namedPlacesOf(
        others.map((name) => siteOf(ssl(`apache_tls/${name}/combined`))),
        others.map((name) => `ssl_certificate /var/cpanel/ssl/apache_tls/${name}/combined;`),
      );
      const outcome = await setsWith(certificates()).archive(website, named, AFTERWARDS, held);
      expect(outcome).toEqual({ state: 'archived' });
    });
  });

  test('leaves what was replaced after the run began', async () => {
    await publish('pair');
    const begunAt = new Date(statSync(scratch.tree.combined(website.vhost)).mtimeMs - 1000);
    const outcome = await setsWith(certificates()).archive(website, NOBODY_NAMES, begunAt, held);
    expect(outcome).toMatchObject({ state: 'left' });
    expect(isUntouched()).toBe(true);
  });

  test('leaves a link, and what it leads to', async () => {
    await publish('pair');
    const elsewhere = join(scratch.root, 'elsewhere.pem');
    writeFileSync(elsewhere, textOf('theirs'));
    rmSync(scratch.tree.combined(website.vhost));
    symlinkSync(elsewhere, scratch.tree.combined(website.vhost));
    const outcome = await setsWith(certificates()).archive(website, NOBODY_NAMES, AFTERWARDS, held);
    expect(outcome).toMatchObject({ state: 'left' });
    expect(readFileSync(scratch.tree.combined(website.vhost), 'utf8')).toBe(textOf('theirs'));
  });

  test('does nothing without its lock', async () => {
    await publish('pair');
    const lost = async (): Promise<void> => {
      throw new Error('lost');
    };
    await expect(setsWith(certificates()).archive(website, NOBODY_NAMES, AFTERWARDS, lost)).rejects.toThrow(
      'lost',
    );
    expect(readFileSync(scratch.tree.combined(website.vhost), 'utf8')).toBe(textOf('pair'));
  });

  /** The steps of withdrawing a set with three names, as the store counts them. */
  const STEPS = 8;
  test.each(Array.from({ length: STEPS }, (_, index) => index + 1))(
    'stopped at step %i it is finished by the next run, with one set in the archive',
    async (stop) => {
      await publish('pair');
      let left = stop;
      const dying = certificates(() => {
        left -= 1;
        if (left === 0) throw new Error('killed');
      });
      await expect(setsWith(dying).archive(website, NOBODY_NAMES, AFTERWARDS, held)).rejects.toThrow(
        'killed',
      );
      forgetProcess(ssl('autossl/staging/publishing/old.test.json'));
      clock.set('2026-06-02T00:00:00Z');
      const store = certificates();
      await store.finishHalfDonePublishes();
      if (existsSync(ssl('apache_tls/old.test')))
        expect(await setsWith(store).archive(website, NOBODY_NAMES, AFTERWARDS, held)).toEqual({
          state: 'archived',
        });
      expect(archived()).toEqual([textOf('pair')]);
      expect(below('apache_tls')).toEqual([]);
      expect(below('domain_tls').filter((path) => path.endsWith('combined'))).toEqual([]);
      expect(below('autossl/staging/publishing')).toEqual([]);
    },
  );
});

describe('forgetting what is archived', () => {
  const record = (notAfter: string): IssuedRecord => ({
    fingerprint: notAfter,
    account: 'alice',
    vhost: 'old.test',
    provider: 'CustomACME',
    directoryUrl: '',
    acmeAccountUrl: null,
    orderUrl: null,
    orderId: '',
    names: ['old.test'],
    because: [],
    ariCertificateId: null,
    serial: '01',
    notBefore: '2026-01-01T00:00:00Z',
    notAfter,
    issuedAt: '2026-01-01T00:00:00Z',
  });

  test.each<[string, string, string, boolean]>([
    ['a certificate that we recorded is still valid', '2026-06-02T00:00:00Z', '2026-05-01T00:00:00Z', false],
    ['a former set is still valid', '2026-05-01T00:00:00Z', '2026-06-02T00:00:00Z', false],
    ['all has expired', '2026-05-01T00:00:00Z', '2026-05-01T00:00:00Z', true],
  ])('%s', async (_, recorded, kept, isForgotten) => {
    const issued = new FileIssuedStore(scratch.tree, fixedClock('2026-04-01T00:00:00Z'));
    await issued.add(record(recorded));
    await publish('pair', NAMES, kept);
    const sets = setsWith(certificates());
    await sets.archive(website, NOBODY_NAMES, AFTERWARDS, held);
    expect(await sets.forgetExpired('old.test', clock.now())).toBe(isForgotten);
    expect(existsSync(ssl('autossl/issued/old.test.json'))).toBe(!isForgotten);
    expect(archived()).toHaveLength(isForgotten ? 0 : 1);
  });
});

describe('the copy of a former certificate under a name', () => {
  const old = new Date('2026-01-01T00:00:00Z');
  const aMonthAgo = new Date('2026-05-02T00:00:00Z');
  /** The website has a newer certificate without the name. */
  async function leftBehind(): Promise<FileOrphanSets> {
    await publish('pair');
    await publish('newer', ['old.test', '*.old.test']);
    utimesSync(ssl('domain_tls/mail.old.test/combined'), old, old);
    return setsWith(certificates());
  }

  test('is read when it is old enough, and removed with its folder', async () => {
    const sets = await leftBehind();
    const copy = sets.readCopy('mail.old.test', aMonthAgo);
    expect(copy).toMatchObject({ name: 'mail.old.test', certified: NAMES });
    if (copy === null) return;
    expect(await sets.removeCopy(copy, website, NOBODY_NAMES)).toBe(true);
    expect(existsSync(ssl('domain_tls/mail.old.test'))).toBe(false);
    expect(existsSync(ssl('domain_tls/old.test/combined'))).toBe(true);
  });

  test('is not read when it is young, a link, no certificate or not there', async () => {
    const sets = await leftBehind();
    expect(sets.readCopy('mail.old.test', old)).toBeNull();
    expect(sets.readCopy('never.test', aMonthAgo)).toBeNull();
    mkdirSync(ssl('domain_tls/link.test'), { recursive: true });
    symlinkSync(ssl('domain_tls/mail.old.test/combined'), ssl('domain_tls/link.test/combined'));
    expect(sets.readCopy('link.test', AFTERWARDS)).toBeNull();
    writeFileSync(ssl('domain_tls/mail.old.test/combined'), 'nothing');
    expect(sets.readCopy('mail.old.test', AFTERWARDS)).toBeNull();
  });

  test('stays when a server names it, when it was replaced, and when it is what the website has', async () => {
    const sets = await leftBehind();
    const copy = sets.readCopy('mail.old.test', aMonthAgo);
    if (copy === null) throw new Error('there is no copy');
    const named = namedPlacesOf([], ['ssl_certificate /var/cpanel/ssl/domain_tls/mail.old.test/combined;']);
    expect(await sets.removeCopy(copy, website, named)).toBe(false);
    writeFileSync(scratch.tree.combined(website.vhost), textOf('pair'));
    expect(await sets.removeCopy(copy, website, NOBODY_NAMES)).toBe(false);
    writeFileSync(ssl('domain_tls/mail.old.test/combined'), textOf('newer'));
    expect(await sets.removeCopy(copy, website, NOBODY_NAMES)).toBe(false);
    expect(existsSync(ssl('domain_tls/mail.old.test/combined'))).toBe(true);
  });
});

describe('what lies on disk by name', () => {
  const write = (path: string, text = '{}'): void => {
    outputFileSync(ssl(path), text);
  };

  test('is taken from the names of files and folders; long ones tell in their record', () => {
    const long = `${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(40)}.test`;
    for (const folder of ['old.test', '_wildcard_.x.test', 'lost+found', 'UPPER.test'])
      mkdirSync(ssl(`apache_tls/${folder}`), { recursive: true });
    mkdirSync(ssl('domain_tls/mail.old.test'), { recursive: true });
    write('autossl/issued/gone.test.json');
    write('autossl/issued/gone.test.json.damaged');
    const digest = `${long.slice(0, 167)}~${'0'.repeat(32)}.json`;
    write(`autossl/issued/${digest}`, JSON.stringify({ schemaVersion: 1, vhost: long }));
    write('autossl/names/www.old.test.json');
    write('autossl/problems/alice.json');
    const onDisk = new FileOrphanNotes(scratch.tree).listOnDisk();
    expect([...onDisk.websites].sort()).toEqual(
      ['*.x.test', parseHostName(long), 'gone.test', 'old.test'].sort(),
    );
    expect([...onDisk.copies]).toEqual(['mail.old.test']);
    expect([...onDisk.remembered]).toEqual(['www.old.test']);
    expect([...onDisk.accounts]).toEqual(['alice']);
  });

  test('is nothing in a new tree; a folder that cannot be listed is said', () => {
    const notes = new FileOrphanNotes(scratch.tree);
    expect([...notes.listOnDisk().websites]).toEqual([]);
    write('apache_tls', 'a file');
    expect(() => notes.listOnDisk()).toThrow(expect.objectContaining({ code: 'TREE_UNREADABLE' }));
  });

  test('notes are kept with the keys that we do not know, and the file goes with the last', async () => {
    const notes = new FileOrphanNotes(scratch.tree);
    expect(notes.read()).toEqual([]);
    write('autossl/orphans.json', JSON.stringify({ schemaVersion: 1, websites: [], later: 7 }));
    const note = { vhost: 'old.test', account: null, goneSince: '2026-06-01T00:00:00.000Z' };
    await notes.write([note]);
    expect(notes.read()).toEqual([note]);
    expect(readJsonSync(ssl('autossl/orphans.json'))).toMatchObject({ later: 7 });
    expect(statSync(ssl('autossl/orphans.json')).mode & 0o777).toBe(0o600);
    await notes.write([]);
    expect(existsSync(ssl('autossl/orphans.json'))).toBe(false);
  });

  test('retry memories that were written lately stay', async () => {
    write('autossl/names/old.test.json');
    write('autossl/names/late.test.json');
    const longAgo = new Date('2020-01-01T00:00:00Z');
    utimesSync(ssl('autossl/names/old.test.json'), longAgo, longAgo);
    const names = ['old.test', 'late.test', 'never.test'];
    await new FileOrphanNotes(scratch.tree).forgetNames(names, new Date('2020-02-01T00:00:00Z'));
    expect(below('autossl/names')).toEqual(['late.test.json']);
  });
});
