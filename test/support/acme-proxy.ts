import type { IncomingHttpHeaders } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { TransportCa } from './transport-ca.js';

/** What the proxy does instead of (or on top of) handing a request on. */
export type Fault =
  | {
      readonly kind: 'problem';
      readonly status: number;
      /** Short ACME error type. */
      readonly type: string;
      readonly detail?: string;
      readonly retryAfter?: string;
      readonly subproblems?: readonly {
        readonly type: string;
        readonly detail: string;
        readonly name: string;
      }[];
      /** The CA sees the request, and something on the way answers in its stead. */
      readonly reachesCa?: boolean;
    }
  | {
      readonly kind: 'garbage';
      readonly status?: number;
      readonly body: string;
      readonly contentType?: string;
    }
  | { readonly kind: 'close' }
  /** The request reaches the CA, the answer does not come back. */
  | { readonly kind: 'lose-answer' }
  | { readonly kind: 'hang' }
  /** Handed on after so many ms. */
  | { readonly kind: 'stall'; readonly ms: number }
  /** The request reaches the CA; half of its answer comes back. */
  | { readonly kind: 'cut-short' }
  /** The first so many hundredths of its body, told as the whole. */
  | { readonly kind: 'cut-body'; readonly percent: number }
  /** What the CA said, by another content type. */
  | { readonly kind: 'retype'; readonly contentType: string }
  | { readonly kind: 'large'; readonly bytes: number }
  | { readonly kind: 'without-nonce' }
  /** The CA's answer with another Date header. */
  | { readonly kind: 'date'; readonly value: string }
  /** The CA's JSON object with members replaced (an order kept `processing`), and a Retry-After. */
  | {
      readonly kind: 'change';
      readonly members: Readonly<Record<string, unknown>>;
      readonly retryAfter?: string;
    };

/** One request as the proxy saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  /** The decoded JWS payload; undefined when there was no body or it was empty (POST-as-GET). */
  readonly payload: unknown;
  readonly status: number | null;
  /** Whether the CA saw it. */
  readonly reachedCa: boolean;
  /** Location of the CA's answer. */
  readonly location?: string;
}

/** A TLS proxy before a CA that keeps the Host header, so the CA names itself by the proxy's address. */
export interface AcmeProxy {
  readonly directoryUrl: string;
  readonly requests: readonly SeenRequest[];
  /** How often newOrder was asked for. */
  newOrders(): number;
  /** Applies to the next `times` requests whose path begins so (after `after` of them passed). */
  fault(path: string, fault: Fault, times?: number, after?: number): void;
  /** Chooses a fault for each request for which none is planned; undefined: fair weather again. */
  weather(chooses: ((path: string) => Fault | undefined) | undefined): void;
  /** Retry-After on orders and finalize answers; undefined = as the CA sends it. */
  retryAfter(value: string | undefined): void;
  /** Window that renewalInfo answers for every certificate from now on, in place of the CA's own (an older Pebble has none). */
  renewalWindow(window: { readonly start: string; readonly end: string } | null): void;
  /** Told of each answer of the CA just before it is handed back, which waits for what the listener does. */
  beforeAnswer(listener: ((seen: SeenRequest) => unknown) | undefined): void;
  /** Takes back what was planned; what was asked stays seen. */
  lift(): void;
  /** The same, and forgets what was asked. */
  clear(): void;
  close(): Promise<void>;
}

/** Paths of Pebble's resources. */
export const PATHS = {
  directory: '/dir',
  newNonce: '/nonce-plz',
  newAccount: '/sign-me-up',
  newOrder: '/order-plz',
  order: '/my-order/',
  finalize: '/finalize-order/',
  authorization: '/authZ/',
  challenge: '/chalZ/',
  certificate: '/certZ/',
} as const;

interface PlannedFault {
  readonly path: string;
  readonly fault: Fault;
  times: number;
  after: number;
}

