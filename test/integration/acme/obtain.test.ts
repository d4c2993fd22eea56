import { X509Certificate } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { obtainCertificate } from '../../../src/runs/order/obtain-certificate.js';
import type { OrderResult } from '../../../src/runs/order/order-ports.js';
import { type MemorySolver, startMemorySolver } from '../../support/memory-solver.js';
import { describeWithParts } from '../../support/needs.js';
import {
  type AccountBench,
  createAccountBench,
  createOrderBench,
  type OrderBench,
  requestFor,
  type TestAuthority,
} from '../../support/order-bench.js';
import { type Pebble, startPebble } from '../../support/pebble.js';

function issued(result: OrderResult): Extract<OrderResult, { outcome: 'issued' }> {
  if (result.outcome !== 'issued') throw new Error(JSON.stringify(result));
  return result;
}

describeWithParts('getting certificates from a real CA', ['pebble'], () => {
  let pebble: Pebble;
  let solver: MemorySolver;
  let accounts: AccountBench;
  let authority: TestAuthority;
  let bench: OrderBench;
  beforeAll(async () => {
    pebble = await startPebble({ chainLength: 2, alternateRoots: 1, nonceReject: 20 });
    solver = await startMemorySolver(pebble.httpPort);
    accounts = await createAccountBench({
      directoryUrl: pebble.directoryUrl,
      caBundlePem: pebble.transport.caPem,
    });
    authority = accounts.open();
  });
  afterAll(async () => {
    await accounts?.remove();
    await solver?.close();
    await pebble?.stop();
  });
  const prepare = async (): Promise<OrderBench> => {
    const account = await authority.openAccount();
    if ('refused' in account) throw new Error(account.refused.detail);
    bench = createOrderBench(authority, account, solver);
    return bench;
  };
  afterEach(() => {
    solver.lying.clear();
    solver.unplaceable.clear();
  });

  test('a new website gets a key, a leaf for its names and a chain of three, in journalled steps', async () => {
    const { ports, orders, events } = await prepare();
    const result = issued(await obtainCertificate(requestFor(['one.test', 'www.one.test']), ports));
    const blocks = result.chainPem.match(/-----BEGIN CERTIFICATE-----/g);
    expect(blocks).toHaveLength(3);
    const leaf = new X509Certificate(result.chainPem);
    expect(leaf.subjectAltName?.split(', ').sort()).toEqual(['DNS:one.test', 'DNS:www.one.test']);
    expect(orders.phases()).toEqual(['journalled', 'placed', 'finalized', 'downloaded']);
    expect(orders.records.get(result.record.id)?.challenges).toEqual([]);
    expect((await orders.readStaged(result.record.id)).chainPem).toBe(result.chainPem);
    expect(solver.presented.size).toBe(0);
    expect(events.map((event) => event.code)).toEqual([
      'ORDER_PLACED',
      'CHALLENGES_ANSWERED',
      'ORDER_FINALIZED',
      'CERTIFICATE_DOWNLOADED',
    ]);
  });

  test('thirty websites at once all get theirs at a CA that rejects every fifth nonce', async () => {
    const { ports } = await prepare();
    const names = Array.from({ length: 30 }, (_, index) => `site-${index}.test`);
    const results = await Promise.all(names.map((name) => obtainCertificate(requestFor([name]), ports)));
    expect(results.map((one) => one.outcome)).toEqual(names.map(() => 'issued'));
  });

  test('names that fail validation are named with the CA’s reason, and nothing of the order is kept', async () => {
    const { ports, orders } = await prepare();
    solver.lying.add('liar.test');
    solver.lying.add('fibber.test');
    const names = ['good.test', 'liar.test', 'fibber.test'];
    const result = await obtainCertificate(requestFor(names), ports);
    expect(result).toMatchObject({ outcome: 'refused', classification: 'fix-your-input' });
    const failed = result.outcome === 'refused' ? result.failedNames : [];
    expect(failed.map((one) => one.name).sort()).toEqual(['fibber.test', 'liar.test']);
    expect(failed.map((one) => one.code)).toEqual(['unauthorized', 'unauthorized']);
    expect(orders.records.size).toBe(0);
    expect(solver.presented.size).toBe(0);
    // The rest goes through without them.
    issued(await obtainCertificate(requestFor(['good.test']), ports));
  });

  test('a name that does not resolve is named', async () => {
    const { ports } = await prepare();
    for (const host of ['gone.test.', 'gone.test']) await pebble.mock('set-servfail', { host });
    const result = await obtainCertificate(requestFor(['gone.test']), ports);
    expect(result).toMatchObject({ outcome: 'refused', failedNames: [{ name: 'gone.test' }] });
  });

  test('a challenge that cannot be placed ends the order before the CA is asked to look', async () => {
    const { ports, orders } = await prepare();
    solver.unplaceable.add('linked.test');
    const result = await obtainCertificate(requestFor(['fine.test', 'linked.test']), ports);
    expect(result).toMatchObject({
      outcome: 'refused',
      failedNames: [{ name: 'linked.test', code: 'CHALLENGE_NOT_PLACED', fault: 'owner' }],
    });
    expect(orders.records.size).toBe(0);
    expect(solver.presented.size).toBe(0);
  });

  test('a name that the CA refuses by policy is named at once', async () => {
    const { ports, orders } = await prepare();
    const result = await obtainCertificate(requestFor(['fine.test', 'www.blocked.test']), ports);
    expect(result).toMatchObject({
      outcome: 'refused',
      classification: 'fix-your-input',
      failedNames: [{ name: 'www.blocked.test', code: 'rejectedIdentifier' }],
    });
    expect(orders.records.size).toBe(0);
  });

  test('a wildcard is refused with the reason that only DNS can prove it', async () => {
    const { ports } = await prepare();
    const result = await obtainCertificate(requestFor(['*.wild.test']), ports);
    expect(result).toMatchObject({
      outcome: 'refused',
      failedNames: [{ name: '*.wild.test', code: 'NO_SUPPORTED_CHALLENGE' }],
    });
  });

  test('the chain that ends at the wanted root is chosen among alternates', async () => {
    await prepare();
    const roots = [await pebble.root(0), await pebble.root(1)].map((pem) => new X509Certificate(pem));
    const readCertificate = (der: Uint8Array): never => {
      const certificate = new X509Certificate(der);
      return {
        issuer: certificate.issuer.replaceAll('\n', ', '),
        issuerOrganizations: [],
      } as unknown as never;
    };
    for (const root of roots) {
      const preferredChain = /CN=(.*)/.exec(root.subject)?.[1] ?? '';
      const choosy = accounts.open({ preferredChain, readCertificate });
      const account = await choosy.openAccount();
      if ('refused' in account) throw new Error(account.refused.detail);
      const { ports } = createOrderBench(choosy, account, solver);
      const { chainPem } = issued(await obtainCertificate(requestFor(['chain.test']), ports));
      const last = new X509Certificate(chainPem.slice(chainPem.lastIndexOf('-----BEGIN')));
      expect(last.issuer).toBe(root.subject);
    }
  });
});
