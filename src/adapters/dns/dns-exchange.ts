import { createSocket } from 'node:dgram';
import { setMaxListeners } from 'node:events';
import { connect, isIPv6 } from 'node:net';
import type { DnsServer } from '../../core/domain/dns-server.js';

/** Why a server gave no usable answer, in the words of node:dns. */
export type DnsFault = 'ETIMEOUT' | 'ECONNREFUSED' | 'EBADRESP' | 'ECANCELLED';

export type DnsExchange<T> = { readonly answer: T } | { readonly fault: DnsFault };

/** One question on its way to one server. */
export interface DnsSending<T> {
  readonly message: Buffer;
  readonly server: DnsServer;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** What a message that came back amounts to; undefined: it does not answer this question. */
  readonly read: (message: Buffer) => T | 'bad' | undefined;
}

/** Octets of the length that goes before a message over TCP (RFC 1035 section 4.2.2). */
const LENGTH_OCTETS = 2;

/**
 * Asks over UDP, from a source port that the system draws; what comes from elsewhere, or answers something else, is passed
 * over until the time is up (RFC 5452). Never throws.
 */
export function exchangeOverUdp<T>(sending: DnsSending<T>): Promise<DnsExchange<T>> {
  const { message, server, read } = sending;
  const socket = createSocket(isIPv6(server.address.replace(/%.*/, '')) ? 'udp6' : 'udp4');
  return ending<T>(
    sending,
    (end) => {
      socket.on('error', (error) => end({ fault: faultOf(error) }));
      socket.on('message', (received) => {
        const answer = read(received);
        if (answer !== undefined) end(answer === 'bad' ? { fault: 'EBADRESP' } : { answer });
      });
      socket.on('connect', () => {
        socket.send(message, (error) => {
          if (error !== null) end({ fault: faultOf(error) });
        });
      });
      // A connected socket is given nothing that another address or port sent.
      socket.connect(server.port, server.address);
    },
    () => socket.close(),
  );
}

/** Asks over TCP; one message each way. Never throws. */
export function exchangeOverTcp<T>(sending: DnsSending<T>): Promise<DnsExchange<T>> {
  const { message, server, read } = sending;
  const socket = connect({ host: server.address, port: server.port });
  return ending<T>(
    sending,
    (end) => {
      const parts: Buffer[] = [];
      let received = 0;
      let expected: number | null = null;
      const length = Buffer.alloc(LENGTH_OCTETS);
      length.writeUInt16BE(message.length);
      socket.on('error', (error) => end({ fault: faultOf(error) }));
      socket.on('close', () => end({ fault: 'EBADRESP' }));
      socket.on('connect', () => socket.write(Buffer.concat([length, message])));
      socket.on('data', (part) => {
        parts.push(part);
        received += part.length;
        if (expected === null && received >= LENGTH_OCTETS) {
          expected = LENGTH_OCTETS + Buffer.concat(parts).readUInt16BE(0);
        }
        if (expected === null || received < expected) return;
        const answer = read(Buffer.concat(parts).subarray(LENGTH_OCTETS, expected));
        end(answer === undefined || answer === 'bad' ? { fault: 'EBADRESP' } : { answer });
      });
    },
    () => socket.destroy(),
  );
}

/** Runs the exchange to its first end, its timeout or the signal; `close` follows in any case. */
function ending<T>(
  { timeoutMs, signal }: DnsSending<T>,
  begin: (end: (exchange: DnsExchange<T>) => void) => void,
  close: () => void,
): Promise<DnsExchange<T>> {
  return new Promise((resolve) => {
    let isOver = false;
    const end = (exchange: DnsExchange<T>): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
      close();
      resolve(exchange);
    };
    const cancel = (): void => end({ fault: 'ECANCELLED' });
    const timer = setTimeout(() => end({ fault: 'ETIMEOUT' }), timeoutMs);
    // One signal for all questions that are under way at once: many listeners are no leak.
    if (signal !== undefined) setMaxListeners(0, signal);
    signal?.addEventListener('abort', cancel, { once: true });
    begin(end);
    if (signal?.aborted === true) cancel();
  });
}

/** What the system says of a server that nobody reaches is no answer: as good as refused. */
function faultOf(error: Error): DnsFault {
  return (error as NodeJS.ErrnoException).code === 'ETIMEDOUT' ? 'ETIMEOUT' : 'ECONNREFUSED';
}
