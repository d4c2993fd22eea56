import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AcmeProxy, startAcmeProxy } from './acme-proxy.js';
import { type EmbeddedWeb, startEmbeddedWeb, type WebSite } from './embedded-web.js';
import { type Pebble, type PebbleOptions, startPebble } from './pebble.js';
import type { BuiltTree, TreeBuilder } from './tree-builder.js';

/** Pebble's only terms. */
const PEBBLE_TERMS = 'data:text/plain,Do%20what%20thou%20wilt';
const CHALLENGE = /^\/\.well-known\/acme-challenge\/([A-Za-z0-9_-]+)$/;

/** A Pebble behind a proxy, its name server, and one web server for the websites of any number of trees. */
export interface Hosting {
  readonly pebble: Pebble;
  readonly proxy: AcmeProxy;
  readonly web: EmbeddedWeb;
  /** Adds the settings and the provider that a tree needs to use all of this. `changes` are further settings. */
  settle(builder: TreeBuilder, changes?: Readonly<Record<string, unknown>>): TreeBuilder;
  /** Serves every host that ends in `suffix` from the tree: challenges from its shared folder or the document root. */
  serve(suffix: string, built: BuiltTree, websites?: Iterable<readonly [string, WebSite]>): void;
  stop(): Promise<void>;
}

export async function startHosting(options: PebbleOptions = {}): Promise<Hosting> {
  const trees = new Map<string, BuiltTree>();
  const pebble = await startPebble(options);
  const proxy = await startAcmeProxy(pebble);
  const nowhere = {
    at: () => '/nonexistent',
    challenges: () => '/nonexistent',
    combined: () => '/nonexistent',
  };
  const web = await startEmbeddedWeb({ tree: nowhere, httpPort: pebble.httpPort });
  web.behaviours.set('*', async (request, response) => {
    const host = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
    const built = [...trees].find(([suffix]) => host.endsWith(suffix))?.[1];
    const token = CHALLENGE.exec(request.url ?? '')?.[1];
    if (built === undefined || token === undefined) return false;
    const documentRoot = web.websites.get(host)?.documentRoot ?? null;
    const folder =
      documentRoot === null
        ? built.tree.challenges()
        : join(built.path(documentRoot), '.well-known/acme-challenge');
    const contents = await readFile(join(folder, token)).catch(() => undefined);
    response.writeHead(contents === undefined ? 404 : 200, { 'content-type': 'text/plain' });
    response.end(contents ?? 'not found\n');
    return true;
  });
  return {
    pebble,
    proxy,
    web,
    settle: (builder, changes = {}) =>
      builder
        .file('/etc/ca.pem', pebble.transport.caPem)
        .autosslJson({
          provider: 'CustomACME',
          provider_properties: {
            CustomACME: { terms_of_service_accepted: PEBBLE_TERMS, directory_url: proxy.directoryUrl },
          },
        })
        .settings({
          resolvers: [pebble.dns],
          http: { port: pebble.httpPort },
          providers: { CustomACME: { caBundle: '/etc/ca.pem' } },
          webServer: { reloadCommand: [process.execPath, '--version'] },
          ...changes,
        }),
    serve: (suffix, built, websites = []) => {
      trees.set(suffix, built);
      for (const [host, website] of websites) web.websites.set(host, website);
    },
    stop: async () => {
      await web.close();
      await proxy.close();
      await pebble.stop();
    },
  };
}
