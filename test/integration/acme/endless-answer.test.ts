import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline, Readable } from 'node:stream';
import { afterEach, expect, test } from '@jest/globals';
import { createTransport } from '../../../src/adapters/acme/transport.js';

const PART_BYTES = 64 * 1024;
/** What we read, and what the buffers of two sockets hold besides. */
const MOST_SENT_BYTES = 32 * 1024 * 1024;
const TIMEOUT_MS = 60_000;

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

test.each([200, 400, 503])(
  'an answer without end (status %s) is broken off after a mebibyte, and nothing more of it is taken',
  async (status) => {
    let sentBytes = 0;
    const endless = function* (): Generator<Buffer> {
      for (;;) {
        sentBytes += PART_BYTES;
        yield Buffer.alloc(PART_BYTES, 0x20);
      }
    };
    let isCut: () => void;
    const cut = new Promise<void>((resolve) => {
      isCut = resolve;
    });
    server = createServer((_, response) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      pipeline(Readable.from(endless()), response, () => isCut());
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const transport = createTransport({ caBundlePem: null, userAgent: 'autossl-test/0' });
    const url = `http://127.0.0.1:${port}/dir`;
    const deadline = performance.now() + TIMEOUT_MS;
    await expect(transport.send({ method: 'GET', url, deadline })).rejects.toMatchObject({
      code: 'ANSWER_TOO_LARGE',
    });
    await cut;
    transport.close();
    expect(sentBytes).toBeLessThan(MOST_SENT_BYTES);
  },
);

test('an answer that trickles for ever ends with the request’s time', async () => {
  server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const timer = setInterval(() => response.write(' '), 20);
    response.on('close', () => clearInterval(timer));
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const transport = createTransport({ caBundlePem: null, userAgent: 'autossl-test/0' });
  const url = `http://127.0.0.1:${port}/dir`;
  await expect(
    transport.send({ method: 'GET', url, deadline: performance.now() + 500 }),
  ).rejects.toMatchObject({ code: 'TIMED_OUT' });
  transport.close();
});
