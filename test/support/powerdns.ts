import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDaemon } from './daemons.js';
import { programPath } from './parts.js';
import { freePorts } from './ports.js';

const SCHEMA = '/usr/share/doc/pdns-backend-sqlite3/schema.sqlite3.sql';
const API_KEY = 'the key of a test';

/** A running PowerDNS with its HTTP API. */
export interface PowerDns {
  /** Where it answers questions: `127.0.0.1:PORT`. */
  readonly server: string;
  readonly url: string;
  readonly apiKey: string;
  /** A call of its API, as an administrator's tool makes it; gives the body. */
  call(method: string, path: string, body?: object): Promise<unknown>;
  /** All records of a type in a zone, as `name content`. */
  records(apex: string, type: string): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** Zones: apex → records as `name type content` with full names. @throws Error with its output */
export async function startPowerDns(zones: Readonly<Record<string, readonly string[]>>): Promise<PowerDns> {
  const folder = await mkdtemp(join(tmpdir(), 'autossl-test-pdns-'));
  const [port = 0, apiPort = 0] = await freePorts(2);
  const database = join(folder, 'pdns.sqlite');
  execFileSync(programPath('sqlite3'), [database], { input: readFileSync(SCHEMA) });
  const settings = {
    launch: 'gsqlite3',
    'gsqlite3-database': database,
    'gsqlite3-pragma-synchronous': '0',
    'local-address': '127.0.0.1',
    'local-port': port,
    'socket-dir': folder,
    webserver: 'yes',
    'webserver-address': '127.0.0.1',
    'webserver-port': apiPort,
    api: 'yes',
    'api-key': API_KEY,
    guardian: 'no',
    daemon: 'no',
    // What changes is seen at once.
    'cache-ttl': 0,
    'query-cache-ttl': 0,
    'negquery-cache-ttl': 0,
    'zone-cache-refresh-interval': 0,
  };
  const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  await writeFile(join(folder, 'pdns.conf'), `${lines.join('\n')}\n`);
  const url = `http://127.0.0.1:${apiPort}`;
  const call = async (method: string, path: string, body?: object): Promise<unknown> => {
    const answer = await fetch(`${url}/api/v1/servers/localhost${path}`, {
      method,
      headers: { 'X-API-Key': API_KEY },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  };
  const daemon = await startDaemon(programPath('pdns_server'), [`--config-dir=${folder}`], {
    isReady: async () => Array.isArray(await call('GET', '/zones')),
  });
  for (const [apex, records] of Object.entries(zones)) {
    await call('POST', '/zones', {
      name: `${apex}.`,
      kind: 'Native',
      nameservers: [`ns1.${apex}.`],
      rrsets: recordSets(records),
    });
  }
  return {
    server: `127.0.0.1:${port}`,
    url,
    apiKey: API_KEY,
    call,
    records: async (apex, type) => {
      const { rrsets } = (await call('GET', `/zones/${apex}.`)) as {
        readonly rrsets: readonly { name: string; type: string; records: readonly { content: string }[] }[];
      };
      return rrsets
        .filter((set) => set.type === type)
        .flatMap((set) => set.records.map(({ content }) => `${set.name.replace(/\.$/, '')} ${content}`));
    },
    stop: async () => {
      await daemon.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function recordSets(records: readonly string[]): readonly object[] {
  const sets = new Map<string, { content: string; disabled: boolean }[]>();
  for (const record of records) {
    const [, name = '', type = '', content = ''] = /^(\S+) (\S+) (.+)$/.exec(record) ?? [];
    const key = `${name}. ${type}`;
    sets.set(key, [...(sets.get(key) ?? []), { content, disabled: false }]);
  }
  return [...sets].map(([key, ofSet]) => {
    const [name, type] = key.split(' ');
    return { name, type, ttl: 1, records: ofSet };
  });
}
