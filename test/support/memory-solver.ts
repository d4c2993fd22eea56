import http from 'node:http';
import type { ChallengeSolver } from '../../src/runs/ports/challenges.js';

const CHALLENGE_PATH = '/.well-known/acme-challenge/';

/** Challenges in memory, served for every host name on one port. */
export interface MemorySolver extends ChallengeSolver {
  /** token → content of what is presented now. */
  readonly presented: ReadonlyMap<string, string>;
  /** Names whose challenge cannot be placed. */
  readonly unplaceable: Set<string>;
  /** Host names answered with another body than the one presented. */
  readonly lying: Set<string>;
  /** Tokens that were ever presented. */
  readonly everPresented: ReadonlySet<string>;
}

export async function startMemorySolver(port: number): Promise<MemorySolver> {
  const contents = new Map<string, string>();
  const everPresented = new Set<string>();
  const unplaceable = new Set<string>();
  const lying = new Set<string>();
  const server = http.createServer((request, response) => {
    const token = request.url?.startsWith(CHALLENGE_PATH) ? request.url.slice(CHALLENGE_PATH.length) : '';
    const content = contents.get(token);
    const host = (request.headers.host ?? '').replace(/:\d+$/, '');
    if (content === undefined) response.writeHead(404).end('not found');
    else response.writeHead(200).end(lying.has(host) ? 'something else' : content);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', () => resolve()));
  return {
    presented: contents,
    everPresented,
    unplaceable,
    lying,
    present: async ({ name, token, content }) => {
      if (unplaceable.has(name)) return { ok: false, why: 'the folder is a symbolic link', fault: 'owner' };
      contents.set(token, content);
      everPresented.add(token);
      return { ok: true };
    },
    cleanUp: async ({ token }) => {
      contents.delete(token);
    },
    sweep: async () => contents.clear(),
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
