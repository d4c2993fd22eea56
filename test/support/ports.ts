import { createServer } from 'node:net';

/** Above the well-known ports of daemons, below the ephemeral range (32768 on Linux). */
const LOWEST = 20_000;
const HIGHEST = 32_000;
const ATTEMPTS = 200;

const given = new Set<number>();

/**
 * TCP ports that are free at every IPv4 address, each given once per process. Another process may still take one before it is bound:
 * start a daemon again with others then.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await freePort());
  return ports;
}

export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (!given.has(port) && (await isFree(port))) {
      given.add(port);
      return port;
    }
  }
  throw new Error('no free port was found');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '0.0.0.0', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
