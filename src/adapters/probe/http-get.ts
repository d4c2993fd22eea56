import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';

/** Kept of a body, in bytes; a challenge's file has under 200. */
const MAX_BODY_BYTES = 8 * 1024;
/** All headers of an answer, in bytes; beyond it node gives HPE_HEADER_OVERFLOW. */
const MAX_HEADER_BYTES = 16 * 1024;

export interface GetRequest {
  readonly url: URL;
  /** Where the connection goes, whatever the URL's host resolves to and its port says. */
  readonly address: string;
  readonly port: number;
  readonly userAgent: string;
  readonly timeoutMs: number;
  /** Whether the body of an answer with this status is wanted. */
  readonly wantsBody: (status: number) => boolean;
  readonly signal: AbortSignal;
}

/** What came back; `error` is the system's, the parser's or TLS's code. */
export interface GetAnswer {
  readonly status: number | null;
  readonly location: string | null;
  readonly body: string | null;
  readonly isBodyTruncated: boolean;
  readonly error: string | null;
}

const NOTHING: GetAnswer = { status: null, location: null, body: null, isBodyTruncated: false, error: null };

/**
 * One GET on a connection of its own. ETIMEDOUT: no connection in time; ETIME: connected, but no whole answer in time.
 * TLS certificates are not verified, as in a CA's validation. Never rejects.
 */
export function getOnce(request: GetRequest): Promise<GetAnswer> {
  const { url, address } = request;
  if (isIP(address) === 0) return Promise.resolve({ ...NOTHING, error: 'EINVAL' });
  if (request.signal.aborted) return Promise.resolve({ ...NOTHING, error: abortCode(request.signal, false) });
  return new Promise<GetAnswer>((resolve) => {
    let isConnected = false;
    let answer = NOTHING;
    const options = {
      host: address,
      port: request.port,
      path: url.pathname + url.search,
      agent: false,
      maxHeaderSize: MAX_HEADER_BYTES,
      headers: {
        host: url.host,
        'user-agent': request.userAgent,
        accept: '*/*',
        'accept-encoding': 'identity',
        connection: 'close',
      },
    };
    const outgoing =
      url.protocol === 'https:'
        ? httpsRequest({ ...options, servername: url.hostname, rejectUnauthorized: false })
        : httpRequest(options);
    const finish = (last: Partial<GetAnswer>): void => {
      clearTimeout(timer);
      request.signal.removeEventListener('abort', onAbort);
      resolve({ ...answer, ...last });
      outgoing.destroy();
    };
    const onAbort = (): void => finish({ error: abortCode(request.signal, isConnected) });
    const timer = setTimeout(() => finish({ error: isConnected ? 'ETIME' : 'ETIMEDOUT' }), request.timeoutMs);
    request.signal.addEventListener('abort', onAbort);
    outgoing.on('socket', (socket) => {
      socket.once('connect', () => {
        isConnected = true;
      });
    });
    outgoing.on('close', () => finish({ error: 'ECONNRESET' }));
    outgoing.on('error', (error: NodeJS.ErrnoException) => finish({ error: error.code ?? 'ECONNRESET' }));
    outgoing.on('response', (incoming) => {
      const status = incoming.statusCode ?? 0;
      answer = { ...NOTHING, status, location: incoming.headers.location ?? null };
      if (!request.wantsBody(status)) finish({});
      else readBody(incoming, finish);
    });
    outgoing.end();
  }).catch((error: NodeJS.ErrnoException) => ({ ...NOTHING, error: error.code ?? 'EINVAL' }));
}

function readBody(incoming: IncomingMessage, finish: (last: Partial<GetAnswer>) => void): void {
  const parts: Buffer[] = [];
  let size = 0;
  incoming.on('data', (part: Buffer) => {
    parts.push(part);
    size += part.length;
    if (size > MAX_BODY_BYTES) finish({ body: textOf(parts), isBodyTruncated: true });
  });
  incoming.on('end', () => finish({ body: textOf(parts) }));
  incoming.on('error', (error: NodeJS.ErrnoException) => finish({ error: error.code ?? 'ECONNRESET' }));
}

function textOf(parts: readonly Buffer[]): string {
  return Buffer.concat(parts).subarray(0, MAX_BODY_BYTES).toString('utf8');
}

/** The code of a fetch that the signal ended. */
export function abortCode(signal: AbortSignal, isConnected: boolean): string {
  const isTimeout = signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError';
  if (!isTimeout) return 'ABORT_ERR';
  return isConnected ? 'ETIME' : 'ETIMEDOUT';
}
