import { describe, expect, test } from '@jest/globals';
import type { RecordTrouble } from '../../../src/core/dcv/dns-observation.js';
import { hostWithCa, runCheck } from '../../support/check-run.js';
import { refusalOf } from '../../support/fake-ca.js';
import { FakeDnsSolver } from '../../support/fake-dns-solver.js';
import { minutesLater } from '../../support/queue-run.js';

const NAMES = ['a.test', 'www.a.test', 'mail.a.test'];
const SILENT: RecordTrouble = { kind: 'update-refused', zone: 'a.test', editor: 'a hook', why: 'not today' };

function hostWithZone(names: readonly string[] = NAMES) {
  const { host, ca } = hostWithCa();
  const dns = new FakeDnsSolver();
  host.dns = dns;
  host.account('alice', [names]);
  return { host, ca, dns };
}

describe('several names of a domain whose zone is edited here', () => {
  test('are ordered by its wildcard, in one small certificate', async () => {
    const { host, ca, dns } = hostWithZone();
    const report = await runCheck(host);
    expect(report).toMatchObject({ exitCode: 0, problems: [], counts: { installed: 1 } });
    expect(ca.ordered).toEqual([['a.test', '*.a.test']]);
    expect(dns.presented.flat()).toEqual(dns.cleaned);
  });

  test('are secured by it: the next night nothing is ordered', async () => {
    const { host, ca } = hostWithZone();
    await runCheck(host);
    host.clock.set(minutesLater(24 * 60));
    expect(await runCheck(host)).toMatchObject({ counts: { kept: 1 } });
    expect(ca.ordered).toHaveLength(1);
  });

  test('are not even looked at over HTTP', async () => {
    const { host, ca } = hostWithZone();
    host.fetchErrors.set('mail.a.test', 'ECONNREFUSED');
    expect(await runCheck(host)).toMatchObject({ problems: [] });
    expect(ca.ordered).toEqual([['a.test', '*.a.test']]);
  });

  test('go their own ways where the test record is not seen, and why is said', async () => {
    const { host, ca, dns } = hostWithZone();
    dns.troubles.set('_', SILENT);
    expect(await runCheck(host)).toMatchObject({ exitCode: 0, problems: [] });
    expect(ca.ordered).toEqual([NAMES]);
    const said = host.logged.find(({ code }) => code === 'WILDCARD_NOT_USED');
    expect(said?.contents).toContain('not today');
  });

  test('go their own ways where CAA forbids wildcards', async () => {
    const { host, ca } = hostWithZone();
    host.provider = { ...host.provider, caaIdentities: ['ca.test'] };
    host.caa.records.set('a.test', ['0 issue "ca.test"', '0 issuewild ";"']);
    expect(await runCheck(host)).toMatchObject({ problems: [] });
    expect(ca.ordered).toEqual([NAMES]);
  });

  test('go their own ways in the same run when the CA refuses the wildcard, and next time at once', async () => {
    const { host, ca } = hostWithZone();
    ca.onNewOrder = (asked) =>
      asked.includes('*.a.test') ? refusalOf('rejectedIdentifier', ['*.a.test']) : undefined;
    const report = await runCheck(host);
    expect(ca.ordered).toEqual([['a.test', '*.a.test'], NAMES]);
    expect(report).toMatchObject({ exitCode: 0, counts: { installed: 1 } });
    expect(report.problems).toMatchObject([{ domain: '*.a.test', code: 'CA_REFUSED_NAME' }]);
  });

  test.each<[string, (given: ReturnType<typeof hostWithZone>) => void]>([
    [
      'the setting forbids it',
      ({ host }) => {
        host.settings = { ...host.settings, wildcardReduction: false };
      },
    ],
    [
      'the provider takes no wildcards',
      ({ host }) => {
        host.provider = { ...host.provider, supportsWildcard: false };
      },
    ],
    [
      'nothing is looked at before an order',
      ({ host }) => {
        host.settings = { ...host.settings, preflight: 'off' };
      },
    ],
  ])('are asked for one by one where %s', async (_, arrange) => {
    const given = hostWithZone();
    arrange(given);
    await runCheck(given.host);
    expect(given.ca.ordered).toEqual([NAMES]);
  });
});
