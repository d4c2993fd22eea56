import { describe, expect, test } from '@jest/globals';
import { hostWithCa, manySites, runCheck } from '../../support/check-run.js';

describe('name servers of this server that do not answer', () => {
  test.each([
    ['refuse connections', 'ECONNREFUSED', 'gate'],
    ['stay silent', 'ETIMEOUT', 'gate'],
    ['refuse connections, with names ordered all the same', 'ECONNREFUSED', 'advise'],
  ] as const)(
    '%s: one fault of this server, no owner blamed, nothing ordered',
    async (_case, error, preflight) => {
      const { host, ca } = hostWithCa();
      host.settings = { ...host.settings, preflight };
      host.account('alice', [['a.test', 'www.a.test'], ...manySites(20)]);
      host.lookupError = error;
      host.isResolverAnswering = false;
      const report = await runCheck(host);
      expect(report).toMatchObject({
        exitCode: 1,
        problems: [],
        waiting: [{ code: 'RESOLVER_DOWN', websites: 21 }],
      });
      expect(report.faults).toEqual([
        {
          code: 'RESOLVER_DOWN',
          message:
            'None of the name servers 127.0.0.1:5399 answers; nothing is validated or ordered. Check `resolvers` in /etc/autossl.yaml or /etc/resolv.conf.',
        },
      ]);
      expect(ca.ordered).toEqual([]);
      // Those that were under way; the rest is not even looked up.
      expect(host.looked.length).toBeLessThanOrEqual(host.settings.concurrentOrders + 1);
    },
  );

  test('one website alone is enough to see it', async () => {
    const { host } = hostWithCa();
    host.account('alice', [['a.test']]);
    host.lookupError = 'ETIMEOUT';
    host.isResolverAnswering = false;
    expect((await runCheck(host)).faults).toMatchObject([{ code: 'RESOLVER_DOWN' }]);
  });

  test('a name whose own servers are silent is its owner’s: ours answer the control question', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', [['a.test']]);
    host.lookupError = 'ETIMEOUT';
    const report = await runCheck(host);
    expect(report).toMatchObject({ exitCode: 0, faults: [] });
    expect(report.problems).toContainEqual(
      expect.objectContaining({ domain: 'a.test', code: 'DNS_TIMED_OUT', fault: 'owner' }),
    );
    expect(ca.ordered).toEqual([]);
  });
});
