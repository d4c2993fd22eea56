import type { ServerCheck, ServerLiveness } from '../../src/core/plan/install/install-liveness.js';
import type { TlsObservation } from '../../src/core/plan/served/served.js';
import type { ServerSite } from '../../src/core/plan/served/server-site.js';
import type { WebServer } from '../../src/runs/ports/installation.js';

/** A web server that answers with what it loaded at its last reload, and misbehaves as it is told to. */
export class FakeServer implements WebServer {
  static readonly refusing: TlsObservation = {
    fingerprint: null,
    chain: [],
    names: [],
    protocol: null,
    error: 'ECONNREFUSED',
  };
  readonly kind = 'nginx';
  readonly calls: string[] = [];
  configFault: string | null = null;
  /** From this test on something is broken that is not ours; counted from 1. */
  faultFromTestOn = Number.POSITIVE_INFINITY;
  /** Fingerprints that its test refuses; whether it says of which file. */
  refused: ReadonlySet<string> = new Set();
  isNaming = true;
  /** Fingerprints with which handshakes fail once they are loaded. */
  unanswered: ReadonlySet<string> = new Set();
  reloadFault: string | null = null;
  diesOfReload = false;
  /** Fingerprints of which it dies at a reload, saying so. */
  diesOf: ReadonlySet<string> = new Set();
  isAlive = true;
  readonly #sites: readonly ServerSite[];
  readonly #lying: (vhost: string) => string | undefined;
  #loaded: ReadonlyMap<string, string | undefined>;
  #tests = 0;

  constructor(sites: readonly ServerSite[], lying: (vhost: string) => string | undefined) {
    this.#sites = sites;
    this.#lying = lying;
    this.#loaded = this.#load();
  }

  get reloads(): number {
    return this.calls.filter((call) => call === 'reload').length;
  }

  answer(name: string): TlsObservation {
    const fingerprint = this.#loaded.get(name) ?? [...this.#loaded.values()][0] ?? null;
    if (!this.isAlive || fingerprint === null) return FakeServer.refusing;
    if (this.unanswered.has(fingerprint)) return { ...FakeServer.refusing, error: 'ECONNRESET' };
    return { fingerprint, chain: [fingerprint], names: [name], protocol: 'TLSv1.3', error: null };
  }

  describe(): string {
    return 'nginx';
  }

  async testConfig(): Promise<ServerCheck> {
    this.calls.push('test');
    this.#tests += 1;
    if (this.configFault !== null) return { ok: false, why: this.configFault };
    if (this.#tests >= this.faultFromTestOn) return { ok: false, why: 'somebody broke it' };
    const bad = this.#vhosts().find((vhost) => this.refused.has(this.#lying(vhost) ?? ''));
    if (bad === undefined) return { ok: true };
    return {
      ok: false,
      why: this.isNaming ? `cannot load /var/cpanel/ssl/apache_tls/${bad}/combined` : 'bad',
    };
  }

  async reload(): Promise<ServerCheck> {
    this.calls.push('reload');
    const deadly = this.#vhosts().find((vhost) => this.diesOf.has(this.#lying(vhost) ?? ''));
    if (deadly !== undefined) {
      this.isAlive = false;
      return { ok: false, why: `nginx died: check /var/cpanel/ssl/apache_tls/${deadly}/combined` };
    }
    if (this.diesOfReload) {
      this.isAlive = false;
      return { ok: false, why: 'nginx (pid 7) died' };
    }
    if (this.reloadFault !== null) return { ok: false, why: this.reloadFault };
    this.#loaded = this.#load();
    return { ok: true };
  }

  async start(): Promise<ServerCheck> {
    this.calls.push('start');
    this.isAlive = true;
    this.#loaded = this.#load();
    return { ok: true };
  }

  async liveness(): Promise<ServerLiveness> {
    const { isAlive } = this;
    return {
      isAlive,
      masterPid: isAlive ? 7 : null,
      startToken: isAlive ? 'a' : null,
      listening: isAlive ? ['192.0.2.1:443'] : [],
      isListening: isAlive,
    };
  }

  async readSites(): Promise<readonly ServerSite[]> {
    return this.#sites;
  }

  #vhosts(): readonly string[] {
    return this.#sites.map(({ names }) => names[0] ?? '');
  }

  #load(): ReadonlyMap<string, string | undefined> {
    return new Map(this.#vhosts().map((vhost) => [vhost, this.#lying(vhost)]));
  }
}
