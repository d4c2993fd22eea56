import type { ServerCheck, ServerLiveness } from '../../../core/plan/install/install-liveness.js';
import type { ServerSite } from '../../../core/plan/served/server-site.js';
import type { ServerInspection, WebServer } from '../../../runs/ports/installation.js';
import type { ServerCommands, ServerControl } from '../../system/daemon/server-control.js';
import { SitePairCheck } from '../../system/daemon/site-pairs.js';
import { ErrorLogWatch } from '../error-log.js';
import { reloadMaster } from '../master-reload.js';
import { type ApacheInvocation, renderApacheArguments } from './apache-invocation.js';
import { ApacheReading } from './apache-reading.js';

/** Its configuration test takes milliseconds whatever the reload takes, which loads the certificates. */
const PATIENCE_MS = 30_000;
/**
 * Without a log to read, a new worker may be a spare one of the old configuration: a main process that does not take the
 * new one dies within this time, unless it loads thousands of certificates.
 */
const BLIND_SETTLE_MS = 3_000;

/**
 * An Apache, reloaded by SIGUSR1 to its main process (graceful). Its own config test loads no certificate, and a
 * pair that does not match kills it at the reload: so the test here also tries every pair that the configuration names.
 */
export class ApacheServer implements WebServer {
  readonly kind = 'apache';
  readonly #control: ServerControl;
  readonly #invocation: ApacheInvocation;
  readonly #commands: ServerCommands;
  readonly #reading: ApacheReading;
  readonly #pairs = new SitePairCheck();

  constructor(control: ServerControl, invocation: ApacheInvocation, commands: ServerCommands) {
    this.#control = control;
    this.#invocation = invocation;
    this.#commands = commands;
    this.#reading = new ApacheReading(control, invocation);
  }

  describe(): string {
    const { configFile, serverRoot } = this.#invocation;
    const what = configFile ?? serverRoot;
    return what === null ? 'Apache' : `Apache (${what})`;
  }

  async testConfig(): Promise<ServerCheck> {
    return (await this.inspect()).check;
  }

  /** Its pairs cannot be tried without knowing its sites. */
  async inspect(): Promise<ServerInspection> {
    if (this.#commands.test !== null) {
      const why = await this.#control.fault(this.#commands.test);
      if (why !== undefined) return { check: { ok: false, why }, sites: { fault: why } };
    }
    const sites = await this.#reading.sites();
    if ('fault' in sites) return { check: { ok: false, why: sites.fault }, sites };
    return { check: this.#pairs.check(sites), sites };
  }

  async reload(): Promise<ServerCheck> {
    const { reload } = this.#commands;
    const log = ErrorLogWatch.from(await this.#reading.errorLog());
    const sight = await reloadMaster({
      finder: this.#control.finder,
      signal: 'SIGUSR1',
      ...(reload === null ? {} : { command: () => this.#control.fault(reload) }),
      patienceMs: PATIENCE_MS,
      settleMs: log === undefined ? BLIND_SETTLE_MS : 0,
      ...(log === undefined ? {} : { isLoaded: () => log.isLoaded() }),
    });
    switch (sight.state) {
      case 'renewed':
      // It took the configuration, else it would be dead; its old workers are all still busy.
      case 'unchanged':
        return { ok: true };
      case 'failed':
        return { ok: false, why: sight.why };
      case 'absent':
        return { ok: false, why: 'Apache does not run' };
      case 'died': {
        const said = log?.reason();
        return { ok: false, why: `Apache (pid ${sight.pid}) died${said === undefined ? '' : `: ${said}`}` };
      }
    }
  }

  async liveness(): Promise<ServerLiveness> {
    return this.#control.liveness();
  }

  async start(): Promise<ServerCheck> {
    return await this.#control.start(this.#commands.start, [
      ...renderApacheArguments(this.#invocation),
      '-k',
      'start',
    ]);
  }

  async readSites(): Promise<readonly ServerSite[] | { readonly fault: string }> {
    return await this.#reading.sites();
  }

  async readConfiguration(): Promise<readonly string[] | { readonly fault: string }> {
    return await this.#reading.texts();
  }
}
