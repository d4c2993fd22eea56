import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, RequestListener } from 'node:http';
import { createServer as createHttpsServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { WebhookChannel, type WebhookSettings } from '../../../src/adapters/notify/webhook.js';
import { Secret } from '../../../src/core/domain/secret.js';
import { fixedClock } from '../../support/fixed-clock.js';
import { aMessage } from '../../support/outgoing-message.js';
import { aCertificate, aRoot } from '../../support/pki.js';

const SECRET = 'correct horse battery staple';
const clock = fixedClock('2026-11-22T03:00:00.500Z');

describe('a webhook over TLS', () => {
  let folder: string;
  let server: Server;
  let requests: { readonly request: IncomingMessage; readonly body: string }[] = [];
  let answer: RequestListener = (_, response) => response.writeHead(204).end();

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'autossl-webhook-'));
    const year = new Date().getUTCFullYear();
    const span = { notBefore: `${year - 1}-01-01T00:00:00Z`, notAfter: `${year + 2}-01-01T00:00:00Z` };
    const { keyPem, chainPem } = aCertificate({ names: ['localhost'], ...span });
    writeFileSync(join(folder, 'root.pem'), aRoot().certPem);
    server = createHttpsServer({ key: keyPem, cert: chainPem }, (request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (part: string) => {
        body += part;
      });
      request.on('end', () => {
        requests.push({ request, body });
        answer(request, response);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => {
    requests = [];
    answer = (_, response) => response.writeHead(204).end();
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true, force: true });
  });

  function post(more: Partial<WebhookSettings> = {}, message = aMessage()) {
    const { port } = server.address() as AddressInfo;
    const channel = new WebhookChannel(
      {
        ...{ url: `https://localhost:${port}/hook/T0PSECRET?key=x`, secret: new Secret(SECRET) },
        ...{ caBundle: join(folder, 'root.pem'), audiences: ['administrator'], timeoutMs: 20_000, ...more },
      },
      clock,
    );
    return channel.deliver(message, new AbortController().signal);
  }

  test('is posted JSON that its receiver can tell to be ours', async () => {
    expect(await post()).toEqual({ outcome: 'delivered', said: 'status 204' });
    const [{ request, body } = { request: undefined, body: '' }] = requests;
    const { html, ...handed } = aMessage();
    expect(JSON.parse(body)).toEqual(handed);
    expect(html).not.toBe('');
    expect(request?.method).toBe('POST');
    expect(request?.url).toBe('/hook/T0PSECRET?key=x');
    expect(request?.headers).toMatchObject({
      'content-type': 'application/json',
      'x-autossl-message': aMessage().id,
      'x-autossl-timestamp': '1795316400',
      'x-autossl-signature': `sha256=${createHmac('sha256', SECRET).update(`1795316400.${body}`).digest('hex')}`,
    });
  });

  test.each([
    [200, 'delivered', false],
    [301, 'refused', false],
    [307, 'refused', false],
    [400, 'refused', true],
    [401, 'refused', false],
    [404, 'refused', false],
    [410, 'refused', false],
    [413, 'refused', true],
    [422, 'refused', true],
    [429, 'refused', false],
    [500, 'refused', false],
    [503, 'refused', false],
  ])('that answers %i has %s it, for good: %s', async (status, outcome, isPermanent) => {
    answer = (_, response) => response.writeHead(status, { location: '/elsewhere' }).end('\u001b[2Jhostile');
    const given = await post();
    expect(given).toMatchObject(outcome === 'delivered' ? { outcome } : { outcome, isPermanent });
    // A redirect is not followed: the signature is for one receiver.
    expect(requests).toHaveLength(1);
    expect(JSON.stringify(given)).not.toMatch(/T0PSECRET|hostile|battery/);
  });

  test('whose certificate nobody vouches for gets nothing', async () => {
    const given = await post({ caBundle: null });
    expect(given).toMatchObject({ outcome: 'refused', isPermanent: false, isChannelDown: true });
    expect(JSON.stringify(given)).toMatch(/certificate/);
    expect(requests).toEqual([]);
  });

  test('whose roots are gone is said', async () => {
    expect(await post({ caBundle: '/nowhere/root.pem' })).toMatchObject({
      why: 'its roots cannot be read: it does not exist',
    });
  });

  test('that never answers is left after its time', async () => {
    answer = () => undefined;
    expect(await post({ timeoutMs: 1_000 })).toMatchObject({
      ...{ outcome: 'refused', isPermanent: false },
      why: 'it did not answer within 1 seconds',
    });
  });

  test('that breaks off is tried again', async () => {
    answer = (request) => request.socket.destroy();
    expect(await post()).toMatchObject({ outcome: 'refused', isPermanent: false, isChannelDown: true });
  });

  test('that answers without end is not listened to', async () => {
    answer = (_, response) => {
      response.writeHead(200);
      const talk = setInterval(() => response.write('x'.repeat(65_536)), 1);
      response.on('close', () => clearInterval(talk));
    };
    expect(await post()).toMatchObject({ outcome: 'delivered' });
  });
});
