import type { OrderRecord } from '../../src/core/order/record.js';
import { obtainCertificate, resumeOrder } from '../../src/runs/order/obtain-certificate.js';
import type { OrderPorts, OrderResult } from '../../src/runs/order/order-ports.js';
import { type AcmeProxy, startAcmeProxy } from './acme-proxy.js';
import { type MemorySolver, startMemorySolver } from './memory-solver.js';
import {
  createAccountBench,
  createOrderBench,
  type OrderBench,
  requestFor,
  TEST_PROVIDER,
} from './order-bench.js';
import { type PebbleOptions, startPebble } from './pebble.js';

/** An account at a Pebble behind a proxy, and all that an order of it needs. */
export interface FaultyCa {
  readonly proxy: AcmeProxy;
  readonly solver: MemorySolver;
  /** What the account asks is forgotten, and so are orders: a name of its own, and memory that is empty. */
  begin(): Promise<FaultyCaOrder>;
  close(): Promise<void>;
}

/** One order at it. */
export interface FaultyCaOrder {
  readonly bench: OrderBench;
  readonly name: string;
  obtain(over?: Partial<OrderPorts>): Promise<OrderResult>;
  /** Goes on with the only record that is kept. @throws Error when there is none */
  resume(): Promise<OrderResult>;
  /** That record. */
  record(): OrderRecord | undefined;
  /** How often paths that begin so were asked for; `seen`: of these, those that the CA saw. */
  count(path: string): number;
  seen(path: string): number;
}

export async function startFaultyCa(timeoutMs: number, options: PebbleOptions = {}): Promise<FaultyCa> {
  const pebble = await startPebble(options);
  const proxy = await startAcmeProxy(pebble);
  const solver = await startMemorySolver(pebble.httpPort);
  const { directoryUrl } = proxy;
  const accounts = await createAccountBench({ directoryUrl, caBundlePem: pebble.transport.caPem });
  let serial = 0;
  return {
    proxy,
    solver,
    begin: async () => {
      serial += 1;
      const name = `faulty-${serial}.test`;
      proxy.clear();
      await solver.sweep(new Set());
      const authority = accounts.open({ timeoutMs });
      const account = await authority.openAccount();
      if ('refused' in account) throw new Error(account.refused.detail);
      const bench = createOrderBench(authority, account, solver);
      proxy.clear();
      const record = (): OrderRecord | undefined => [...bench.orders.records.values()][0];
      const asked = (path: string) => proxy.requests.filter((one) => one.path.startsWith(path));
      return {
        bench,
        name,
        record,
        obtain: (over = {}) => obtainCertificate(requestFor([name]), { ...bench.ports, ...over }),
        resume: () => {
          const kept = record();
          if (kept === undefined) throw new Error('no order is kept');
          const context = { website: requestFor([name]).website, provider: TEST_PROVIDER };
          return resumeOrder(kept, context, bench.ports);
        },
        count: (path) => asked(path).length,
        seen: (path) => asked(path).filter(({ reachedCa }) => reachedCa).length,
      };
    },
    close: async () => {
      await accounts.remove();
      await solver.close();
      await proxy.close();
      await pebble.stop();
    },
  };
}
