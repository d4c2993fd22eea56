import { posix } from 'node:path';
import type { ServerSite, SiteListen, SitePair } from '../../../core/plan/served/server-site.js';
import type { ApacheDirective } from './apache-directives.js';
import type { ApacheDump, DumpedVhost } from './apache-dump.js';
import { ApacheConfiguration } from './apache-files.js';

const HTTPS_PORT = 443;

/**
 * Apache's sites: names, addresses and defaults as its own dump gives them, the rest from the files. `texts`: by path,
 * of `dump.files` (those that could be read). A site made by a macro has no certificates here. Never throws.
 */
export function readApacheSites(
  dump: ApacheDump,
  texts: ReadonlyMap<string, string>,
  environment: Readonly<Record<string, string>> = {},
): readonly ServerSite[] {
  const configuration = new ApacheConfiguration(dump, texts, environment);
  const main = new ServerFacts();
  const listens: Listen[] = [];
  const blocks = new Map<string, ServerFacts>();
  for (const directive of configuration.main()) {
    if (directive.name === 'virtualhost' && directive.block !== null) {
      const facts = new ServerFacts();
      for (const inner of configuration.within(directive.block)) facts.take(inner);
      blocks.set(keyOf(directive), facts);
    } else if (directive.name === 'listen') listens.push(...readListen(directive.words));
    else main.take(directive);
  }
  const sockets = new Sockets(listens, dump.vhosts);
  const sites = new Map<string, DumpedVhost[]>();
  for (const vhost of dump.vhosts) {
    const known = sites.get(keyOf(vhost));
    if (known === undefined) sites.set(keyOf(vhost), [vhost]);
    else known.push(vhost);
  }
  return [...sites].map(([key, vhosts]) =>
    toSite(vhosts, blocks.get(key), main, sockets, dump.serverRoot ?? '/'),
  );
}

function keyOf({ file, line }: { readonly file: string; readonly line: number }): string {
  return `${file}:${line}`;
}

/** What a server, the main one or a virtual one, says of itself. */
class ServerFacts {
  readonly names: string[] = [];
  readonly certificates: string[] = [];
  readonly keys: string[] = [];
  documentRoot: string | null = null;
  /** Null: not said. */
  engine: string | null = null;

  take({ name, words }: ApacheDirective): void {
    const [first = ''] = words;
    if (name === 'servername') this.names.unshift(bareHost(first));
    else if (name === 'serveralias') this.names.push(...words.map(bareHost));
    else if (name === 'sslengine') this.engine = first.toLowerCase();
    else if (name === 'sslcertificatefile') this.certificates.push(first);
    else if (name === 'sslcertificatekeyfile') this.keys.push(first);
    else if (name === 'documentroot') this.documentRoot = first;
  }
}

/** `https://NAME:443` is allowed too. */
function bareHost(text: string): string {
  return text
    .toLowerCase()
    .replace(/^[a-z]+:\/\//, '')
    .replace(/:\d+$/, '')
    .replace(/(?<=.)\.$/, '');
}

function toSite(
  vhosts: readonly DumpedVhost[],
  facts: ServerFacts | undefined,
  main: ServerFacts,
  sockets: Sockets,
  serverRoot: string,
): ServerSite {
  const [first] = vhosts;
  const certificates =
    facts === undefined ? [] : facts.certificates.length > 0 ? facts.certificates : main.certificates;
  const keys = facts?.certificates.length ? facts.keys : facts === undefined ? [] : main.keys;
  const engine = facts?.engine ?? main.engine;
  const listens = vhosts.flatMap((vhost) =>
    sockets.of(vhost).map(
      ({ address, port, isHttps }): SiteListen => ({
        address,
        port,
        isTls: engine === null ? isHttps && certificates.length > 0 : engine === 'on',
        isDefault: vhost.isDefault,
        wantsProxyHeader: false,
      }),
    ),
  );
  const path = (text: string) => (/^[a-z0-9]+:/.test(text) ? text : posix.resolve(serverRoot, text));
  const root = facts?.documentRoot ?? null;
  return {
    server: 'apache',
    names: [
      ...new Set(
        vhosts.flatMap(({ serverName, aliases }) => [bareHost(serverName), ...aliases.map(bareHost)]),
      ),
      ...(facts?.names ?? []),
    ].filter((name, index, all) => name !== '' && all.indexOf(name) === index),
    isDefault: listens.some(({ isDefault }) => isDefault),
    listens,
    certificates: certificates.map(
      (certificate, index): SitePair => ({
        certificateFile: path(certificate),
        keyFile: path(keys[index] ?? certificate),
        isVariable: false,
      }),
    ),
    documentRoot: root === null ? null : path(root),
    file: first?.file ?? '',
    line: first?.line ?? 0,
  };
}

interface Listen {
  readonly address: string;
  readonly port: number;
  readonly isHttps: boolean;
}

function readListen([target = '', protocol]: readonly string[]): readonly Listen[] {
  const [, bracketed, host, digits] = /^(?:(?:\[([^\]]+)\]|([^:[\]]+)):)?(\d{1,5})$/.exec(target) ?? [];
  if (digits === undefined) return [];
  const port = Number(digits);
  const isHttps = protocol === undefined ? port === HTTPS_PORT : protocol.toLowerCase() === 'https';
  return [{ address: (bracketed ?? host ?? '*').toLowerCase(), port, isHttps }];
}

/** At which sockets a virtual host's address answers. */
class Sockets {
  readonly #listens: readonly Listen[];
  /** `address port` that virtual hosts name outright: those for every address do not answer there. */
  readonly #special: ReadonlySet<string>;

  constructor(listens: readonly Listen[], vhosts: readonly DumpedVhost[]) {
    this.#listens = listens;
    this.#special = new Set(vhosts.map(({ address, port }) => `${address} ${port}`));
  }

  of({ address, port }: DumpedVhost): readonly Listen[] {
    const open = this.#listens.filter((listen) => port === null || listen.port === port);
    if (address === '*') {
      const general = open.filter(
        (listen) => !this.#special.has(`${listen.address} ${listen.port}`) || listen.address === '*',
      );
      return general.length > 0 || port === null
        ? general
        : [{ address, port, isHttps: port === HTTPS_PORT }];
    }
    const isHttps = (one: number) =>
      open.find((listen) => listen.port === one)?.isHttps ?? one === HTTPS_PORT;
    const ports = port === null ? [...new Set(open.map((listen) => listen.port))] : [port];
    return ports.map((one) => ({ address, port: one, isHttps: isHttps(one) }));
  }
}
