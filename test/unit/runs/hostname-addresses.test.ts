import { describe, expect, test } from '@jest/globals';
import { type IpIdentifier, parseIpIdentifier } from '../../../src/core/domain/name/names.js';
import type { ServicesReport } from '../../../src/core/report/services/services-report.js';
import { refusal, refusalOf } from '../../support/fake-ca.js';
import { FAKE_HOSTNAME, runServices, servicesWithCa } from '../../support/fake-services.js';

const OWN = parseIpIdentifier('192.0.2.1');
const LEFT_OUT = 'ADDRESSES_LEFT_OUT';

/** A server that has no certificate yet and whose settings ask for these addresses. */
function aServer(...addresses: readonly IpIdentifier[]) {
  const { host, ca } = servicesWithCa('exim');
  host.settings = { ...host.settings, addresses };
  return { host, ca };
}
const warningsOf = ({ warnings }: ServicesReport): readonly string[] =>
  warnings.filter(({ code }) => code === LEFT_OUT).map(({ message }) => message);

describe('addresses of this server in its own certificate', () => {
  test('are ordered for beside the hostname, in one order, and proved over HTTP', async () => {
    const { host, ca } = aServer(OWN);
    const report = await runServices(host);
    expect(ca.ordered).toEqual([[FAKE_HOSTNAME, OWN]]);
    expect(report).toMatchObject({ exitCode: 0, services: [{ state: 'replaced' }] });
    expect(warningsOf(report)).toEqual([]);
    expect(host.issued.records.get(FAKE_HOSTNAME)?.[0]?.names).toEqual([FAKE_HOSTNAME, OWN]);
  });

  test('are left out with one warning where the profile is known to take none', async () => {
    const { host, ca } = aServer(OWN);
    host.base.provider = { ...host.base.provider, name: 'LetsEncrypt', displayName: 'Let’s Encrypt' };
    const report = await runServices(host);
    expect(ca.ordered).toEqual([[FAKE_HOSTNAME]]);
    expect(warningsOf(report)).toEqual([
      `The certificate for ${FAKE_HOSTNAME} will not name 192.0.2.1: Let’s Encrypt certifies no addresses by its default profile.`,
    ]);
    expect(report).toMatchObject({ exitCode: 0, services: [{ state: 'replaced' }] });
  });

  test('that do not answer here with the challenge cost no order', async () => {
    const { host, ca } = aServer(OWN);
    host.base.fetchErrors.set(OWN, 'ECONNREFUSED');
    const report = await runServices(host);
    expect(ca.ordered).toEqual([[FAKE_HOSTNAME]]);
    expect(warningsOf(report)).toHaveLength(1);
    expect(report.exitCode).toBe(0);
  });

  test.each([
    ['by name', () => refusalOf('rejectedIdentifier', [OWN])],
    ['without saying which', () => refusal('malformed')],
    ['as one that it cannot do', () => refusal('unsupportedIdentifier')],
  ])('which the CA refuses %s, are left out of a second order', async (_, refused) => {
    const { host, ca } = aServer(OWN);
    ca.onNewOrder = (names) => (names.includes(OWN) ? refused() : undefined);
    const report = await runServices(host);
    expect(ca.ordered).toEqual([[FAKE_HOSTNAME, OWN], [FAKE_HOSTNAME]]);
    expect(warningsOf(report)).toHaveLength(1);
    expect(report).toMatchObject({ exitCode: 0, problems: [], services: [{ state: 'replaced' }] });
  });

  test('that the CA refused by name wait by their own backoff, and hold nothing up', async () => {
    const { host, ca } = aServer(OWN);
    ca.onNewOrder = (names) => (names.includes(OWN) ? refusalOf('rejectedIdentifier', [OWN]) : undefined);
    await runServices(host);
    ca.ordered.length = 0;
    host.service('exim').present = undefined;
    host.issued.records.clear();
    const report = await runServices(host);
    expect(ca.ordered).toEqual([[FAKE_HOSTNAME]]);
    expect(warningsOf(report)).toEqual([expect.stringContaining('they failed lately')]);
  });

  test.each([
    ['a refused hostname', () => refusalOf('rejectedIdentifier', [FAKE_HOSTNAME])],
    ['a rate limit', () => refusal('rateLimited', { status: 429 })],
    ['trouble of the CA’s own', () => refusal('serverInternal', { status: 500 })],
  ])('do not have another order made for %s', async (_, refused) => {
    const { host, ca } = aServer(OWN);
    ca.onNewOrder = refused;
    const report = await runServices(host);
    expect(new Set(ca.ordered.map((names) => names.join()))).toEqual(new Set([`${FAKE_HOSTNAME},${OWN}`]));
    expect(warningsOf(report)).toEqual([]);
  });

  test('neither loosen nor tighten the brake on ordering the same again', async () => {
    const { host, ca } = aServer(OWN);
    await runServices(host);
    host.service('exim').present = undefined;
    const report = await runServices(host);
    expect(ca.ordered).toHaveLength(1);
    expect(report.services).toMatchObject([{ state: 'placeholder' }]);
  });
});
