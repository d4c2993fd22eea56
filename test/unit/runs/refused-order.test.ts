import { describe, expect, test } from '@jest/globals';
import { hostWithCa, manySites, runCheck } from '../../support/check-run.js';
import { refusal } from '../../support/fake-ca.js';
import { fakeKeyPem } from '../../support/fake-certificate.js';

const DAY_MS = 86_400_000;

describe('one order that the CA refuses when it is finalized', () => {
  test.each(['unauthorized', 'badCSR', 'badPublicKey', 'badSignatureAlgorithm'])(
    'with %s fails its website alone: the others get their certificates',
    async (type) => {
      const { host, ca } = hostWithCa();
      host.settings = { ...host.settings, concurrentOrders: 1 };
      host.account('alice', manySites(12));
      const [first] = host.inventories;
      const vhost = first?.state === 'ready' ? (first.websites[3]?.vhost ?? '') : '';
      ca.onFinalize = async (names) => (names.includes(vhost) ? refusal(type, { status: 403 }) : undefined);
      const report = await runCheck(host);
      expect(report.counts).toMatchObject({ installed: 11, waiting: 0 });
      expect(report.problems).toMatchObject([{ vhost, code: 'ORDER_REFUSED', fault: 'ours' }]);
      expect(host.ledger.records.get(host.provider.name)?.failedOrders).toMatchObject([{ vhost }]);
    },
  );

  test('is ordered again four times in a day, however often runs come', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', [['a.test']]);
    ca.onFinalize = async () => refusal('unauthorized', { status: 403 });
    const start = host.clock.now().getTime();
    for (let run = 0; run < 20; run += 1) {
      host.clock.set(new Date(start + (run * DAY_MS) / 24).toISOString());
      await runCheck(host);
    }
    expect(ca.ordered).toHaveLength(4);
  });
});

describe('unauthorized to a new order', () => {
  test('is its website’s alone while the CA says that our account is valid', async () => {
    const { host, ca } = hostWithCa();
    host.settings = { ...host.settings, concurrentOrders: 1 };
    host.account('alice', manySites(4));
    ca.onNewOrder = (_, nth) => (nth === 1 ? refusal('unauthorized', { status: 403 }) : undefined);
    const report = await runCheck(host);
    expect(ca.calls).toContain('account status');
    expect(report.counts).toMatchObject({ installed: 3, waiting: 0 });
    expect(report.problems).toMatchObject([{ code: 'ORDER_REFUSED' }]);
  });

  test.each<[string, string | null]>([
    ['that our account is deactivated', 'deactivated'],
    ['nothing of our account', null],
  ])('stops all where the CA says %s', async (_what, status) => {
    const { host, ca } = hostWithCa();
    host.settings = { ...host.settings, concurrentOrders: 1 };
    host.account('alice', manySites(4));
    ca.accountStatus = status;
    ca.onNewOrder = () => refusal('unauthorized', { status: 403 });
    expect((await runCheck(host)).waiting).toMatchObject([{ code: 'PROVIDER_NEEDS_A_PERSON', websites: 3 }]);
    expect(ca.ordered).toHaveLength(1);
  });
});

describe('with reuseKey', () => {
  test('a key that the CA does not take is left for a new one in the same run', async () => {
    const { host, ca } = hostWithCa();
    host.settings = { ...host.settings, reuseKey: true };
    host.account('alice', [['a.test']]);
    host.certificate('a.test', ['a.test'], { daysLeft: 20 });
    host.certificates.readKey = async () => fakeKeyPem();
    const reused: (string | undefined)[] = [];
    const make = host.makeKeyAndCsr.bind(host);
    host.makeKeyAndCsr = async (...made: Parameters<typeof make> | [...Parameters<typeof make>, string?]) => {
      reused.push(made[2]);
      return make(made[0], made[1]);
    };
    ca.onFinalize = async () => (reused.length === 1 ? refusal('badPublicKey') : undefined);
    const report = await runCheck(host);
    expect(reused.map((pem) => pem !== undefined)).toEqual([true, false]);
    expect(report).toMatchObject({ exitCode: 0, counts: { installed: 1 } });
    expect(host.logged.map(({ code }) => code)).toContain('KEY_NOT_KEPT');
    expect(host.ledger.records.get(host.provider.name)?.failedOrders).toHaveLength(1);
  });
});
