import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import type { ListValidators } from '../../runs/ports/revocation.js';

/** All headers of an answer, in bytes. */
const MAX_HEADER_BYTES = 16 * 1024;
/** Longest validator that is kept, in characters; issuers' have under 100. */
const MAX_VALIDATOR_LENGTH = 500;
/** Until connected, in ms. */
const CONNECT_TIMEOUT_MS = 10_000;
const USER_AGENT = 'autossl (certificate revocation)';

export interface IssuerRequest {
  readonly url: URL;
  /** Where the connection goes, whatever the URL's host resolves to. */
  readonly address: string;
  /** Media types. */
  readonly accept: string;
  /** Null: nothing is sent along, and it is a GET. */
  readonly post: { readonly type: string; readonly body: Uint8Array } | null;
  readonly validators: ListValidators | null;
  /** What is larger is not read. */
  readonly maxBytes: number;
  /** Until the whole answer is here, in ms. */
  readonly totalTimeoutMs: number;
  readonly signal: AbortSignal;
}

/** What came back; `error` is the system's code. */
export interface IssuerResponse {
  readonly status: number | null;
  readonly location: string | null;
  readonly body: Buffer | null;
  readonly isTooLarge: boolean;
  readonly validators: ListValidators;
  readonly error: string | null;
}

const NOTHING: IssuerResponse = {
  status: null,
  location: null,
  body: null,
  isTooLarge: false,
  validators: { etag: null, lastModified: null },
  error: null,
};

/** One request on a connection of its own, bounded in time and size. Never rejects. */
export function requestOfIssuer(request: IssuerRequest): Promise<IssuerResponse> {
  const { url, address, post, signal } = request;
  if (signal.aborted) return Promise.resolve({ ...NOTHING, error: 'ABORT_ERR' });
  return new Promise<IssuerResponse>((resolve) => {
    const name = url.hostname.replace(/^\[(.*)\]$/, '$1');
    const options = {
      host: address,
      port: url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port),
      path: url.pathname + url.search,
      method: post === null ? 'GET' : 'POST',
      agent: false,
      maxHeaderSize: MAX_HEADER_BYTES,
      headers: headersOf(request),
    };
    const outgoing =
      url.protocol === 'https:'
        ? httpsRequest({
            ...options,
            ...(isIP(name) === 0 ? { servername: name } : {}),
            rejectUnauthorized: false,
          })
        : httpRequest(options);
    const finish = (answer: Partial<IssuerResponse>): void => {
      clearTimeout(connecting);
      clearTimeout(whole);
      signal.removeEventListener('abort', onAbort);
      resolve({ ...NOTHING, ...answer });
      outgoing.destroy();
    };
    const onAbort = (): void => finish({ error: 'ABORT_ERR' });
    const connecting = setTimeout(() => finish({ error: 'ETIMEDOUT' }), CONNECT_TIMEOUT_MS);
    const whole = setTimeout(() => finish({ error: 'ETIME' }), request.totalTimeoutMs);
    signal.addEventListener('abort', onAbort);
    outgoing.on('socket', (socket) => socket.once('connect', () => clearTimeout(connecting)));
    outgoing.on('error', (error: NodeJS.ErrnoException) => finish({ error: error.code ?? 'ECONNRESET' }));
    outgoing.on('close', () => finish({ error: 'ECONNRESET' }));
    outgoing.on('response', (incoming) => readAnswer(incoming, request.maxBytes, finish));
    outgoing.end(post?.body);
  }).catch((error: NodeJS.ErrnoException) => ({ ...NOTHING, error: error.code ?? 'EINVAL' }));
}

function headersOf({
  url,
  accept,
  post,
  validators,
}: IssuerRequest): Readonly<Record<string, string | number>> {
  return {
    host: url.host,
    ...conditions(validators),
    'user-agent': USER_AGENT,
    accept,
    'accept-encoding': 'identity',
    connection: 'close',
    ...(post === null ? {} : { 'content-type': post.type, 'content-length': post.body.length }),
  };
}

function conditions(validators: ListValidators | null): Readonly<Record<string, string>> {
  return {
    ...(validators?.etag == null ? {} : { 'if-none-match': validators.etag }),
    ...(validators?.lastModified == null ? {} : { 'if-modified-since': validators.lastModified }),
  };
}

function readAnswer(
  incoming: IncomingMessage,
  maxBytes: number,
  finish: (answer: Partial<IssuerResponse>) => void,
): void {
  const { statusCode: status = 0, headers } = incoming;
  const validators = { etag: kept(headers.etag), lastModified: kept(headers['last-modified']) };
  const seen = { status, location: headers.location ?? null, validators };
  if (status !== 200) {
    finish(seen);
    return;
  }
  const announced = Number(headers['content-length'] ?? 0);
  if (announced > maxBytes) {
    finish({ ...seen, isTooLarge: true });
    return;
  }
  const parts: Buffer[] = [];
  let size = 0;
  incoming.on('data', (part: Buffer) => {
    parts.push(part);
    size += part.length;
    if (size > maxBytes) finish({ ...seen, isTooLarge: true });
  });
  incoming.on('end', () => finish({ ...seen, body: Buffer.concat(parts) }));
  incoming.on('error', (error: NodeJS.ErrnoException) => finish({ error: error.code ?? 'ECONNRESET' }));
}

/** What may be sent back as it is. */
function kept(validator: string | undefined): string | null {
  return validator !== undefined &&
    /^[\x20-\x7e]+$/.test(validator) &&
    validator.length <= MAX_VALIDATOR_LENGTH
    ? validator
    : null;
}
