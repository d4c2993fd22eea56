import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Daemon, startDaemon } from './daemons.js';
import { httpsGet } from './https-get.js';
import { packagedPath, programPath } from './parts.js';
import { freePorts } from './ports.js';
import { createTransportCa, type TransportCa } from './transport-ca.js';

/** Another process may take a port between choosing and binding it. */
const START_ATTEMPTS = 3;

export interface PebbleOptions {
  /** Life of its certificates in seconds. */
  readonly validityPeriod?: number;
  /** Percent of good nonces that it rejects. */
  readonly nonceReject?: number;
  /** Percent of valid authorizations that it reuses (2.4.0 reuses 1 % even at 0). */
  readonly authzReuse?: number;
  /** Intermediates in a chain. */
  readonly chainLength?: number;
  /** Roots beside the first. */
  readonly alternateRoots?: number;
  /** key id → HMAC key in base64url; accounts then need one. */
  readonly eab?: Readonly<Record<string, string>>;
  /** Where it fetches HTTP-01 from; a free one unless given. */
  readonly httpPort?: number;
  /** `host:port` of a DNS server; its own challtestsrv (all names at 127.0.0.1) unless given. */
  readonly dns?: string;
  /** Names (and what lies below them) that newOrder refuses. */
  readonly blocklist?: readonly string[];
  /** The distribution's own, older one, where it is installed beside a newer one. */
  readonly isPackaged?: boolean;
  /** Life in seconds by profile, for a newer one; the first is what it gives to whoever names none. */
  readonly profiles?: Readonly<Record<string, number>>;
  /** Retry-After of Pebble 2.5 and newer, in seconds. */
  readonly retryAfter?: { readonly authz: number; readonly order: number };
}

/** A running Pebble with its DNS mock. */
export interface Pebble {
  readonly directoryUrl: string;
  readonly port: number;
  readonly httpPort: number;
  readonly managementUrl: string;
  readonly pid: number;
  /** PEM of the CA of its TLS listener. */
  readonly transport: TransportCa;
  /** `host:port` of the DNS server it asks. */
  readonly dns: string;
  /** The nth root of what it issues, PEM. */
  root(index?: number): Promise<string>;
  /** What its directory offers. */
  readonly offers: { readonly renewalInfo: boolean; readonly profiles: boolean };
  /** Posts to the DNS mock's management port (`add-a`, `set-servfail`, `clear-a` …); not with `dns` given. */
  mock(path: string, body: unknown): Promise<void>;
  output(): string;
  stop(): Promise<void>;
}

/** Pebble in strict mode without validation sleeps, in a prefix and on ports of its own. @throws Error with its output */
export async function startPebble(options: PebbleOptions = {}): Promise<Pebble> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce(options);
    } catch (error) {
      if (attempt >= START_ATTEMPTS || !/address already in use/.test(String(error))) throw error;
    }
  }
}

