import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { join, normalize } from 'node:path';
import { createSecureContext } from 'node:tls';
import { parseDomainName, parseHostName } from '../../src/core/domain/name/names.js';

/** Only what the server needs to know of a tree. */
export interface WebTree {
  at(documentedPath: string): string;
  challenges(): string;
  combined(vhost: ReturnType<typeof parseHostName>): string;
}

export interface WebSite {
  /** Its certificate is read from `apache_tls/<vhost>/combined`. */
  readonly vhost: string;
  /** As in the account data; null = the website has no files. */
  readonly documentRoot: string | null;
}

/** Answers instead of the files; `false` = let the files be served. */
export type Behaviour = (request: IncomingMessage, response: ServerResponse) => unknown;

export interface EmbeddedWebOptions {
  readonly tree: WebTree;
  /** By host name (lower case); may be changed while it runs. */
  readonly websites?: Iterable<readonly [string, WebSite]>;
  /** False: requests for challenges go to the document roots, as on a server without our alias. Default true. */
  readonly hasChallengeAlias?: boolean;
  readonly address?: string;
  readonly httpPort?: number;
  readonly httpsPort?: number;
}

export interface EmbeddedWeb {
  readonly address: string;
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly websites: Map<string, WebSite>;
  /** By host name, or `*` for all. */
  readonly behaviours: Map<string, Behaviour>;
  /** `http HOST PATH` or `https HOST PATH`, in order. */
  readonly requests: string[];
  close(): Promise<void>;
}

const CHALLENGE = /^\/\.well-known\/acme-challenge\/([A-Za-z0-9_-]+)$/;

/**
 * A web server for tests and the demo: HTTP and HTTPS on free ports. Challenges come from the tree's folder for every
 * host, all else from the host's document root; certificates are read afresh for each handshake.
 */
export async function startEmbeddedWeb(options: EmbeddedWebOptions): Promise<EmbeddedWeb> {
  const { tree } = options;
  const address = options.address ?? '127.0.0.1';
  const websites = new Map(options.websites ?? []);
  const behaviours = new Map<string, Behaviour>();
  const requests: string[] = [];
  const sockets = new Set<Socket>();

  const listenerFor =
    (scheme: string): RequestListener =>
    (request, response) => {
      const host = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
      requests.push(`${scheme} ${host} ${request.url}`);
      const respond = async (): Promise<void> => {
        const behaviour = behaviours.get(host) ?? behaviours.get('*');
        if (behaviour !== undefined && (await behaviour(request, response)) !== false) return;
        await serveFile(fileFor(options, websites.get(host), request.url ?? '/'), response);
      };
      respond().catch(() => response.destroy());
    };

  const http = createServer(listenerFor('http'));
  const https = createTlsServer(
    {
      SNICallback: (serverName, done) => {
        secureContextOf(tree, websites, serverName).then(
          (context) => done(null, context),
          (error: Error) => done(error),
        );
      },
    },
    listenerFor('https'),
  );
  for (const server of [http, https]) {
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
    server.on('tlsClientError', () => undefined);
  }
  http.listen(options.httpPort ?? 0, address);
  https.listen(options.httpsPort ?? 0, address);
  await Promise.all([once(http, 'listening'), once(https, 'listening')]);
  return {
    address,
    httpPort: (http.address() as AddressInfo).port,
    httpsPort: (https.address() as AddressInfo).port,
    websites,
    behaviours,
    requests,
    close: async () => {
      const closed = [http, https].map((server) => new Promise<void>((done) => server.close(() => done())));
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
    },
  };
}

function fileFor(options: EmbeddedWebOptions, website: WebSite | undefined, url: string): string | undefined {
  const path = decodeURIComponent(new URL(url, 'http://x').pathname);
  const token = CHALLENGE.exec(path)?.[1];
  if (token !== undefined && options.hasChallengeAlias !== false) {
    return join(options.tree.challenges(), token);
  }
  if (website?.documentRoot == null) return undefined;
  const name = path.endsWith('/') ? `${path}index.html` : path;
  return join(options.tree.at(website.documentRoot), normalize(name));
}

async function serveFile(path: string | undefined, response: ServerResponse): Promise<void> {
  const contents = path === undefined ? undefined : await readFile(path).catch(() => undefined);
  response.writeHead(contents === undefined ? 404 : 200, { 'content-type': 'text/plain' });
  response.end(contents ?? 'not found\n');
}

async function secureContextOf(tree: WebTree, websites: ReadonlyMap<string, WebSite>, serverName: string) {
  const name = parseDomainName(serverName);
  const vhost = websites.get(name)?.vhost;
  if (vhost === undefined) throw new Error(`no website for ${name}`);
  const pem = await readFile(tree.combined(parseHostName(vhost)), 'utf8');
  return createSecureContext({ key: pem, cert: pem });
}
