import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DnsClient } from '../../src/adapters/dns/dns-client.js';
import { textsOf } from '../../src/adapters/dns/zone-servers.js';
import { startDaemon } from './daemons.js';
import { programPath } from './parts.js';
import { freePorts } from './ports.js';

/** Another process may take a port between choosing and binding it. */
const START_ATTEMPTS = 3;

/** What one zone of the server holds, and who may change what of it. */
export interface BindZone {
  /** Lines of a zone file below SOA and `NS ns1`; names are relative. */
  readonly records?: readonly string[];
  /** `any`: the TSIG key may change all; `challenges`: only what is called `_acme-challenge`; none unless given. */
  readonly updates?: 'any' | 'challenges';
  /** Further name servers, by full name without address. */
  readonly servers?: readonly string[];
}

export interface BindOptions {
  readonly zones: Readonly<Record<string, BindZone>>;
  /** Zone → `address:port` of the server that has it. */
  readonly forwards?: Readonly<Record<string, string>>;
}

/** A running BIND that serves zones and, for whoever asks it to, looks up those of other servers. */
export interface Bind {
  /** `127.0.0.1:PORT`. */
  readonly server: string;
  /** TSIG key file, as nsupdate takes it. */
  readonly keyFile: string;
  /** A folder that only root writes, for scripts and the like. */
  readonly folder: string;
  /** The TXT records of a name, as they are at this moment. */
  texts(name: string): Promise<readonly string[]>;
  /** All TXT records of its zones, as `name text`. */
  allTexts(): Promise<readonly string[]>;
  /** Lines of nsupdate between `server` and `send`. */
  update(...lines: readonly string[]): void;
  output(): string;
  stop(): Promise<void>;
}

/** @throws Error with its output */
export async function startBind(options: BindOptions): Promise<Bind> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce(options);
    } catch (error) {
      if (attempt >= START_ATTEMPTS || !/address in use/.test(String(error))) throw error;
    }
  }
}

async function startOnce({ zones, forwards = {} }: BindOptions): Promise<Bind> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'autossl-test-bind-')));
  const [port = 0] = await freePorts(1);
  const keyFile = join(folder, 'tsig.key');
  const key = execFileSync(programPath('tsig-keygen'), ['-a', 'hmac-sha256', 'testkey'], {
    encoding: 'utf8',
  });
  writeFileSync(keyFile, key, { mode: 0o600 });
  mkdirSync(join(folder, 'data'));
  for (const [apex, zone] of Object.entries(zones)) {
    writeFileSync(join(folder, 'data', `${apex}.zone`), zoneFileOf(apex, zone));
  }
  const config = join(folder, 'named.conf');
  writeFileSync(config, configOf({ zones, forwards }, folder, keyFile, port));
  const server = `127.0.0.1:${port}`;
  const client = new DnsClient({ servers: [server], timeoutMs: 1_000 });
  const [readyZone = ''] = Object.keys(zones);
  const daemon = await startDaemon(programPath('named'), ['-g', '-n', '1', '-c', config], {
    isReady: async () => {
      const reply = await client.query(readyZone, 'SOA', { recursionDesired: false });
      return reply.state === 'answered' && reply.rcode === 'NOERROR';
    },
  });
  const texts = async (name: string): Promise<readonly string[]> => {
    const reply = await client.query(name, 'TXT', { recursionDesired: false });
    return reply.state === 'answered' ? textsOf(reply.answers, name) : [];
  };
  return {
    server,
    keyFile,
    folder,
    texts,
    allTexts: async () =>
      Object.keys(zones).flatMap((apex) =>
        execFileSync(programPath('dig'), ['@127.0.0.1', '-p', String(port), apex, 'AXFR', '+onesoa'], {
          encoding: 'utf8',
        })
          .split('\n')
          .filter((line) => /\sTXT\s/.test(line))
          .map((line) => line.replace(/^(\S+)\.\s.*\sTXT\s+/, '$1 ')),
      ),
    update: (...lines) => {
      execFileSync(programPath('nsupdate'), ['-k', keyFile], {
        input: [`server 127.0.0.1 ${port}`, ...lines, 'send', ''].join('\n'),
      });
    },
    output: () => daemon.output(),
    stop: async () => {
      await daemon.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configOf(
  { zones, forwards }: Required<BindOptions>,
  folder: string,
  keyFile: string,
  port: number,
): string {
  const lines = [
    `include "${keyFile}";`,
    `options { directory "${join(folder, 'data')}"; pid-file "${join(folder, 'named.pid')}"; session-keyfile "${join(folder, 'session.key')}"; lock-file none;`,
    `  listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; }; allow-query { 127.0.0.0/8; }; allow-transfer { 127.0.0.0/8; };`,
    '  recursion yes; max-cache-ttl 0; max-ncache-ttl 0; dnssec-validation no; empty-zones-enable no; notify no; minimal-responses yes; };',
    'controls { };',
    'logging { channel f { stderr; severity info; }; category default { f; }; category update { f; }; };',
    'zone "." { type primary; file "root.zone"; };',
  ];
  // Whatever else is asked for does not exist: nothing leaves this machine.
  const delegations = Object.keys(forwards).map(
    (apex) => `${apex}. NS ns1.${apex}.\nns1.${apex}. A 127.0.0.1\n`,
  );
  const root = `$TTL 1\n@ SOA ns. root. 1 60 60 600 1\n  NS ns.\nns. A 127.0.0.1\n${delegations.join('')}`;
  writeFileSync(join(folder, 'data', 'root.zone'), root);
  for (const [apex, { updates }] of Object.entries(zones)) {
    const policy =
      updates === undefined
        ? ''
        : updates === 'any'
          ? ' update-policy { grant testkey zonesub ANY; };'
          : ` update-policy { grant testkey name _acme-challenge.${apex} TXT; };`;
    lines.push(`zone "${apex}" { type primary; file "${apex}.zone";${policy} };`);
  }
  for (const [apex, server] of Object.entries(forwards)) {
    const [address = '', at = ''] = server.split(':');
    lines.push(`zone "${apex}" { type forward; forward only; forwarders { ${address} port ${at}; }; };`);
  }
  return `${lines.join('\n')}\n`;
}

function zoneFileOf(apex: string, { records = [], servers = [] }: BindZone): string {
  return [
    '$TTL 1',
    `@ SOA ns1.${apex}. root.${apex}. 1 60 60 600 1`,
    '  NS ns1',
    'ns1 A 127.0.0.1',
    ...servers.map((name) => `@ NS ${name}.`),
    ...records,
    '',
  ].join('\n');
}
