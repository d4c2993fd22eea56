import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import type {
  FileCertificateStore,
  PublishStep,
} from '../../../src/adapters/store/publication/certificates.js';
import {
  openServiceCertificates,
  serviceFilePaths,
  servicePemPath,
} from '../../../src/adapters/store/services/service-certificates.js';
import type { Tree } from '../../../src/adapters/system/tree.js';
import { SERVER_OWNER } from '../../../src/core/domain/account/hostname-owner.js';
import type { ServiceName } from '../../../src/core/domain/service/service-name.js';
import { fakeKeyMatches, fakePair, takeFakeApart, websiteRef } from '../../support/fake-pairs.js';
import { fixedClock } from '../../support/fixed-clock.js';
import { scratchTree } from '../../support/scratch.js';

const website = { ...websiteRef('mail.test'), account: SERVER_OWNER };
const [old, fresh] = [fakePair('1', ['mail.test']), fakePair('2', ['mail.test'])];
const textOf = ({ keyPem, chainPem }: typeof old) => keyPem + chainPem;
const removals: (() => void)[] = [];
afterEach(() => {
  for (const remove of removals.splice(0)) remove();
});
const aTree = (): Tree => {
  const { tree, remove } = scratchTree();
  removals.push(remove);
  return tree;
};

function store(
  tree: Tree,
  service: ServiceName,
  more: { keyGroup?: number; afterStep?: (step: PublishStep) => void } = {},
): FileCertificateStore {
  return openServiceCertificates({
    tree,
    service,
    clock: fixedClock('2026-06-01T00:00:00Z'),
    takeApart: takeFakeApart,
    keyMatchesCertificate: fakeKeyMatches,
    ...more,
  });
}

function plant(tree: Tree, service: ServiceName, file: string, text: string): void {
  mkdirSync(tree.serviceTls(service), { recursive: true });
  writeFileSync(join(tree.serviceTls(service), file), text, { mode: 0o600 });
}
const read = (tree: Tree, service: ServiceName, file: string): string =>
  readFileSync(join(tree.serviceTls(service), file), 'utf8');
const modeOf = (path: string): string => (statSync(path).mode & 0o7777).toString(8);

describe('the files that daemons name', () => {
  test.each<[ServiceName, Readonly<Record<string, string>>]>([
    ['cpanel', { 'cpanel.pem': textOf(old) }],
    ['exim', { 'exim.pem': textOf(old), 'exim.key': old.keyPem, 'exim.crt': old.chainPem }],
    ['dovecot', { 'dovecot.pem': textOf(old), 'dovecot.key': old.keyPem, 'dovecot.crt': old.chainPem }],
    ['ftp', { 'ftp.pem': textOf(old) }],
  ])('of %s follow from its set', async (service, files) => {
    const tree = aTree();
    await store(tree, service).publish({ website, ...old });
    for (const [file, text] of Object.entries(files))
      expect([file, read(tree, service, file)]).toEqual([file, text]);
    expect(serviceFilePaths(tree, service)).toContain(servicePemPath(tree, service));
  });

  test('go with it, and come back with the former one', async () => {
    const tree = aTree();
    const exim = store(tree, 'exim');
    await exim.publish({ website, ...old });
    const former = await exim.readFormer({ website, ...fresh });
    await exim.publish({ website, ...fresh });
    expect(read(tree, 'exim', 'exim.pem')).toBe(textOf(fresh));
    await exim.restore(website, former);
    expect(['exim.pem', 'exim.key', 'exim.crt'].map((file) => read(tree, 'exim', file))).toEqual([
      textOf(old),
      old.keyPem,
      old.chainPem,
    ]);
    await exim.restore(website, null);
    for (const path of serviceFilePaths(tree, 'exim')) expect(() => statSync(path)).toThrow(/ENOENT/);
  });

  test('keys are root’s alone', async () => {
    const tree = aTree();
    await store(tree, 'exim').publish({ website, ...old });
    const folder = tree.serviceTls('exim');
    const modes = ['combined', 'exim.pem', 'exim.key', 'exim.crt'].map((file) => modeOf(join(folder, file)));
    expect([modeOf(folder), ...modes]).toEqual(['711', '600', '600', '600', '644']);
  });

  test('are open to the daemon’s group where one is named, our own file is not', async () => {
    const tree = aTree();
    const folder = tree.serviceTls('exim');
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o700);
    await store(tree, 'exim', { keyGroup: 1 }).publish({ website, ...old });
    const modes = ['combined', 'exim.pem', 'exim.key'].map((file) => modeOf(join(folder, file)));
    expect([modeOf(folder), ...modes]).toEqual(['711', '600', '640', '640']);
    if (process.getuid?.() === 0) expect(statSync(join(folder, 'exim.pem')).gid).toBe(1);
    await store(tree, 'exim').publish({ website, ...old });
    expect(modeOf(join(folder, 'exim.pem'))).toBe('600');
  });

  test('services do not share them, nor what is archived of them', async () => {
    const tree = aTree();
    const [exim, ftp] = [store(tree, 'exim'), store(tree, 'ftp')];
    await exim.publish({ website, ...old });
    await exim.publish({ website, ...fresh });
    await ftp.publish({ website, ...fresh });
    expect(await exim.listArchived(website)).toHaveLength(1);
    expect(await ftp.listArchived(website)).toEqual([]);
    expect(read(tree, 'ftp', 'ftp.pem')).toBe(textOf(fresh));
  });
});

