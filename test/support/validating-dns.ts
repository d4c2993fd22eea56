import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as dnsPacket from 'dns-packet';
import { type Daemon, startDaemon } from './daemons.js';
import { programPath } from './parts.js';
import { freePorts } from './ports.js';

const ADDRESS = '127.0.0.1';
const READY_ANSWER_MS = 500;

export interface ZonesOfTheWorld {
  /** Zones with their records, as in a zone file without SOA and NS (`www A 192.0.2.1`); owner names are relative. */
  readonly zones: Readonly<Record<string, readonly string[]>>;
  /** Those of them that are signed, but by another key than the one that their DS record names. */
  readonly bogus?: readonly string[];
  /** Zones that are delegated to a server that fails for them. */
  readonly failing?: readonly string[];
}

/**
 * Two named: one that rules a signed root and all zones, and a resolver that trusts that root's key and checks signatures, as
 * a CA's does.
 */
export interface ValidatingDns {
  /** The resolver, `127.0.0.1:PORT`. */
  readonly resolver: string;
  /** The server of the zones themselves. */
  readonly authority: string;
  stop(): Promise<void>;
}

/** @throws Error with named's output when it does not start */
export async function startValidatingDns(world: ZonesOfTheWorld): Promise<ValidatingDns> {
  const folder = mkdtempSync(join(tmpdir(), 'autossl-test-dns-'));
  const [authorityPort = 0, resolverPort = 0] = await freePorts(2);
  const daemons: Daemon[] = [];
  const stop = async (): Promise<void> => {
    for (const daemon of daemons.reverse()) await daemon.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const rootKey = writeZones(folder, world);
    const zones = ['.', ...Object.keys(world.zones), ...(world.failing ?? [])];
    daemons.push(
      await startNamed(folder, 'authority', authorityPort, [
        'recursion no;',
        'dnssec-validation no;',
        ...['};', ...zones.map((zone) => `zone "${zone}" { type primary; file "${fileOf(zone)}"; };`)],
      ]),
    );
    daemons.push(
      await startNamed(folder, 'resolver', resolverPort, [
        'recursion yes;',
        'dnssec-validation yes;',
        'empty-zones-enable no;',
        `forward only; forwarders port ${authorityPort} { ${ADDRESS}; };`,
        ...['};', `trust-anchors { . static-key ${rootKey}; };`],
      ]),
    );
    return { resolver: `${ADDRESS}:${resolverPort}`, authority: `${ADDRESS}:${authorityPort}`, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Gives the root's key, as trust anchors name it. */
function writeZones(folder: string, { zones, bogus = [], failing = [] }: ZonesOfTheWorld): string {
  const delegations = [...Object.keys(zones), ...failing].map((zone) => `${zone}. NS ns.`);
  const lies: string[] = [];
  for (const [zone, records] of Object.entries(zones)) {
    const isBogus = bogus.includes(zone);
    writeFileSync(join(folder, isBogus ? `${zone}.unsigned` : fileOf(zone)), zoneText(records));
    if (!isBogus) continue;
    sign(folder, zone);
    mkdirSync(join(folder, 'others'), { recursive: true });
    const stranger = makeKey(folder, zone, join(folder, 'others'));
    lies.push(run(folder, 'dnssec-dsfromkey', '-2', join(folder, 'others', `${stranger}.key`)));
  }
  writeFileSync(join(folder, '..unsigned'), zoneText([`ns. A ${ADDRESS}`, ...delegations, ...lies]));
  const key = sign(folder, '.');
  const [, facts = '', text = ''] =
    / DNSKEY (\d+ \d+ \d+) ([^;]+)$/m.exec(readFileSync(join(folder, `${key}.key`), 'utf8')) ?? [];
  return `${facts} "${text.replace(/\s/g, '')}"`;
}

function zoneText(records: readonly string[]): string {
  return ['$TTL 60', '@ SOA ns. hostmaster. 1 3600 600 86400 5', '@ NS ns.', ...records, ''].join('\n');
}

function sign(folder: string, zone: string): string {
  const key = makeKey(folder, zone, folder);
  run(folder, 'dnssec-signzone', '-S', '-z', '-o', zone, '-f', fileOf(zone), `${zone}.unsigned`);
  return key;
}

function makeKey(folder: string, zone: string, keyFolder: string): string {
  const words = ['-q', '-a', 'ECDSAP256SHA256', '-f', 'KSK', '-K', keyFolder, zone];
  return run(folder, 'dnssec-keygen', ...words).trim();
}

function run(folder: string, program: string, ...words: string[]): string {
  return execFileSync(programPath(program), words, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
}

function fileOf(zone: string): string {
  return `zone-of-${zone}`;
}

async function startNamed(
  folder: string,
  name: string,
  port: number,
  more: readonly string[],
): Promise<Daemon> {
  const file = join(folder, `${name}.conf`);
  const text = [
    'controls { };',
    'options {',
    `directory "${folder}";`,
    `listen-on port ${port} { ${ADDRESS}; };`,
    'listen-on-v6 { none; };',
    'pid-file none; session-keyfile none; notify no; allow-query { any; };',
    ...more,
    '',
  ];
  writeFileSync(file, text.join('\n'));
  return startDaemon(programPath('named'), ['-g', '-n', '1', '-c', file], {
    cwd: folder,
    isReady: () => isAnswering(port),
  });
}

/** Whether anything at all is said of the root. */
function isAnswering(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  return new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), READY_ANSWER_MS);
    socket.on('error', () => resolve(false));
    socket.on('message', () => {
      clearTimeout(timer);
      resolve(true);
    });
    const questions = [{ type: 'SOA' as const, name: '.' }];
    socket.send(dnsPacket.encode({ type: 'query', id: 1, questions }), port, ADDRESS);
  }).finally(() => socket.close());
}
