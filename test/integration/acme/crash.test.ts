import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { FileOrderStore } from '../../../src/adapters/store/orders/orders.js';
import { leafBelongsToKey } from '../../../src/core/certificate/issued/leaf-belongs.js';
import { obtainCertificate, resumeOrder } from '../../../src/runs/order/obtain-certificate.js';
import type { OrderPorts, OrderResult } from '../../../src/runs/order/order-ports.js';
import type { OrderStore } from '../../../src/runs/ports/orders.js';
import { type AcmeProxy, PATHS, startAcmeProxy } from '../../support/acme-proxy.js';
import { Crash, CrashPlan } from '../../support/crash.js';
import { type MemorySolver, startMemorySolver } from '../../support/memory-solver.js';
import { describeWithParts } from '../../support/needs.js';
import {
  type AccountBench,
  createAccountBench,
  createOrderBench,
  requestFor,
  TEST_PROVIDER,
  type TestAuthority,
} from '../../support/order-bench.js';
import { type Pebble, startPebble } from '../../support/pebble.js';

/** Of a method that is called again and again (how often depends on how fast the CA is) the first calls are enough. */
const MOST_CALLS = 2;

describeWithParts('a process killed in the middle of an order', ['pebble'], () => {
  let pebble: Pebble;
  let proxy: AcmeProxy;
  let solver: MemorySolver;
  let accounts: AccountBench;
  let authority: TestAuthority;
  beforeAll(async () => {
    pebble = await startPebble();
    proxy = await startAcmeProxy(pebble);
    solver = await startMemorySolver(pebble.httpPort);
    accounts = await createAccountBench({
      directoryUrl: proxy.directoryUrl,
      caBundlePem: pebble.transport.caPem,
    });
    authority = accounts.open();
  });
  afterAll(async () => {
    await accounts?.remove();
    await solver?.close();
    await proxy?.close();
    await pebble?.stop();
  });

  const portsOf = async (orders: OrderStore): Promise<OrderPorts> => {
    const account = await authority.openAccount();
    if ('refused' in account) throw new Error(account.refused.detail);
    return createOrderBench(authority, account, solver, { orders }).ports;
  };
  const under = (plan: CrashPlan, ports: OrderPorts): OrderPorts => ({
    ...ports,
    authority: plan.wrap('authority', ports.authority),
    orders: plan.wrap('orders', ports.orders),
    solver: plan.wrap('solver', ports.solver),
    brake: plan.wrap('brake', ports.brake),
  });
  /** What the next run does: go on with what the journal holds; order when nothing came of it. */
  const nextRun = async (ports: OrderPorts, name: string): Promise<OrderResult> => {
    const request = requestFor([name]);
    const results: OrderResult[] = [];
    for (const entry of await ports.orders.list()) {
      if (entry.state !== 'ok') throw new Error(entry.why);
      const context = { website: request.website, provider: TEST_PROVIDER };
      results.push(await resumeOrder(entry.record, context, ports));
    }
    return results.find((one) => one.outcome === 'issued') ?? obtainCertificate(request, ports);
  };

  test('ends, at whatever point it died, with one certificate and at most one wasted order', async () => {
    const orders = new FileOrderStore(accounts.tree);
    const undisturbed = new CrashPlan(null);
    const { record } = await obtainCertificate(
      requestFor(['whole.test']),
      under(undisturbed, await portsOf(orders)),
    );
    if (record !== null) await orders.remove(record.id);
    const points = undisturbed.passed.filter((point) => Number(point.split(' ').at(-1)) <= MOST_CALLS);
    const deaths = new Set<string>();
    for (const [index, point] of points.entries()) {
      const ports = await portsOf(orders);
      const plan = new CrashPlan(point);
      const name = `point-${index}.test`;
      proxy.clear();
      try {
        await obtainCertificate(requestFor([name]), under(plan, ports));
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
        deaths.add(plan.where);
      }
      const result = await nextRun(ports, name);
      const finalized = proxy.requests.filter(
        (one) => one.path.startsWith(PATHS.finalize) && one.status === 200,
      );
      expect({ where: plan.where, outcome: result.outcome }).toEqual({
        where: plan.where,
        outcome: 'issued',
      });
      if (result.outcome !== 'issued') continue;
      expect(leafBelongsToKey(result.chainPem, result.keyPem)).toBe(true);
      expect(new X509Certificate(result.chainPem).subjectAltName).toBe(`DNS:${name}`);
      expect({ where: plan.where, finalized: finalized.length }).toEqual({
        where: plan.where,
        finalized: 1,
      });
      expect(proxy.newOrders()).toBeLessThanOrEqual(2);
      expect(solver.presented.size).toBe(0);
      await orders.remove(result.record.id);
      expect(await orders.list()).toEqual([]);
    }
    expect([...deaths]).toEqual(
      expect.arrayContaining([
        'after authority.newOrder',
        'after authority.answerChallenge',
        'before authority.finalize',
        'after authority.finalize',
        'before orders.stageChain',
        'after orders.stageChain',
      ]),
    );
  });
});