describe('a service that had a certificate before us', () => {
  test.each<[string, ServiceName, Readonly<Record<string, string>>]>([
    ['in one file', 'ftp', { 'ftp.pem': textOf(old) }],
    ['in two files', 'dovecot', { 'dovecot.key': old.keyPem, 'dovecot.crt': old.chainPem }],
  ])('%s: it is seen, archived, and put back', async (_, service, files) => {
    const tree = aTree();
    for (const [file, text] of Object.entries(files)) plant(tree, service, file, text);
    const one = store(tree, service);
    expect(await one.gatherEvidence(website)).toMatchObject({ kind: 'present' });
    expect(await one.readKey(website)).toBe(old.keyPem);
    expect(await one.placeIfAbsent({ website, ...fresh })).toBe(false);
    const former = await one.readFormer({ website, ...fresh });
    await one.publish({ website, ...fresh });
    expect(await one.listArchived(website)).toMatchObject([{ names: ['mail.test'], keyPem: old.keyPem }]);
    await one.restore(website, former);
    expect(await one.readKey(website)).toBe(old.keyPem);
    for (const [file, text] of Object.entries(files))
      expect(read(tree, service, file).trim()).toContain(text.trim());
  });

  test('a certificate without its key is seen as such', async () => {
    const tree = aTree();
    plant(tree, 'exim', 'exim.crt', old.chainPem);
    expect(await store(tree, 'exim').gatherEvidence(website)).toMatchObject({ kind: 'present' });
    expect(await store(tree, 'exim').readKey(website)).toBeUndefined();
  });
});

describe('a crash', () => {
  const steps: readonly PublishStep[] = [
    'journalled',
    'archived',
    'combined-staged',
    'combined',
    'certificates',
    'derived',
  ];
  test.each(steps)(
    'after the step “%s” leaves the old set or the new one, whole once the next run has begun',
    async (last) => {
      const tree = aTree();
      await store(tree, 'exim').publish({ website, ...old });
      const dying = store(tree, 'exim', {
        afterStep: (step) => {
          if (step === last) throw Object.assign(new Error('dead'), { code: 'EIO' });
        },
      });
      await expect(dying.publish({ website, ...fresh })).rejects.toMatchObject({ code: 'PUBLISH_FAILED' });
      forgetWriter(tree);
      const next = store(tree, 'exim');
      await next.finishHalfDonePublishes();
      const combined = read(tree, 'exim', 'combined');
      const isNew = steps.indexOf(last) >= steps.indexOf('combined');
      expect(combined).toBe(textOf(isNew ? fresh : old));
      expect(read(tree, 'exim', 'exim.pem')).toBe(combined);
      expect(read(tree, 'exim', 'exim.key') + read(tree, 'exim', 'exim.crt')).toBe(combined);
      expect((await next.readFormer({ website, ...fresh }))?.text).toBe(textOf(old));
    },
  );

  /** The journal entry, as if its process were gone. */
  function forgetWriter(tree: Tree): void {
    const path = join(tree.ofService('exim').staging(), 'publishing/mail.test.json');
    const entry = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify({ ...entry, madeBy: { ...entry.madeBy, pid: 999_999_999 } }));
  }
});
