/** One `<VirtualHost>` at one of its addresses, as Apache itself understood it. */
export interface DumpedVhost {
  /** `*` or an IP address without brackets. */
  readonly address: string;
  /** Null: every port. */
  readonly port: number | null;
  readonly isDefault: boolean;
  readonly serverName: string;
  /** Empty where it is the only one of its address: Apache leaves them out there. */
  readonly aliases: readonly string[];
  readonly file: string;
  readonly line: number;
}

/** What `-t -D DUMP_VHOSTS -D DUMP_INCLUDES -D DUMP_RUN_CFG -D DUMP_MODULES` prints. */
export interface ApacheDump {
  /** The main file first. */
  readonly files: readonly string[];
  readonly vhosts: readonly DumpedVhost[];
  /** `ssl_module` … */
  readonly modules: ReadonlySet<string>;
  readonly defines: ReadonlyMap<string, string>;
  readonly serverRoot: string | null;
  readonly pidFile: string | null;
  /** Null when the log is no file. */
  readonly errorLog: string | null;
}

const ADDRESS = /^(\S+):(\d+|\*)$/;

/** Takes the dump apart; lines of other kinds are passed over. Never throws. */
export function parseApacheDump(text: string): ApacheDump {
  const files = new Set<string>();
  const modules = new Set<string>();
  const defines = new Map<string, string>();
  const single = new Map<string, string>();
  const vhosts = new VhostLines();
  for (const line of text.split('\n')) {
    const include = /^\s+\((?:\*|\d+)\) (\/.*)$/.exec(line);
    const module = /^ (\w+) \((?:static|shared)\)$/.exec(line);
    const define = /^Define: (\w+)(?:=(.*))?$/.exec(line);
    const named = /^(ServerRoot|Main ErrorLog|PidFile): "(.*)"$/.exec(line);
    if (include?.[1] !== undefined) files.add(include[1]);
    else if (module?.[1] !== undefined) modules.add(module[1]);
    else if (define?.[1] !== undefined) defines.set(define[1], define[2] ?? '');
    else if (named?.[1] !== undefined) single.set(named[1], named[2] ?? '');
    else vhosts.take(line);
  }
  return {
    files: [...files],
    vhosts: vhosts.found,
    modules,
    defines,
    serverRoot: pathOf(single.get('ServerRoot')),
    pidFile: pathOf(single.get('PidFile')),
    errorLog: pathOf(single.get('Main ErrorLog')),
  };
}

function pathOf(text: string | undefined): string | null {
  return text?.startsWith('/') ? text : null;
}

interface Socket {
  readonly address: string;
  readonly port: number | null;
}

class VhostLines {
  readonly found: (DumpedVhost & { aliases: string[] })[] = [];
  #socket: Socket | undefined;
  /** `file:line` of the default site of that socket. */
  #default = '';

  take(line: string): void {
    const [, target = '', rest = ''] = /^(\S+)\s+(\S.*)$/.exec(line) ?? [];
    const socket = rest === '' ? undefined : socketOf(target);
    if (socket !== undefined) {
      this.#socket = rest === 'is a NameVirtualHost' ? socket : undefined;
      this.#default = '';
      this.#add(socket, rest, true);
      return;
    }
    const [, kind, what = ''] =
      /^\s+(default server|port (?:\d+|\*) namevhost|alias|wild alias) (.*)$/.exec(line) ?? [];
    if (kind === undefined || this.#socket === undefined) return;
    if (kind === 'default server') this.#default = /\((.*)\)$/.exec(what)?.[1] ?? '';
    else if (kind.endsWith('alias')) this.found.at(-1)?.aliases.push(what.trim());
    else this.#add(this.#socket, what, /\((.*)\)$/.exec(what)?.[1] === this.#default);
  }

  /** `what`: `NAME (FILE:LINE)`. */
  #add(socket: Socket, what: string, isDefault: boolean): void {
    const [, serverName, file, line] = /^(\S+) \((.*):(\d+)\)$/.exec(what) ?? [];
    if (serverName === undefined || file === undefined) return;
    this.found.push({ ...socket, isDefault, serverName, aliases: [], file, line: Number(line) });
  }
}

function socketOf(text: string): Socket | undefined {
  const [, host, port] = ADDRESS.exec(text) ?? [];
  if (host === undefined || (!/^\[.*\]$/.test(host) && host.includes(':'))) return undefined;
  const address = host.replace(/^\[|\]$/g, '').toLowerCase();
  return { address: address === '_default_' ? '*' : address, port: port === '*' ? null : Number(port) };
}
