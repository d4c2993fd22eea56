import { beforeEach, describe, expect, test } from '@jest/globals';
import type { NoticeFinding } from '../../../src/core/notice/finding.js';
import type { NoticeScope } from '../../../src/runs/notice/notice-scope.js';
import { hostWithCa, runCheck } from '../../support/check-run.js';
import { refusal } from '../../support/fake-ca.js';
import { FAKE_NOW, type FakeHost } from '../../support/fake-host.js';
import { FAKE_HOSTNAME, runServices, servicesWithCa } from '../../support/fake-services.js';

const HOUR_MS = 3_600_000;
const later = (hours: number): string => new Date(Date.parse(FAKE_NOW) + hours * HOUR_MS).toISOString();
const URL = 'https://portal.ca.test/sfe/v1/unpause?jwt=abc.def-ghi_j';
/** As Boulder words it. */
const paused = (...names: string[]) =>
  refusal('rateLimited', {
    status: 429,
    detail: `Your account is temporarily prevented from requesting certificates for ${names.join(', ')}. Please visit ${URL} to unpause.`,
  });

let host: FakeHost;
let ca: ReturnType<typeof hostWithCa>['ca'];
beforeEach(() => {
  ({ host, ca } = hostWithCa());
});
const problems = () => host.problems.records.get('alice') ?? [];

describe('a name that its CA has paused', () => {
  test('is a problem with the page that ends it, which stands in nothing that its owner reads; the others go', async () => {
    host.account('alice', [['good.test', 'dead.test']]);
    ca.onNewOrder = (names) => (names.includes('dead.test') ? paused('dead.test') : undefined);
    const report = await runCheck(host);
    expect(report).toMatchObject({ exitCode: 0, counts: { installed: 1 } });
    expect(ca.ordered).toEqual([['dead.test', 'good.test'], ['good.test']]);
    expect(problems()).toMatchObject([
      { domain: 'dead.test', vhost: 'good.test', code: 'NAME_PAUSED', fault: 'owner', unpauseUrl: URL },
    ]);
    const [{ message = '', advice = '' } = {}] = problems();
    expect(`${message} ${advice}`).not.toContain('portal');
  });

  test('stays a problem since then while the CA is not asked, and costs no order', async () => {
    host.account('alice', [['good.test', 'dead.test']]);
    ca.onNewOrder = (names) => (names.includes('dead.test') ? paused('dead.test') : undefined);
    await runCheck(host);
    ca.ordered.length = 0;
    host.clock.set(later(1));
    await runCheck(host);
    expect(ca.ordered).toEqual([]);
    expect(problems().filter(({ domain }) => domain === 'dead.test')).toMatchObject([
      { code: 'NAME_PAUSED', unpauseUrl: URL, since: FAKE_NOW, at: later(1) },
    ]);
  });

  test('that is all of its website waits, and is a problem all the same', async () => {
    host.account('alice', [['dead.test']]);
    ca.onNewOrder = () => paused('dead.test');
    await runCheck(host);
    host.clock.set(later(1));
    expect(await runCheck(host)).toMatchObject({ exitCode: 0, waiting: [{ code: 'LIMITED_BY_CA' }] });
    expect(ca.ordered).toHaveLength(1);
    expect(problems()).toMatchObject([{ code: 'NAME_PAUSED', unpauseUrl: URL }]);
  });

  test('is asked for again a day later, and no problem any more once an order succeeds', async () => {
    host.account('alice', [['good.test', 'dead.test']]);
    ca.onNewOrder = (names) => (names.includes('dead.test') ? paused('dead.test') : undefined);
    await runCheck(host);
    ca.onNewOrder = () => undefined;
    host.clock.set(later(24.1));
    expect(await runCheck(host)).toMatchObject({ counts: { installed: 1 } });
    expect(problems()).toEqual([]);
  });
});

test('the administrator is handed the page with each run’s findings, until an order succeeds', async () => {
  const handed: { readonly told: readonly NoticeFinding[]; readonly scope: NoticeScope }[] = [];
  host.notices = {
    tell: async (findings, scope) => {
      handed.push({ told: findings.filter(({ kind }) => kind === 'notify_autossl_paused_names'), scope });
      return [];
    },
  };
  host.account('alice', [['good.test', 'dead.test']]);
  ca.onNewOrder = (names) => (names.includes('dead.test') ? paused('dead.test') : undefined);
  await runCheck(host);
  host.clock.set(later(1));
  await runCheck(host);
  ca.onNewOrder = () => undefined;
  host.clock.set(later(24.1));
  await runCheck(host);
  const told = { vhost: 'good.test', names: [{ name: 'dead.test', code: 'NAME_PAUSED', unpauseUrl: URL }] };
  expect(handed.map((one) => one.told)).toMatchObject([[told], [told], []]);
  // The last run can speak for the website: what was told of it is over.
  expect(handed[2]?.scope).toMatchObject({ kind: 'all', unsettled: new Set() });
});

test('the hostname, once paused, is told of in the server’s own mail with the page that ends it', async () => {
  const { host: services, ca: ofServices } = servicesWithCa('exim');
  ofServices.onNewOrder = () => paused(FAKE_HOSTNAME);
  const first = await runServices(services);
  expect(first.problems).toMatchObject([{ code: 'NAME_PAUSED', advice: expect.stringContaining(URL) }]);
  expect(services.mails[0]?.lines.join('\n')).toContain(URL);
  services.clock.set(later(1));
  const second = await runServices(services);
  expect(second.problems).toMatchObject([{ code: 'NAME_PAUSED' }]);
  expect(ofServices.ordered).toHaveLength(1);
  expect(services.mails).toHaveLength(1);
});
