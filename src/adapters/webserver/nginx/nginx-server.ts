import { posix } from 'node:path';
import type { ServerCheck, ServerLiveness } from '../../../core/plan/install/install-liveness.js';
import type { ServerSite } from '../../../core/plan/served/server-site.js';
import type { ServerInspection, WebServer } from '../../../runs/ports/installation.js';
import type { ServerCommands, ServerControl } from '../../system/daemon/server-control.js';
import { commandFault } from '../../system/daemon/server-output.js';
import { reloadMaster } from '../master-reload.js';
import { readNginxDump } from './nginx-config.js';
import { type NginxInvocation, renderNginxArguments } from './nginx-invocation.js';

/** New workers come within about the time of a config test; a busy machine gets ten times that. */
const PATIENCE_IN_TESTS = 10;
const LEAST_PATIENCE_MS = 5_000;
/** nginx starts its new workers a tenth of a second before it tells the old ones to end; these then say so. */
const SERVING_WORKER = /^nginx: worker process *$/;
/** Where Debian's and most others' packages keep it; used when the program does not say. */
const USUAL_PREFIX = '/usr/share/nginx';

/** An nginx: tested by `-t` or `-T`, reloaded by SIGHUP to its main process (`-s reload` would read the configuration twice). */
export class NginxServer implements WebServer {
  readonly kind = 'nginx';
  readonly #control: ServerControl;
  readonly #invocation: NginxInvocation;
  readonly #commands: ServerCommands;
  #testMs = 0;
  #prefix: string | undefined;
  #read: { readonly dump: string; readonly sites: ReturnType<typeof readNginxDump> } | undefined;

  constructor(control: ServerControl, invocation: NginxInvocation, commands: ServerCommands) {
    this.#control = control;
    this.#invocation = invocation;
    this.#commands = commands;
  }

  describe(): string {
    const { configFile } = this.#invocation;
    return configFile === null ? 'nginx' : `nginx (${configFile})`;
  }

  async testConfig(): Promise<ServerCheck> {
    const why = await this.#timed(() => this.#testFault());
    return why === undefined ? { ok: true } : { ok: false, why };
  }

  async reload(): Promise<ServerCheck> {
    const { reload } = this.#commands;
    const sight = await reloadMaster({
      finder: this.#control.finder,
      signal: 'SIGHUP',
      ...(reload === null ? {} : { command: () => this.#control.fault(reload) }),
      patienceMs: Math.max(LEAST_PATIENCE_MS, PATIENCE_IN_TESTS * this.#testMs),
      settleMs: 0,
      isServing: (title) => SERVING_WORKER.test(title),
    });
    switch (sight.state) {
      case 'renewed':
        return { ok: true };
      case 'failed':
        return { ok: false, why: sight.why };
      case 'absent':
        return { ok: false, why: 'nginx does not run' };
      case 'died':
        return { ok: false, why: `nginx (pid ${sight.pid}) died` };
      case 'unchanged':
        return {
          ok: false,
          why: `nginx goes on with its old configuration: ${(await this.#testFault()) ?? 'its error log tells why'}`,
        };
    }
  }

  async liveness(): Promise<ServerLiveness> {
    return this.#control.liveness();
  }

  async start(): Promise<ServerCheck> {
    return await this.#control.start(this.#commands.start, renderNginxArguments(this.#invocation, true));
  }

  async readSites(): Promise<readonly ServerSite[] | { readonly fault: string }> {
    const dump = await this.#dump();
    return typeof dump === 'string' ? await this.#sitesIn(dump) : dump;
  }

  /** `-T` is `-t` that prints what it tested: thousands of certificates are loaded once for both. */
  async inspect(): Promise<ServerInspection> {
    if (this.#commands.test !== null) {
      const check = await this.testConfig();
      return { check, sites: check.ok ? await this.readSites() : { fault: check.why } };
    }
    const dump = await this.#timed(() => this.#dump());
    return typeof dump === 'string'
      ? { check: { ok: true }, sites: await this.#sitesIn(dump) }
      : { check: { ok: false, why: dump.fault }, sites: dump };
  }

  async readConfiguration(): Promise<readonly string[] | { readonly fault: string }> {
    const dump = await this.#dump();
    return typeof dump === 'string' ? [dump] : dump;
  }

  async #dump(): Promise<string | { readonly fault: string }> {
    const argv = [...renderNginxArguments(this.#invocation), '-T'];
    const result = await this.#control.run(argv);
    const fault = commandFault(
      [this.#control.program.path, ...argv],
      { ...result, stdout: '' },
      this.#control.timeoutMs,
    );
    return fault === undefined ? result.stdout : { fault };
  }

  async #testFault(): Promise<string | undefined> {
    if (this.#commands.test !== null) return await this.#control.fault(this.#commands.test);
    const argv = [...renderNginxArguments(this.#invocation), '-t'];
    return commandFault(
      [this.#control.program.path, ...argv],
      await this.#control.run(argv),
      this.#control.timeoutMs,
    );
  }

  /** Before and after a publication it mostly says the same. */
  async #sitesIn(dump: string): Promise<readonly ServerSite[] | { readonly fault: string }> {
    if (this.#read?.dump !== dump) {
      this.#read = { dump, sites: readNginxDump(dump, await this.#readPrefix()) };
    }
    return this.#read.sites;
  }

  /** Remembers how long a test takes. */
  async #timed<T>(test: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const result = await test();
    this.#testMs = performance.now() - startedAt;
    return result;
  }

  async #readPrefix(): Promise<string> {
    if (this.#invocation.prefix !== null) return this.#invocation.prefix;
    this.#prefix ??= compiledPrefix((await this.#control.run(['-V'])).stderr);
    return this.#prefix;
  }
}

/** From what `-V` prints; pure. */
export function compiledPrefix(text: string): string {
  const found = / --prefix=(\S+)/.exec(text)?.[1];
  return found === undefined ? USUAL_PREFIX : posix.resolve('/', found);
}