async function startOnce(options: PebbleOptions): Promise<Pebble> {
  const program = options.isPackaged === true ? packagedPath('pebble') : programPath('pebble');
  const prefix = await mkdtemp(join(tmpdir(), 'pebble-'));
  const [port = 0, managementPort = 0, ownHttpPort = 0, tlsPort = 0] = await freePorts(4);
  const httpPort = options.httpPort ?? ownHttpPort;
  const transport = await createTransportCa();
  const paths = { certificate: join(prefix, 'listener.pem'), privateKey: join(prefix, 'listener.key') };
  await writeFile(paths.certificate, transport.certificatePem);
  await writeFile(paths.privateKey, transport.keyPem, { mode: 0o600 });
  const config = {
    pebble: {
      listenAddress: `127.0.0.1:${port}`,
      managementListenAddress: `127.0.0.1:${managementPort}`,
      ...paths,
      httpPort,
      tlsPort,
      ocspResponderURL: '',
      externalAccountBindingRequired: options.eab !== undefined,
      ...(options.eab === undefined ? {} : { externalAccountMACKeys: options.eab }),
      domainBlocklist: options.blocklist ?? ['blocked.test'],
      retryAfter: options.retryAfter ?? { authz: 1, order: 1 },
      ...validityOf(options.validityPeriod ?? 604_800, options.profiles),
    },
  };
  await writeFile(join(prefix, 'pebble.json'), JSON.stringify(config));
  const daemons: Daemon[] = [];
  const stop = async (): Promise<void> => {
    for (const daemon of daemons.reverse()) await daemon.stop();
    await rm(prefix, { recursive: true, force: true });
  };
  try {
    const names = options.dns === undefined ? await startNameMock(program) : undefined;
    if (names !== undefined) daemons.push(names.daemon);
    const dns = options.dns ?? names?.dns ?? '';
    const directoryUrl = `https://127.0.0.1:${port}/dir`;
    const managementUrl = `https://127.0.0.1:${managementPort}`;
    const pebble = await startDaemon(
      program,
      ['-config', join(prefix, 'pebble.json'), '-strict', '-dnsserver', dns],
      {
        env: {
          PEBBLE_VA_NOSLEEP: '1',
          PEBBLE_WFE_NONCEREJECT: String(options.nonceReject ?? 0),
          PEBBLE_AUTHZREUSE: String(options.authzReuse ?? 0),
          PEBBLE_CHAIN_LENGTH: String(options.chainLength ?? 1),
          PEBBLE_ALTERNATE_ROOTS: String(options.alternateRoots ?? 0),
        },
        isReady: async () => {
          await httpsGet(`${managementUrl}/roots/0`, transport.caPem);
          return (await httpsGet(directoryUrl, transport.caPem)).includes('newOrder');
        },
      },
    );
    daemons.push(pebble);
    const directory = JSON.parse(await httpsGet(directoryUrl, transport.caPem));
    return {
      directoryUrl,
      port,
      httpPort,
      managementUrl,
      pid: pebble.pid,
      transport,
      dns,
      root: (index = 0) => httpsGet(`${managementUrl}/roots/${index}`, transport.caPem),
      offers: {
        renewalInfo: directory.renewalInfo !== undefined,
        profiles: directory.meta?.profiles !== undefined,
      },
      mock: async (path, body) => {
        if (names === undefined) throw new Error('this Pebble asks another DNS server');
        await names.mock(path, body);
      },
      output: () => pebble.output(),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** 2.7.0 moved the life of certificates into profiles; the older key is ignored there, and the newer one before. */
function validityOf(
  seconds: number,
  profiles: Readonly<Record<string, number>> = { default: seconds },
): Record<string, unknown> {
  return {
    certificateValidityPeriod: seconds,
    profiles: Object.fromEntries(
      Object.entries(profiles).map(([name, validityPeriod]) => [
        name,
        { description: 'The profile of a test', validityPeriod },
      ]),
    ),
  };
}

async function startNameMock(pebbleProgram: string): Promise<{
  readonly daemon: Daemon;
  readonly dns: string;
  mock(path: string, body: unknown): Promise<void>;
}> {
  const sibling = join(dirname(pebbleProgram), 'pebble-challtestsrv');
  const program = existsSync(sibling) ? sibling : programPath('pebble-challtestsrv');
  const [dnsPort = 0, managementPort = 0] = await freePorts(2);
  const management = `127.0.0.1:${managementPort}`;
  const mock = async (path: string, body: unknown): Promise<void> => {
    const answer = await fetch(`http://${management}/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  };
  const daemon = await startDaemon(
    program,
    [...listenersOf(program, `127.0.0.1:${dnsPort}`), '-management', management],
    {
      isReady: async () => {
        await mock('clear-a', { host: 'readiness.test' });
        return true;
      },
    },
  );
  return { daemon, dns: `127.0.0.1:${dnsPort}`, mock };
}

/** Its DNS listener changed its option's name, and DNS over HTTPS came, between 2.4.0 and 2.10.0. */
function listenersOf(program: string, dns: string): readonly string[] {
  const { stdout, stderr } = spawnSync(program, ['-help'], { encoding: 'utf8' });
  const knows = (option: string): boolean => new RegExp(`^ +-${option} `, 'm').test(stdout + stderr);
  const off = ['doh', 'http01', 'https01', 'tlsalpn01'].filter(knows).flatMap((option) => [`-${option}`, '']);
  const addresses = ['-defaultIPv4', '127.0.0.1', '-defaultIPv6', ''];
  return [knows('dnsserver') ? '-dnsserver' : '-dns01', dns, ...off, ...addresses];
}
