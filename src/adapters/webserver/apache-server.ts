import type { ServerCheck, ServerLiveness } from '../../core/plan/install-liveness.js';
import type { ServerSite } from '../../core/plan/server-site.js';
import type { WebServer } from '../../runs/ports.js';
import type { ServerCommands, ServerControl } from '../system/daemon/server-control.js';
import { commandFault } from '../system/daemon/server-output.js';
import { checkSitePairs } from '../system/daemon/site-pairs.js';
import { readTextFileSync } from '../system/files.js';
import { readApacheSites } from './apache-config.js';
import { type ApacheDump, parseApacheDump } from './apache-dump.js';
import { type ApacheInvocation, renderApacheArguments } from './apache-invocation.js';
import { ErrorLogWatch } from './error-log.js';
import { reloadMaster } from './master-reload.js';

const DUMP = [
  '-t',
  ...['VHOSTS', 'INCLUDES', 'RUN_CFG', 'MODULES'].flatMap((what) => ['-D', `DUMP_${what}`]),
];
/** Its configuration test takes milliseconds whatever the reload takes, which loads the certificates. */
const PATIENCE_MS = 30_000;
/**
 * Without a log to read, a new worker may be a spare one of the old configuration: a main process that does not take the
 * new one dies within this time, unless it loads thousands of certificates.
 */
const BLIND_SETTLE_MS = 3_000;
/** A larger file is no configuration. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

/**
 * An Apache, reloaded by SIGUSR1 to its main process (graceful). Its own config test loads no certificate, and a
 * pair that does not match kills it at the reload: so the test here also tries every pair that the configuration names.
 */
export class ApacheServer implements WebServer {
  readonly kind = 'apache';
  readonly #control: ServerControl;
  readonly #invocation: ApacheInvocation;
  readonly #commands: ServerCommands;
  #errorLog: string | null | undefined;

  constructor(control: ServerControl, invocation: ApacheInvocation, commands: ServerCommands) {
    this.#control = control;
    this.#invocation = invocation;
    this.#commands = commands;
  }

  describe(): string {
    const { configFile, serverRoot } = this.#invocation;
    const what = configFile ?? serverRoot;
    return what === null ? 'Apache' : `Apache (${what})`;
  }

  async testConfig(): Promise<ServerCheck> {
    if (this.#commands.test !== null) {
      const why = await this.#control.fault(this.#commands.test);
      if (why !== undefined) return { ok: false, why };
    }
    const sites = await this.readSites();
    return 'fault' in sites ? { ok: false, why: sites.fault } : checkSitePairs(sites);
  }

  async reload(): Promise<ServerCheck> {
    const { reload } = this.#commands;
    if (this.#errorLog === undefined) await this.#dump();
    const log = ErrorLogWatch.from(this.#errorLog);
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
    const dump = await this.#dump();
    if ('fault' in dump) return dump;
    const texts = new Map<string, string>();
    for (const path of filesOf(dump)) {
      const text = textAt(path);
      if (text !== undefined) texts.set(path, text);
    }
    return readApacheSites(dump, texts, this.#control.program.environment);
  }

  async readConfiguration(): Promise<readonly string[] | { readonly fault: string }> {
    const dump = await this.#dump();
    if ('fault' in dump) return dump;
    const texts: string[] = [];
    for (const path of filesOf(dump)) {
      // Sites of macros name no file.
      if (!path.startsWith('/')) continue;
      const text = textAt(path);
      if (text === undefined) return { fault: `${path} cannot be read` };
      texts.push(text);
    }
    return texts;
  }

  async #dump(): Promise<ApacheDump | { readonly fault: string }> {
    const argv = [...renderApacheArguments(this.#invocation), ...DUMP];
    const result = await this.#control.run(argv);
    const fault = commandFault(
      [this.#control.program.path, ...argv],
      // What was dumped before the fault says nothing about it.
      { ...result, stdout: '' },
      this.#control.timeoutMs,
    );
    if (fault !== undefined) return { fault };
    const dump = parseApacheDump(result.stdout);
    this.#errorLog = dump.errorLog;
    return dump.files.length === 0 ? { fault: 'the server did not print its configuration' } : dump;
  }
}

function filesOf({ files, vhosts }: ApacheDump): ReadonlySet<string> {
  return new Set([...files, ...vhosts.map(({ file }) => file)]);
}

function textAt(path: string): string | undefined {
  try {
    return path.startsWith('/') ? readTextFileSync(path, MAX_FILE_BYTES) : undefined;
  } catch {
    return undefined;
  }
}
