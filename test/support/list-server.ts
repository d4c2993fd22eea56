import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A web server with revocation lists on it. */
export interface ListServer {
  readonly port: number;
  /** The URL of a path of it, by address. */
  urlOf(path: string): string;
  /** By path. A function answers by itself. */
  readonly lists: Map<string, Uint8Array | ((response: ServerResponse) => void)>;
  /** Path and, where it was conditional, `if changed`; in order. */
  readonly requests: string[];
  close(): Promise<void>;
}

/** Answers conditional requests by an ETag of the list’s bytes. */
export async function startListServer(): Promise<ListServer> {
  const lists: ListServer['lists'] = new Map();
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    const known = request.headers['if-none-match'];
    requests.push(known === undefined ? path : `${path} if changed`);
    const list = lists.get(path);
    if (typeof list === 'function') return list(response);
    if (list === undefined) return response.writeHead(404).end('not found');
    const etag = `"${Buffer.from(list).toString('base64').slice(-40)}"`;
    if (known === etag) return response.writeHead(304).end();
    return response.writeHead(200, { etag, 'content-type': 'application/pkix-crl' }).end(list);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    urlOf: (path) => `http://127.0.0.1:${port}${path}`,
    lists,
    requests,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
