import { setMaxListeners } from 'node:events';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';
import { readCertificate } from '../../core/certificate/parse.js';
import type { TlsObservation } from '../../core/plan/served/served.js';
import type { TlsProbe } from '../../runs/ports/looks.js';
import { abortCode } from './http-get.js';
import { askForTls, goodbyeIn } from './starttls.js';

/** A server of this machine that needs longer for a handshake hangs. */
const DEFAULT_TIMEOUT_MS = 10_000;
/** Servers send two to four; a chain without end is an attack. */
const MAX_CHAIN = 10;

const NOTHING: TlsObservation = { fingerprint: null, chain: [], names: [], protocol: null, error: null };

type Request = Parameters<TlsProbe['handshake']>[0];

/**
 * Handshakes over TCP, from the first byte or after STARTTLS. ETIMEDOUT: no connection in time; ETIME: connected, but no
 * handshake in time; STARTTLS_…: the server did not let TLS begin.
 */
export class SocketTlsProbe implements TlsProbe {
  readonly #timeoutMs: number;

  constructor(timeoutMs = DEFAULT_TIMEOUT_MS) {
    this.#timeoutMs = timeoutMs;
  }

  handshake(request: Request): Promise<TlsObservation> {
    const { address, timeoutMs, signal } = request;
    if (isIP(address) === 0) return Promise.resolve({ ...NOTHING, error: 'EINVAL' });
    if (signal?.aborted === true) return Promise.resolve({ ...NOTHING, error: abortCode(signal, false) });
    // One signal for all handshakes that are under way at once: many listeners are no leak.
    if (signal !== undefined) setMaxListeners(0, signal);
    return new Promise<TlsObservation>((resolve) => {
      let isConnected = false;
      const socket = connect({ host: address, port: request.port });
      const finish = (observation: TlsObservation, end: () => void): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        resolve(observation);
        end();
      };
      const fail = (error: string): void => finish({ ...NOTHING, error }, () => socket.destroy());
      const onAbort = (): void => fail(signal === undefined ? 'ABORT_ERR' : abortCode(signal, isConnected));
      const timer = setTimeout(() => fail(isConnected ? 'ETIME' : 'ETIMEDOUT'), timeoutMs ?? this.#timeoutMs);
      if (signal !== undefined) {
        // Any number of handshakes may share a signal: node would warn of the eleventh.
        setMaxListeners(0, signal);
        signal.addEventListener('abort', onAbort);
      }
      const watch = (one: Socket): void => {
        one.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? 'ECONNRESET'));
        one.once('close', () => fail('ECONNRESET'));
      };
      watch(socket);
      const goOn = async (): Promise<void> => {
        const { startTls } = request;
        const fault = startTls === undefined ? null : await askForTls(socket, startTls);
        if (fault !== null) return fail(fault);
        if (socket.destroyed) return;
        const secured = secure(socket, request.serverName);
        watch(secured);
        secured.once('secureConnect', () => {
          const seen = observe(secured);
          // A handshake that is cut off at our end would stand in the server's error log.
          finish(seen, () => {
            if (startTls !== undefined) secured.write(goodbyeIn(startTls));
            secured.destroySoon();
          });
        });
      };
      socket.once('connect', () => {
        isConnected = true;
        goOn().catch((error: NodeJS.ErrnoException) => fail(error.code ?? 'EINVAL'));
      });
    }).catch((error: NodeJS.ErrnoException) => ({ ...NOTHING, error: error.code ?? 'EINVAL' }));
  }
}

function secure(socket: Socket, serverName: string | null): TLSSocket {
  return connectTls({
    socket,
    // RFC 6066 3: a name, never an address.
    ...(serverName === null || isIP(serverName) !== 0 ? {} : { servername: serverName }),
    rejectUnauthorized: false,
    // No root store: nothing is verified, and the chain is what was sent.
    ca: [],
    minVersion: 'TLSv1',
  });
}

function observe(socket: TLSSocket): TlsObservation {
  const chain: string[] = [];
  const leaf = socket.getPeerCertificate(true);
  // A certificate that issued itself ends the chain: it names itself as its issuer.
  let certificate: DetailedPeerCertificate | undefined = leaf;
  while (certificate?.fingerprint256 !== undefined && chain.length < MAX_CHAIN) {
    const fingerprint = certificate.fingerprint256.replaceAll(':', '').toLowerCase();
    if (chain.includes(fingerprint)) break;
    chain.push(fingerprint);
    certificate = certificate.issuerCertificate;
  }
  return {
    fingerprint: chain[0] ?? null,
    chain,
    names: leaf.raw === undefined ? [] : namesOf(leaf.raw),
    protocol: socket.getProtocol(),
    error: chain.length === 0 ? 'NO_CERTIFICATE' : null,
  };
}

function namesOf(der: Uint8Array): readonly string[] {
  try {
    const { dnsNames, ipAddresses } = readCertificate(der);
    return [...dnsNames, ...ipAddresses];
  } catch {
    return [];
  }
}
