import { describe, expect, test } from '@jest/globals';
import { takeCombinedApart } from '../../../src/core/certificate/pem/combined.js';
import { StateError } from '../../../src/core/domain/autossl-error.js';
import { parseHostName } from '../../../src/core/domain/name/names.js';
import type { CaaSight } from '../../../src/core/report/why/caa-sight.js';
import type { WhyReport } from '../../../src/core/report/why/why-report.js';
import { whyDomain } from '../../../src/runs/why-domain/why-domain.js';
import type { WhyHost } from '../../../src/runs/why-domain/why-host.js';
import { FAKE_NOW, FakeHost } from '../../support/fake-host.js';
import { MemoryServedStore } from '../../support/memory-stores.js';
import { aCertificate } from '../../support/pki.js';

const NIGHT = new Date('2026-06-01T02:14:00.000Z');

function aServer(): { readonly host: WhyHost; readonly fake: FakeHost } {
  const fake = new FakeHost();
  fake
    .account('alice', [['a.test', 'www.a.test'], ['b.test']])
    .certificate('a.test', ['a.test', 'www.a.test']);
  const host: WhyHost = {
    accounts: fake.accounts,
    // What is judged is the fake's; what is only shown is that of a real certificate.
    certificates: {
      gatherEvidence: async ({ vhost }) =>
        fake.present.has(vhost)
          ? takeCombinedApart(aCertificate({ names: [vhost, `www.${vhost}`] }).combined, vhost)
          : { kind: 'absent', path: vhost },
    },
    issued: fake.issued,
    orders: fake.orders,
    problems: fake.problems,
    served: new MemoryServedStore(),
    clock: fake.clock,
    evaluate: fake.evaluate,
    settings: fake.settings,
    certificatePath: (vhost) => `/tls/${vhost}`,
    names: fake.names,
    ledger: fake.ledger,
    due: fake.due,
    logs: { folderOf: async (startedAt) => `/logs/${startedAt}` },
    provider: fake.provider,
    used: { state: 'chosen', name: fake.provider.name, displayName: fake.provider.displayName },
    replacingAccount: async () => null,
    hostname: 'server1.test',
    readSchedule: async () => ({ nextRunAt: NIGHT, isPolled: true }),
    readExclusion: async () => ({ file: '/x', by: null, at: null, changedAt: null }),
    view: { preflight: fake.preflight, openSolver: () => fake.openSolver(), cannotPlace: null },
  };
  return { host, fake };
}
const ask = (host: WhyHost, name: string, isLookAsked = true): Promise<WhyReport> =>
  whyDomain({ name: parseHostName(name), isLookAsked, signal: new AbortController().signal }, host);
const damaged = async (): Promise<never> => {
  throw new StateError('CORRUPT_RECORD', 'the record cannot be used', { advice: 'Restore it.' });
};

describe('why a name is secured or not', () => {
  test('is answered from every record of it', async () => {
    const { host, fake } = aServer();
    await fake.names.write({
      schemaVersion: 1,
      name: 'b.test',
      lastPassedAt: null,
      consecutiveFailures: 1,
      caFailures: [{ at: FAKE_NOW, provider: 'CustomACME', code: 'dns' }],
      lastFailure: { at: FAKE_NOW, code: 'dns', message: 'no \u001b', source: 'ca' },
      nextAttemptAt: '2026-06-01T01:00:00.000Z',
    });
    await fake.due.write({
      until: '2026-06-02T00:00:00.000Z',
      websites: [
        {
          account: 'alice',
          vhost: 'b.test',
          dueAt: '2026-06-01T01:00:00.000Z',
          emergencyAt: null,
          logStartedAt: null,
        },
      ],
    });
    fake.problems.records.set('alice', [
      {
        domain: 'b.test',
        vhost: 'b.test',
        code: 'CA_REFUSED_NAME',
        message: 'refused',
        advice: 'Mend it.',
        fault: 'owner',
        at: FAKE_NOW,
        logStartedAt: '2026-06-01T00:00:00Z',
      },
      {
        domain: 'a.test',
        vhost: 'a.test',
        code: 'X',
        message: '',
        advice: null,
        at: FAKE_NOW,
        logStartedAt: null,
      },
    ]);
    expect(await ask(host, 'b.test')).toMatchObject({
      verdict: { code: 'PUT_ASIDE' },
      problem: { code: 'CA_REFUSED_NAME', log: '/logs/2026-06-01T00:00:00Z' },
      otherProblems: [],
      refusals: { last: { message: 'no \\u{1b}' } },
      next: { at: '2026-06-01T01:00:00.000Z', because: 'BACKOFF' },
      advice: { owner: 'Mend it.' },
    });
  });

  test('asks the CAA records of a wanted name, and of no other', async () => {
    const { host } = aServer();
    const asked: string[] = [];
    const forbidden: CaaSight = {
      isPermitted: false,
      message: 'No.',
      advice: 'Add.',
      fault: 'owner',
      path: [],
    };
    const caa = {
      look: async (name: string) => {
        asked.push(name);
        return forbidden;
      },
    };
    const withCaa: WhyHost = { ...host, view: { ...host.view, caa } };
    expect(await ask(withCaa, 'b.test')).toMatchObject({
      verdict: { code: 'CAA_FORBIDS' },
      caa: forbidden,
      advice: { owner: 'Add.' },
    });
    await ask(withCaa, 'nobody.test');
    await ask(withCaa, 'b.test', false);
    expect(asked).toEqual(['b.test']);
  });

  test('asks nobody when no look is asked for', async () => {
    const { host, fake } = aServer();
    expect(await ask(host, 'b.test', false)).toMatchObject({ seen: { state: 'not-looked' } });
    expect(fake.looked).toEqual([]);
  });

  test('goes on without a record that cannot be read, and says so', async () => {
    const { host } = aServer();
    const hurt: WhyHost = { ...host, names: { read: damaged }, problems: { read: damaged } };
    expect(await ask(hurt, 'b.test')).toMatchObject({
      exitCode: 1,
      verdict: { code: 'NEXT_RUN' },
      faults: [{ code: 'CORRUPT_RECORD' }, { code: 'CORRUPT_RECORD' }],
    });
  });

  test('cannot be told where the website itself cannot be judged', async () => {
    const { host } = aServer();
    const hurt: WhyHost = { ...host, issued: { ...host.issued, read: damaged } };
    expect(await ask(hurt, 'b.test')).toMatchObject({
      exitCode: 1,
      verdict: { code: 'UNREADABLE' },
      advice: { root: 'Restore it.' },
    });
  });

  test('of a server without accounts', async () => {
    const { host } = aServer();
    const empty: WhyHost = { ...host, accounts: null };
    expect(await ask(empty, 'server1.test')).toMatchObject({ verdict: { code: 'HOSTNAME' }, exitCode: 0 });
    expect(await ask(empty, 'b.test')).toMatchObject({ verdict: { code: 'NOBODY' }, exitCode: 2 });
  });

  test('a good certificate is found good', async () => {
    expect(await ask(aServer().host, 'www.a.test')).toMatchObject({
      verdict: { code: 'SECURED' },
      issued: { covers: true },
    });
  });
});
