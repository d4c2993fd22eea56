import type { AcmeProxy } from './acme-proxy.js';
import { startAcmeProxy } from './acme-proxy.js';
import { type EmbeddedDns, startEmbeddedDns } from './embedded-dns.js';
import { type Pebble, startPebble } from './pebble.js';
import { freePorts } from './ports.js';

/** Test workers beside this one have addresses of their own: who took a port there cannot be in the way. */
const WORKER = Number(process.env['JEST_WORKER_ID'] ?? '0') % 200;

/** Of an address’s last number: neither 0 nor 255. */
const HOSTS = 250;

/**
 * What hosting servers with web servers of their own share: a Pebble behind a counting proxy, and one DNS server that it
 * and the hosting servers ask. Each server gets loopback addresses of its own, all on the same two ports.
 */
export interface HostingCa {
  readonly pebble: Pebble;
  readonly proxy: AcmeProxy;
  /** Only what a hosting server put there resolves; may be changed. */
  readonly dns: EmbeddedDns;
  readonly httpPort: number;
  readonly httpsPort: number;
  /** An address of 127.0.0.0/8 that was not given yet. */
  nextAddress(): string;
  stop(): Promise<void>;
}

/** @throws Error with Pebble's output when it does not start */
export async function startHostingCa(): Promise<HostingCa> {
  const [httpPort = 0, httpsPort = 0] = await freePorts(2);
  const dns = await startEmbeddedDns();
  const pebble = await startPebble({ dns: dns.server, httpPort });
  const proxy = await startAcmeProxy(pebble);
  let given = 0;
  return {
    pebble,
    proxy,
    dns,
    httpPort,
    httpsPort,
    nextAddress: () => {
      const address = `127.${20 + WORKER}.${Math.floor(given / HOSTS)}.${1 + (given % HOSTS)}`;
      given += 1;
      return address;
    },
    stop: async () => {
      await proxy.close();
      await pebble.stop();
      await dns.close();
    },
  };
}
