import { beforeEach, describe, expect, test } from '@jest/globals';
import { parseHostName } from '../../../src/core/domain/name/names.js';
import { type RollbackHost, rollBackWebsite } from '../../../src/runs/rollback-website.js';
import { evaluateFake, FAKE_LIFE_MS } from '../../support/fake-certificate.js';
import { FakeHost } from '../../support/fake-host.js';
import { fakeInstall } from '../../support/fake-install.js';
import { fakePair, takeFakeApart, websiteRef } from '../../support/fake-pairs.js';
import { MemoryCertificateStore } from '../../support/memory-certificates.js';

const NAMES = ['a.test', 'www.a.test'];
const set = (pair: string, names: readonly string[], notAfter: string) => ({
  website: websiteRef('a.test'),
  ...fakePair(pair, names, notAfter),
});
const OLD = set('old', ['a.test'], '2026-07-20T00:00:00Z');
const NEW = set('new', NAMES, '2026-08-20T00:00:00Z');

let fake: FakeHost;
let certificates: MemoryCertificateStore;
let host: RollbackHost;
let warnings: string[];
/** What lay there when the first warning came. */
let whenWarned: string | undefined;

beforeEach(async () => {
  fake = new FakeHost().account('alice', [NAMES]);
  warnings = [];
  certificates = new MemoryCertificateStore(fake.clock, (chainPem) => {
    const found = takeFakeApart(chainPem, 'chain');
    if (found.kind !== 'present') throw new Error('no fake chain');
    return { ...found.leaf, names: found.leaf.dnsNames };
  });
  host = {
    clock: fake.clock,
    accounts: fake.accounts,
    certificates,
    locks: fake.locks,
    orders: fake.orders,
    issued: fake.issued,
    settings: { clobberExternallySigned: false },
    evaluate: (website, evidence, issued, now) => {
      if (evidence.kind !== 'present') return evaluateFake(website, undefined, issued, now);
      const { dnsNames: names, notAfter, fingerprint } = evidence.leaf;
      const notBefore = new Date(notAfter.getTime() - FAKE_LIFE_MS);
      return evaluateFake(website, { names, notBefore, notAfter, fingerprint }, issued, now);
    },
    evidenceOf: ({ chainPem }) => takeFakeApart(chainPem, 'archive'),
    openInstall: async () => ({ ...fakeInstall(fake), certificates }),
  };
  await certificates.publish(OLD);
  await certificates.publish(NEW);
});

const inPlace = (): string | undefined => certificates.texts.get('a.test');
const rollBack = (vhost = 'a.test', signal = new AbortController().signal) =>
  rollBackWebsite(
    { vhost: parseHostName(vhost), to: null },
    host,
    (warning) => {
      whenWarned ??= inPlace();
      warnings.push(warning);
    },
    () => undefined,
    signal,
  );

describe('going back to a former certificate', () => {
  test('says what speaks against it before anything is touched, then does it', async () => {
    const report = await rollBack();
    expect(warnings).toEqual([
      'It ends 2026-07-20T00:00:00.000Z, 31.0 days before the one in place.',
      'It does not cover www.a.test.',
    ]);
    expect(whenWarned).toBe(NEW.keyPem + NEW.chainPem);
    expect(report).toMatchObject({ exitCode: 0, outcome: 'published', warnings });
    expect([inPlace(), fake.reloads]).toEqual([OLD.keyPem + OLD.chainPem, 1]);
    expect(fake.servedRecords.get('a.test')).toMatchObject({ wanted: NAMES, issued: { names: ['a.test'] } });
    expect(fake.locks.held).toEqual([]);
  });

  test('of ours it is said that a run will put another in its place', async () => {
    const remembered = {
      names: NAMES,
      notBefore: new Date('2026-04-01T00:00:00Z'),
      notAfter: new Date('2026-07-01T00:00:00Z'),
    };
    for (const pair of ['old', 'new']) {
      const fingerprint = Buffer.from(pair).toString('hex').padEnd(64, '0');
      fake.remember('a.test', { ...remembered, fingerprint }, ['NAMES_MISSING']);
    }
    await rollBack();
    expect(warnings.at(-1)).toMatch(
      /^A run will order a new certificate in its place: NAMES_MISSING was found/,
    );
  });

  test('stopped while another installation is under way, it leaves everything as it is', async () => {
    fake.locks.holdElsewhere('install:web', { pid: 7, startedAt: '', note: 'a batch' });
    const controller = new AbortController();
    const stopped = rollBack('a.test', controller.signal);
    controller.abort(new Error('stopped by SIGTERM'));
    await expect(stopped).rejects.toMatchObject({ code: 'LOCKED', advice: 'Nothing was changed.' });
    expect(inPlace()).toBe(NEW.keyPem + NEW.chainPem);
    expect(fake.locks.held).toEqual(['install:web']);
  });

  test('a server that fails its reload: what lay there lies there, and the command is to be given again', async () => {
    fake.reloadFault = 'no more memory';
    expect(await rollBack()).toMatchObject({
      exitCode: 1,
      outcome: 'restored',
      code: 'RELOAD_FAILED',
      message: expect.stringContaining('no more memory'),
      advice: 'When that is mended, give the command again.',
    });
    expect(inPlace()).toBe(NEW.keyPem + NEW.chainPem);
  });

  test('a website that nobody has, where an account cannot be read: both are said', async () => {
    fake.inventories.push({
      state: 'broken',
      account: 'bob',
      fault: { code: 'ACCOUNT_FILE_INVALID', path: '/x', vhost: null, message: '/x is damaged' },
    });
    await expect(rollBack('b.test')).rejects.toMatchObject({
      code: 'BAD_ARGUMENT',
      message: 'no account has a website “b.test”, as far as can be read: 1 account is broken',
    });
  });
});
