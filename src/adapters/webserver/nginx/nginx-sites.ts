import { posix } from 'node:path';
import type { ServerSite, SiteListen, SitePair } from '../../../core/plan/served/server-site.js';
import type { NginxDirective } from './nginx-directives.js';
import type { NginxConfiguration } from './nginx-files.js';
import { type NginxListen, readNginxListen } from './nginx-listen.js';

/** What servers inherit from `http`. */
interface Inherited {
  readonly certificates: readonly string[];
  readonly keys: readonly string[];
  readonly root: string | null;
  readonly isTls: boolean;
}

/** A server without `listen` (as root). */
const DEFAULT_LISTEN: NginxListen = {
  address: '0.0.0.0',
  port: 80,
  isTls: false,
  isDefault: false,
  wantsProxyHeader: false,
};

/** The `server` blocks of all `http` blocks, in their order. */
export function readNginxSites(configuration: NginxConfiguration, prefix: string): readonly ServerSite[] {
  const blocks: ServerBlock[] = [];
  for (const directive of configuration.main()) {
    if (directive.name !== 'http' || directive.block === null) continue;
    const http = new ServerBlock(directive);
    const servers: NginxDirective[] = [];
    for (const inner of configuration.within(directive.block)) {
      if (inner.name === 'server' && inner.block !== null) servers.push(inner);
      else http.take(inner);
    }
    // What http says counts wherever it stands: servers inherit when all is read.
    for (const server of servers) {
      const block = new ServerBlock(server, http);
      for (const inner of configuration.within(server.block ?? [])) {
        block.take(inner);
        if (inner.name === 'location' && inner.block !== null && inner.words.at(-1) === '/') {
          for (const one of configuration.within(inner.block)) block.takeOfRootLocation(one);
        }
      }
      blocks.push(block);
    }
  }
  const sockets = new Sockets(blocks);
  return blocks.map((block) => block.toSite(sockets, configuration.folder, prefix));
}

/** What one `server` block (or `http` around them) says of itself. */
class ServerBlock implements Inherited {
  readonly listens: NginxListen[] = [];
  readonly #directive: NginxDirective;
  readonly #parent: Inherited | undefined;
  readonly #names: string[] = [];
  readonly #certificates: string[] = [];
  readonly #keys: string[] = [];
  #root: string | null = null;
  #rootOfLocation: string | null = null;
  #ssl: boolean | null = null;
  #hasListen = false;

  constructor(directive: NginxDirective, parent?: Inherited) {
    this.#directive = directive;
    this.#parent = parent;
  }

  get certificates(): readonly string[] {
    return this.#certificates.length > 0 ? this.#certificates : (this.#parent?.certificates ?? []);
  }
  get keys(): readonly string[] {
    return this.#keys.length > 0 ? this.#keys : (this.#parent?.keys ?? []);
  }
  get root(): string | null {
    return this.#root ?? this.#rootOfLocation ?? this.#parent?.root ?? null;
  }
  /** `ssl on;` of nginx before 1.25. */
  get isTls(): boolean {
    return this.#ssl ?? this.#parent?.isTls ?? false;
  }

  take({ name, words }: NginxDirective): void {
    const [first = ''] = words;
    if (name === 'listen') {
      this.#hasListen = true;
      this.listens.push(...readNginxListen(words));
    } else if (name === 'server_name') this.#names.push(...words.flatMap(namesOf));
    else if (name === 'ssl_certificate') this.#certificates.push(first);
    else if (name === 'ssl_certificate_key') this.#keys.push(first);
    else if (name === 'root') this.#root = first;
    else if (name === 'ssl') this.#ssl = first === 'on';
  }

  takeOfRootLocation({ name, words }: NginxDirective): void {
    if (name === 'root') this.#rootOfLocation = words[0] ?? null;
  }

  /** After all listens are known. */
  effectiveListens(): readonly NginxListen[] {
    return this.#hasListen ? this.listens : [DEFAULT_LISTEN];
  }

  toSite(sockets: Sockets, folder: string, prefix: string): ServerSite {
    const listens = this.effectiveListens().map((listen) => sockets.asSeen(listen, this));
    return {
      server: 'nginx',
      names: [...new Set(this.#names)],
      isDefault: listens.some(({ isDefault }) => isDefault),
      listens,
      certificates: this.#pairs(folder),
      documentRoot: this.root === null || this.root.includes('$') ? null : posix.resolve(prefix, this.root),
      file: this.#directive.file,
      line: this.#directive.line,
    };
  }

  #pairs(folder: string): readonly SitePair[] {
    return this.certificates.map((certificate, index) => {
      // nginx pairs them in order; a key that is missing is its error, and then the certificate's file may hold it.
      const key = this.keys[index] ?? certificate;
      const isVariable = [certificate, key].some((text) => text.includes('$'));
      const path = (text: string) =>
        isVariable || /^(engine|store|data):/.test(text) ? text : posix.resolve(folder, text);
      return { certificateFile: path(certificate), keyFile: path(key), isVariable };
    });
  }
}

/** What belongs to a socket and not to a server: any of its servers may say it. */
class Sockets {
  readonly #byKey = new Map<
    string,
    { isTls: boolean; wantsProxyHeader: boolean; owner: ServerBlock; isFixed: boolean }
  >();

  constructor(blocks: readonly ServerBlock[]) {
    for (const block of blocks) {
      for (const listen of block.effectiveListens()) {
        const known = this.#byKey.get(keyOf(listen));
        const socket = known ?? { isTls: false, wantsProxyHeader: false, owner: block, isFixed: false };
        socket.isTls ||= listen.isTls;
        socket.wantsProxyHeader ||= listen.wantsProxyHeader;
        if (listen.isDefault && !socket.isFixed) Object.assign(socket, { owner: block, isFixed: true });
        this.#byKey.set(keyOf(listen), socket);
      }
    }
  }

  asSeen(listen: NginxListen, block: ServerBlock): SiteListen {
    const socket = this.#byKey.get(keyOf(listen));
    return {
      address: listen.address,
      port: listen.port,
      isTls: (socket?.isTls ?? listen.isTls) || block.isTls,
      isDefault: socket?.owner === block,
      wantsProxyHeader: socket?.wantsProxyHeader ?? false,
    };
  }
}

function keyOf({ address, port }: NginxListen): string {
  return `${address} ${port}`;
}

/** `.x` is `x` and `*.x`; the empty name and `_` are kept out: they are no host's. */
function namesOf(word: string): readonly string[] {
  if (word.startsWith('~')) return [word];
  const name = word.toLowerCase().replace(/(?<=.)\.$/, '');
  if (name === '' || name === '_') return [];
  return name.startsWith('.') ? [name.slice(1), `*${name}`] : [name];
}
