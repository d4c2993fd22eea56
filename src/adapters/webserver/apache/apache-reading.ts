import type { ServerSite } from '../../../core/plan/served/server-site.js';
import { markOfFiles } from '../../system/daemon/file-marks.js';
import type { ServerControl } from '../../system/daemon/server-control.js';
import { commandFault } from '../../system/daemon/server-output.js';
import { readTextFileSync } from '../../system/files/files.js';
import { readApacheSites } from './apache-config.js';
import { type ApacheDump, parseApacheDump } from './apache-dump.js';
import { type ApacheInvocation, renderApacheArguments } from './apache-invocation.js';

const DUMP = [
  '-t',
  ...['VHOSTS', 'INCLUDES', 'RUN_CFG', 'MODULES'].flatMap((what) => ['-D', `DUMP_${what}`]),
];
/** A larger file is no configuration. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

interface Fault {
  readonly fault: string;
}

/** What an Apache's configuration says, by its own dump (which is its own test too) and the files that this names. */
export class ApacheReading {
  readonly #control: ServerControl;
  readonly #invocation: ApacheInvocation;
  #dump: { readonly text: string; readonly dump: ApacheDump } | undefined;
  #sites:
    | { readonly dump: ApacheDump; readonly mark: string; readonly sites: readonly ServerSite[] }
    | undefined;

  constructor(control: ServerControl, invocation: ApacheInvocation) {
    this.#control = control;
    this.#invocation = invocation;
  }

  /** Its main log, as it was when it last passed its test; null when that is no file or was never seen. */
  async errorLog(): Promise<string | null> {
    if (this.#dump === undefined) await this.#read();
    return this.#dump?.dump.errorLog ?? null;
  }

  async sites(): Promise<readonly ServerSite[] | Fault> {
    const dump = await this.#read();
    if ('fault' in dump) return dump;
    const paths = filesOf(dump);
    // Most often nothing but certificates was changed since.
    const mark = markOfFiles(paths);
    if (mark !== null && this.#sites?.dump === dump && this.#sites.mark === mark) return this.#sites.sites;
    const texts = new Map<string, string>();
    for (const path of paths) {
      const text = textAt(path);
      if (text !== undefined) texts.set(path, text);
    }
    const sites = readApacheSites(dump, texts, this.#control.program.environment);
    this.#sites = mark === null ? undefined : { dump, mark, sites };
    return sites;
  }

  async texts(): Promise<readonly string[] | Fault> {
    const dump = await this.#read();
    if ('fault' in dump) return dump;
    const texts: string[] = [];
    for (const path of filesOf(dump)) {
      const text = textAt(path);
      if (text === undefined) return { fault: `${path} cannot be read` };
      texts.push(text);
    }
    return texts;
  }

  /** The same object as long as Apache prints the same. */
  async #read(): Promise<ApacheDump | Fault> {
    const argv = [...renderApacheArguments(this.#invocation), ...DUMP];
    const result = await this.#control.run(argv);
    const fault = commandFault(
      [this.#control.program.path, ...argv],
      // What was dumped before the fault says nothing about it.
      { ...result, stdout: '' },
      this.#control.timeoutMs,
    );
    if (fault !== undefined) return { fault };
    if (this.#dump?.text !== result.stdout) {
      this.#dump = { text: result.stdout, dump: parseApacheDump(result.stdout) };
    }
    const { dump } = this.#dump;
    return dump.files.length === 0 ? { fault: 'the server did not print its configuration' } : dump;
  }
}

/** Sites of macros name no file. */
function filesOf({ files, vhosts }: ApacheDump): ReadonlySet<string> {
  return new Set([...files, ...vhosts.map(({ file }) => file)].filter((path) => path.startsWith('/')));
}

function textAt(path: string): string | undefined {
  try {
    return readTextFileSync(path, MAX_FILE_BYTES);
  } catch {
    return undefined;
  }
}