export async function startAcmeProxy(target: {
  readonly port: number;
  readonly transport: TransportCa;
}): Promise<AcmeProxy> {
  const { caPem, certificatePem, keyPem } = target.transport;
  const requests: SeenRequest[] = [];
  const planned: PlannedFault[] = [];
  let retryAfter: string | undefined;
  let weather: ((path: string) => Fault | undefined) | undefined;
  let listener: ((seen: SeenRequest) => unknown) | undefined;
  let window: { readonly start: string; readonly end: string } | null = null;
  const agent = new https.Agent({ ca: caPem, keepAlive: true });
  const lift = (): void => {
    planned.length = 0;
    retryAfter = undefined;
    weather = undefined;
    listener = undefined;
  };

  const forward = (
    method: string,
    path: string,
    headers: IncomingHttpHeaders,
    body: Buffer,
  ): Promise<{ readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Buffer }> =>
    new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: target.port, path, method, headers, agent };
      const client = https.request(options, (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('end', () => {
          const { 'transfer-encoding': _, connection: __, ...kept } = answer.headers;
          resolve({ status: answer.statusCode ?? 0, headers: kept, body: Buffer.concat(parts) });
        });
      });
      client.on('error', reject);
      client.end(body);
    });

  const server = https.createServer({ cert: certificatePem, key: keyPem }, (request, response) => {
    const parts: Buffer[] = [];
    const path = request.url ?? '';
    const method = request.method ?? '';
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts);
      let reachedCa = false;
      let location: { readonly location?: string } = {};
      const seen = (status: number | null): void => {
        requests.push({ method, path, payload: payloadOf(body), status, reachedCa, ...location });
      };
      const reply = (
        status: number,
        headers: Record<string, string | string[] | undefined>,
        content: Buffer | string,
      ): void => {
        seen(status);
        const given = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
        response.writeHead(status, {
          ...(given as Record<string, string>),
          'content-length': Buffer.byteLength(content),
        });
        response.end(content);
      };
      const respond = async (): Promise<void> => {
        if (window !== null && path.startsWith('/renewal-info/')) {
          const headers = { 'content-type': 'application/json', 'retry-after': '21600' };
          return reply(200, headers, JSON.stringify({ suggestedWindow: window }));
        }
        const fault = takeFault(planned, path) ?? weather?.(path);
        switch (fault?.kind) {
          case 'problem': {
            if (fault.reachesCa === true) {
              reachedCa = true;
              await forward(method, path, request.headers, body);
            }
            const headers = {
              'content-type': 'application/problem+json',
              'retry-after': fault.retryAfter,
            };
            return reply(fault.status, headers, JSON.stringify(problemBody(fault)));
          }
          case 'garbage':
            return reply(
              fault.status ?? 200,
              { 'content-type': fault.contentType ?? 'text/html' },
              fault.body,
            );
          case 'large':
            return reply(200, { 'content-type': 'application/json' }, Buffer.alloc(fault.bytes, 0x20));
          case 'close':
            seen(null);
            return void request.socket.destroy();
          case 'hang':
            return seen(null);
          case 'stall':
            await pause(fault.ms);
        }
        reachedCa = true;
        const answer = await forward(method, path, request.headers, body);
        if (answer.headers.location !== undefined) location = { location: answer.headers.location };
        await listener?.({
          method,
          path,
          payload: payloadOf(body),
          status: answer.status,
          reachedCa,
          ...location,
        });
        if (fault?.kind === 'lose-answer') {
          seen(null);
          return void request.socket.destroy();
        }
        if (fault?.kind === 'cut-short') {
          seen(answer.status);
          response.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.length + 1 });
          response.write(answer.body.subarray(0, answer.body.length / 2), () => request.socket.destroy());
          return;
        }
        const headers: Record<string, string | string[] | undefined> = { ...answer.headers };
        if (fault?.kind === 'without-nonce') delete headers['replay-nonce'];
        if (retryAfter !== undefined && isOrderPath(path)) headers['retry-after'] = retryAfter;
        let content = answer.body;
        if (fault?.kind === 'cut-body') content = content.subarray(0, (content.length * fault.percent) / 100);
        if (fault?.kind === 'retype') headers['content-type'] = fault.contentType;
        if (path === PATHS.directory)
          content = withExtensions(content, request.headers.host ?? '', window !== null);
        if (fault?.kind === 'date') headers['date'] = fault.value;
        if (fault?.kind === 'change') {
          content = Buffer.from(JSON.stringify({ ...JSON.parse(content.toString()), ...fault.members }));
          headers['retry-after'] = fault.retryAfter ?? headers['retry-after'];
        }
        reply(answer.status, headers, content);
      };
      respond().catch(() => request.socket.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.address() as AddressInfo;
  return {
    directoryUrl: `https://127.0.0.1:${port}${PATHS.directory}`,
    requests,
    newOrders: () => requests.filter((one) => one.path === PATHS.newOrder).length,
    fault: (path, fault, times = 1, after = 0) => {
      planned.push({ path, fault, times, after });
    },
    weather: (chooses) => {
      weather = chooses;
    },
    retryAfter: (value) => {
      retryAfter = value;
    },
    renewalWindow: (value) => {
      window = value;
    },
    beforeAnswer: (given) => {
      listener = given;
    },
    lift,
    clear: () => {
      lift();
      requests.length = 0;
    },
    close: async () => {
      agent.destroy();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function takeFault(planned: PlannedFault[], path: string): Fault | undefined {
  for (const one of planned) {
    if (!path.startsWith(one.path) || one.times === 0) continue;
    if (one.after > 0) {
      one.after -= 1;
      continue;
    }
    one.times -= 1;
    return one.fault;
  }
  return undefined;
}

function problemBody(fault: Extract<Fault, { kind: 'problem' }>): unknown {
  const urn = (type: string): string => `urn:ietf:params:acme:error:${type}`;
  return {
    type: urn(fault.type),
    detail: fault.detail ?? 'injected',
    status: fault.status,
    ...(fault.subproblems === undefined
      ? {}
      : {
          subproblems: fault.subproblems.map((one) => ({
            type: urn(one.type),
            detail: one.detail,
            identifier: { type: 'dns', value: one.name },
          })),
        }),
  };
}

function isOrderPath(path: string): boolean {
  return path.startsWith(PATHS.order) || path.startsWith(PATHS.finalize);
}

/** Adds what Pebble 2.4.0 lacks: renewalInfo where it is answered here, and profiles (ignored by it in newOrder). */
function withExtensions(body: Buffer, host: string, hasRenewalInfo: boolean): Buffer {
  const directory = JSON.parse(body.toString());
  if (hasRenewalInfo) directory.renewalInfo = `https://${host}/renewal-info`;
  directory.meta = {
    ...directory.meta,
    profiles: directory.meta?.profiles ?? { default: 'x', shortlived: 'y' },
  };
  return Buffer.from(JSON.stringify(directory));
}

function payloadOf(body: Buffer): unknown {
  try {
    const { payload } = JSON.parse(body.toString()) as { payload: string };
    return payload === '' ? undefined : JSON.parse(Buffer.from(payload, 'base64url').toString());
  } catch {
    return undefined;
  }
}
