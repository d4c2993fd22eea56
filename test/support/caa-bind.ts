import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DnsClient } from '../../src/adapters/dns/dns-client.js';
import { openZoneEditors } from '../../src/adapters/dns/zone-editors.js';
import type { ZoneEditor } from '../../src/runs/ports/zones.js';
import { type Daemon, startDaemon } from './daemons.js';
import { MemoryLocks } from './memory-stores.js';
import { programPath } from './parts.js';
import { freePorts } from './ports.js';

export interface CaaBind {
  /** Rules the zones, takes changes. */
  readonly authority: string;
  /** Asks the authority, and verifies DNSSEC. */
  readonly resolver: string;
  /** Edits the zones by nsupdate(1). */
  readonly editor: ZoneEditor;
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';

/**
 * A BIND that rules these zones (records by apex, as in a zone file, below the usual ones) and another one that resolves
 * through it. `dead.test` leads nowhere; `bogus.test` should be signed and is not.
 */
export async function startCaaBind(
  folder: string,
  zones: Readonly<Record<string, readonly string[]>>,
): Promise<CaaBind> {
  const [port = 0, resolverPort = 0, closedPort = 0] = await freePorts(3);
  mkdirSync(folder, { recursive: true });
  const tsig = execFileSync(programPath('tsig-keygen'), ['-a', 'hmac-sha256', 'caa'], { encoding: 'utf8' });
  const keyFile = join(folder, 'tsig.key');
  writeFileSync(keyFile, tsig, { mode: 0o600 });
  for (const [apex, records] of Object.entries(zones)) {
    const head = `$ORIGIN ${apex}.\n$TTL 60\n@ SOA ns root 1 60 60 600 1\n@ NS ns\nns A ${HOST}\n`;
    writeFileSync(join(folder, `${apex}.zone`), `${head}${records.join('\n')}\n`);
  }
  const clauses = Object.keys(zones).map(
    (apex) =>
      `zone "${apex}" { type primary; file "${apex}.zone"; update-policy { grant caa zonesub ANY; }; };`,
  );
  const authority = await startNamed(folder, 'authority', port, [
    `include "${keyFile}";`,
    optionsOf(folder, 'authority', port, 'recursion no; minimal-responses yes;'),
    ...clauses,
  ]);
  const forward = (apex: string, to: number): string =>
    `zone "${apex}" { type forward; forward only; forwarders { ${HOST} port ${to}; }; };`;
  const resolver = await startNamed(folder, 'resolver', resolverPort, [
    optionsOf(folder, 'resolver', resolverPort, 'recursion yes; dnssec-validation yes;'),
    `trust-anchors { "bogus.test." static-key ${strangeKey(folder)}; };`,
    ...Object.keys(zones).map((apex) => forward(apex, port)),
    forward('dead.test', closedPort),
  ]).catch(async (error: unknown) => {
    await authority.stop();
    throw error;
  });
  return {
    authority: `${HOST}:${port}`,
    resolver: `${HOST}:${resolverPort}`,
    editor: openZoneEditors(
      [
        {
          kind: 'nsupdate',
          server: `${HOST}:${port}`,
          keyFile,
          zones: Object.keys(zones),
          timeoutMs: 10_000,
        },
      ],
      new DnsClient({ servers: [`${HOST}:${port}`] }),
      new MemoryLocks(),
    ),
    stop: async () => {
      await Promise.all([authority.stop(), resolver.stop()]);
    },
  };
}

function optionsOf(folder: string, name: string, port: number, more: string): string {
  return `options { directory "${folder}"; pid-file none; session-keyfile none; lock-file none;
    listen-on port ${port} { ${HOST}; }; listen-on-v6 { none; }; allow-query { 127.0.0.0/8; };
    empty-zones-enable no; notify no; max-cache-size 16M; managed-keys-directory "${folder}"; dump-file "${name}.dump"; ${more} };
    controls { };`;
}

async function startNamed(
  folder: string,
  name: string,
  port: number,
  clauses: readonly string[],
): Promise<Daemon> {
  const path = join(folder, `${name}.conf`);
  writeFileSync(path, clauses.join('\n'));
  const client = new DnsClient({ servers: [`${HOST}:${port}`], timeoutMs: 1000, tries: 1 });
  return await startDaemon(programPath('named'), ['-g', '-n', '1', '-c', path], {
    isReady: async () => (await client.query('ns.a.test', 'A')).state === 'answered',
  });
}

/** A key that no zone is signed with, as `trust-anchors` wants it. */
function strangeKey(folder: string): string {
  const keys = join(folder, 'strange');
  mkdirSync(keys, { recursive: true });
  execFileSync(programPath('dnssec-keygen'), [
    '-q',
    '-K',
    keys,
    '-a',
    'ECDSAP256SHA256',
    '-f',
    'KSK',
    'bogus.test',
  ]);
  const file = readdirSync(keys).find((one) => one.endsWith('.key')) ?? '';
  const line = /DNSKEY\s+(\d+ \d+ \d+) (.*)/.exec(readFileSync(join(keys, file), 'utf8'));
  return `${line?.[1]} "${line?.[2]?.replace(/\s/g, '')}"`;
}
