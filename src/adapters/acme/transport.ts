import http from 'node:http';
import https from 'node:https';
import { createSecureContext } from 'node:tls';
import { AcmeProtocolError } from '../../core/domain/autossl-error.js';
import { systemClock } from '../system/clock.js';
import { transportErrorOf } from './transport-error.js';

/** RFC 8555 answers are small; a chain of certificates is the largest. */
const MOST_ANSWER_BYTES = 1024 * 1024;
/** Parallel connections to one CA: enough for the default of 10 orders in flight. */
const MOST_SOCKETS = 16;

export interface HttpAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
  readonly receivedAt: Date;
}

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly url: string;
  readonly body?: string;
  readonly accept?: string;
  /** A connection of its own: a kept one that just died would leave it open whether the request arrived. */
  readonly isUnrepeatable?: boolean;
  /** `performance.now()` instant by which the answer must be whole. */
  readonly deadline: number;
  readonly signal?: AbortSignal | undefined;
}

/** One HTTP exchange with a CA. Redirects are not followed (no CA of RFC 8555 sends any). */
export interface AcmeTransport {
  /** @throws AcmeProtocolError UNREACHABLE, TIMED_OUT, UNTRUSTED_SERVER, CLOCK_OR_CERTIFICATE, BAD_ANSWER, ANSWER_TOO_LARGE or ABORTED */
  send(request: HttpRequest): Promise<HttpAnswer>;
  close(): void;
}

/** @param caBundlePem the only trust anchors of the CA's own TLS, for private CAs; null = Node's list */
export function createTransport(options: {
  readonly caBundlePem: string | null;
  readonly userAgent: string;
}): AcmeTransport {
  // Made once: every connection of its own would parse the bundle again.
  const trust = {
    secureContext: createSecureContext(options.caBundlePem === null ? {} : { ca: options.caBundlePem }),
  };
  const kept = {
    'https:': new https.Agent({ keepAlive: true, maxSockets: MOST_SOCKETS, ...trust }),
    'http:': new http.Agent({ keepAlive: true, maxSockets: MOST_SOCKETS }),
  };
  const single = { 'https:': new https.Agent({ ...trust }), 'http:': new http.Agent({}) };

  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        const url = new URL(request.url);
        const remainingMs = request.deadline - performance.now();
        const fail = (error: unknown): void => {
          clearTimeout(timer);
          request.signal?.removeEventListener('abort', onAbort);
          client?.destroy();
          reject(transportErrorOf(error, request.method, url));
        };
        const onAbort = (): void =>
          fail(new AcmeProtocolError('ABORTED', 'stopped', { cause: request.signal?.reason }));
        const timer = setTimeout(() => fail(timedOut(request.method, url)), Math.max(0, remainingMs));
        let client: http.ClientRequest | undefined;
        if (request.signal?.aborted) return onAbort();
        request.signal?.addEventListener('abort', onAbort, { once: true });

        const protocol = url.protocol === 'http:' ? 'http:' : 'https:';
        client = (protocol === 'http:' ? http : https).request(
          url,
          {
            method: request.method,
            agent: (request.isUnrepeatable ? single : kept)[protocol],
            headers: {
              'user-agent': options.userAgent,
              'accept-language': 'en',
              accept: request.accept ?? 'application/json',
              ...(request.body === undefined
                ? {}
                : {
                    'content-type': 'application/jose+json',
                    'content-length': Buffer.byteLength(request.body),
                  }),
            },
          },
          (answer) => {
            const parts: Buffer[] = [];
            let size = 0;
            answer.on('data', (part: Buffer) => {
              size += part.length;
              if (size > MOST_ANSWER_BYTES) fail(tooLarge(url));
              else parts.push(part);
            });
            answer.on('error', fail);
            // A connection that dies half-way closes the answer before it is complete.
            answer.on('close', () => {
              if (!answer.complete) fail(Object.assign(new Error('cut short'), { code: 'ECONNRESET' }));
            });
            answer.on('end', () => {
              clearTimeout(timer);
              request.signal?.removeEventListener('abort', onAbort);
              resolve({
                status: answer.statusCode ?? 0,
                headers: answer.headers,
                body: Buffer.concat(parts),
                receivedAt: systemClock.now(),
              });
            });
          },
        );
        client.on('error', fail);
        client.end(request.body);
      }),
    close: () => {
      for (const agent of [...Object.values(kept), ...Object.values(single)]) agent.destroy();
    },
  };
}

function timedOut(method: string, url: URL): AcmeProtocolError {
  return new AcmeProtocolError(
    'TIMED_OUT',
    `the CA at ${url.host} did not answer ${method} ${url.pathname} in time`,
    {
      advice: 'It is tried again at the next run; check the network if it stays so.',
    },
  );
}

function tooLarge(url: URL): AcmeProtocolError {
  return new AcmeProtocolError(
    'ANSWER_TOO_LARGE',
    `the CA at ${url.host} sent more than ${MOST_ANSWER_BYTES / 1024} KiB as its answer to ${url.pathname}`,
  );
}
