import type { ServedRecord } from '../../src/core/plan/served/served-record.js';
import type { InstallHost } from '../../src/runs/install/install-ports.js';
import type { ServedStore } from '../../src/runs/ports/records.js';
import type { FakeHost } from './fake-host.js';

/** The installation of a FakeHost: one web server by commands, of whose sites nothing is known. */
export function fakeInstall(host: FakeHost): InstallHost {
  let isOwedSinceBegin = false;
  return {
    // Nobody waits for company here: a batch is installed when the run has nothing more under way.
    clock: { now: () => host.clock.now(), sleep: (_ms, signal) => untilAborted(signal) },
    locks: host.locks,
    lockName: 'install:web',
    certificates: host.certificates,
    debt: {
      owe: async () => {
        host.isReloadOwed = true;
        isOwedSinceBegin = true;
      },
      isOwed: async () => host.isReloadOwed,
      begin: async () => {
        isOwedSinceBegin = false;
        return {
          settle: async () => {
            host.isReloadOwed = isOwedSinceBegin;
          },
        };
      },
    },
    served: new FakeServed(host.servedRecords),
    tls: {
      handshake: async () => {
        throw new Error('not expected: handshake');
      },
    },
    hooks: { pre: async () => ({ ok: true }), post: async () => ({ ok: true }), rebuild: null },
    webServers: () => [
      {
        kind: 'command',
        describe: () => 'the web server',
        testConfig: async () => {
          const isMissing = host.inventories.some(
            (one) => one.state === 'ready' && one.websites.some(({ vhost }) => !host.present.has(vhost)),
          );
          const why = host.configFault ?? (isMissing ? host.missingFileFault : null);
          return why === null ? { ok: true } : { ok: false, why };
        },
        reload: async () => {
          host.reloads += 1;
          return host.reloadFault === null ? { ok: true } : { ok: false, why: host.reloadFault };
        },
        liveness: async () => ({
          isAlive: host.isServerDown ? false : null,
          masterPid: null,
          startToken: null,
          listening: null,
          isListening: null,
        }),
        start: async () => {
          throw new Error('not expected: start');
        },
        readSites: async () => [],
      },
    ],
    expectsServer: false,
    ownAddresses: [],
    sni: null,
  };
}

class FakeServed implements ServedStore {
  readonly #records: Map<string, ServedRecord>;

  constructor(records: Map<string, ServedRecord>) {
    this.#records = records;
  }

  async read(vhost: string): Promise<ServedRecord | undefined> {
    return this.#records.get(vhost);
  }

  async write(record: ServedRecord): Promise<void> {
    this.#records.set(record.vhost, record);
  }

  async listUnproved(): Promise<readonly string[]> {
    return [...this.#records.values()]
      .filter(({ served }) => served.state !== 'served')
      .map(({ vhost }) => vhost);
  }

  async forget(vhost: string): Promise<void> {
    this.#records.delete(vhost);
  }
}

function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
