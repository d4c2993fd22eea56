import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProgramResult } from '../demo/program.js';
import { type AcmeProxy, startAcmeProxy } from './acme-proxy.js';
import { runBin } from './bin-program.js';
import { type EmbeddedDns, startEmbeddedDns } from './embedded-dns.js';
import { type EmbeddedWeb, startEmbeddedWeb } from './embedded-web.js';
import { LOOPBACK } from './loopback.js';
import { type Pebble, type PebbleOptions, startPebble } from './pebble.js';
import type { AccountSpec, BuiltTree, TreeBuilder } from './tree-builder.js';
import { aTree } from './tree-builder.js';
import { wantedNames } from './wanted-names.js';

/** Pebble's only terms. */
export const PEBBLE_TERMS = 'data:text/plain,Do%20what%20thou%20wilt';
const CHALLENGE = /^\/\.well-known\/acme-challenge\/([A-Za-z0-9_-]+)$/;

/** A hosting server's tree and what it wants of a CA. */
export interface HostedTree extends BuiltTree {
  /** Names by vhost, over all accounts. */
  readonly names: ReadonlyMap<string, readonly string[]>;
  /** Runs a program of bin/ on it. */
  run(program: string, ...words: string[]): Promise<ProgramResult>;
}

export interface HostedTreeOptions {
  /** Beside those that name the resolver, the ports and the roots. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Further things in the tree. */
  readonly furnish?: (builder: TreeBuilder) => TreeBuilder;
}

/**
 * The world of hosting servers: a Pebble (which sees every name here) behind a counting proxy, a resolver that the
 * servers ask, and a web server on the port that both look at. The servers' own trees are hosted on it.
 */
export interface CaSite {
  readonly pebble: Pebble;
  readonly proxy: AcmeProxy;
  /** Only what `host` was given resolves; may be changed. The CA asks another resolver, which knows every name. */
  readonly dns: EmbeddedDns;
  readonly web: EmbeddedWeb;
  /** Builds a tree whose settings name these parts; no provider is chosen yet. */
  host(accounts: Readonly<Record<string, AccountSpec>>, options?: HostedTreeOptions): Promise<HostedTree>;
  /** `autossl provider use CustomACME` with the proxy's directory, the terms accepted; further words last. */
  choose(hosted: HostedTree, ...words: string[]): Promise<ProgramResult>;
  stop(): Promise<void>;
}

/** @throws Error with Pebble's output when it does not start */
export async function startCaSite(options: PebbleOptions = {}): Promise<CaSite> {
  const pebble = await startPebble(options);
  const proxy = await startAcmeProxy(pebble);
  const dns = await startEmbeddedDns();
  const trees: HostedTree[] = [];
  const web = await startEmbeddedWeb({ tree: NO_TREE, httpPort: pebble.httpPort });
  web.behaviours.set('*', async (request, response) => {
    const token = CHALLENGE.exec(request.url ?? '')?.[1];
    if (token === undefined) return false;
    const host = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
    const found = await challengeOf(trees, host, token, web.websites.get(host)?.documentRoot ?? null);
    response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'text/plain' });
    response.end(found ?? 'not found\n');
    return true;
  });
  return {
    pebble,
    proxy,
    dns,
    web,
    host: async (accounts, { settings = {}, furnish = (builder: TreeBuilder) => builder } = {}) => {
      let builder = aTree()
        .file('/etc/ssl/ca-transport.pem', pebble.transport.caPem)
        .file('/etc/ssl/roots.pem', await pebble.root())
        .settings({
          resolvers: [dns.server],
          http: { port: pebble.httpPort, privateNetworks: LOOPBACK },
          trustAnchors: '/etc/ssl/roots.pem',
          webServer: { reloadCommand: [process.execPath, '--version'] },
          ...settings,
        });
      for (const [name, spec] of Object.entries(accounts)) builder = builder.account(name, spec);
      const built = furnish(builder).build();
      const names = new Map(Object.values(accounts).flatMap((spec) => [...wantedNames(spec)]));
      for (const name of [...names.values()].flat()) dns.zones.set(name, { A: ['127.0.0.1'] });
      const hosted: HostedTree = {
        ...built,
        names,
        run: (program, ...words) => runBin(program, words, built.root),
      };
      trees.push(hosted);
      return hosted;
    },
    choose: (hosted, ...words) =>
      hosted.run(
        'autossl',
        ...['provider', 'use', 'CustomACME', '--directory', proxy.directoryUrl],
        ...['--ca-bundle', hosted.path('/etc/ssl/ca-transport.pem'), '--accept-terms', PEBBLE_TERMS],
        ...words,
      ),
    stop: async () => {
      await web.close();
      await proxy.close();
      await dns.close();
      await pebble.stop();
      for (const tree of trees) await tree.cleanUp();
    },
  };
}

/** Tokens are unique, so that it does not matter whose tree is asked first. */
async function challengeOf(
  trees: readonly HostedTree[],
  host: string,
  token: string,
  documentRoot: string | null,
): Promise<Buffer | undefined> {
  for (const tree of trees) {
    if (![...tree.names.values()].some((names) => names.includes(host))) continue;
    const folders = [tree.tree.challenges()];
    if (documentRoot !== null) folders.push(join(tree.path(documentRoot), '.well-known/acme-challenge'));
    for (const folder of folders) {
      const contents = await readFile(join(folder, token)).catch(() => undefined);
      if (contents !== undefined) return contents;
    }
  }
  return undefined;
}

const NO_TREE = {
  at: () => '/nonexistent',
  challenges: () => '/nonexistent',
  combined: () => '/nonexistent',
};
