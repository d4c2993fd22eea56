import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildPrograms } from '../support/bin-program.js';
import { type CaSite, type HostedTree, startCaSite } from '../support/ca-site.js';
import { describeWithParts } from '../support/needs.js';
import { type LogRecord, logFolders, recordsOf } from '../support/run-logs.js';

const SECOND_NAME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const DOCUMENTED_FIELDS = ['timestamp', 'type', 'indent', 'pid', 'partial', 'contents'];
const MARKS: Readonly<Record<string, string>> = { out: '', success: '', warn: 'WARN: ', error: 'ERROR: ' };
const KEY = { keyType: 'ecdsa-prime256v1' };
/** So many seconds after its start a run finds the names of logs taken. */
const TAKEN_SECONDS = 15;

describeWithParts('the log of a run', ['pebble'], () => {
  let site: CaSite;
  let hosted: HostedTree;
  let folder: string;
  let records: readonly LogRecord[];
  let begunAt: number;
  beforeAll(async () => {
    buildPrograms();
    site = await startCaSite();
    hosted = await site.host({
      alice: { domain: 'alice.test', aliases: ['gone.test'], ...KEY },
      bob: { domain: 'bob.test', exclude: ['mail.bob.test'], ...KEY },
      carol: { domain: 'carol.test', suspended: true },
    });
    for (const name of ['gone.test', 'www.gone.test', 'mail.gone.test']) site.dns.zones.delete(name);
    await site.choose(hosted);
    begunAt = Date.now();
    await hosted.run('autossl_check', '--all');
    folder = logFolders(hosted)[0] ?? '';
    records = recordsOf(folder);
  });
  afterAll(async () => site?.stop());

  test('its folder is named by the second of its start, for root alone', () => {
    expect(basename(folder)).toMatch(SECOND_NAME);
    const startedAt = Date.parse(basename(folder));
    // Both tell whole seconds.
    expect(startedAt).toBeGreaterThan(begunAt - 1000);
    expect(startedAt).toBeLessThanOrEqual(Date.parse(records[0]?.timestamp ?? ''));
    expect(readdirSync(folder).sort()).toEqual(['json', 'provider', 'txt', 'upid', 'username']);
    expect([folder, join(folder, '..')].map(modeOf)).toEqual([0o700, 0o700]);
    expect(['json', 'txt'].map((name) => modeOf(join(folder, name)))).toEqual([0o600, 0o600]);
  });

  test('provider, user and process are links whose text is the value', async () => {
    expect(readlinkSync(join(folder, 'provider'))).toBe('CustomACME');
    expect(readlinkSync(join(folder, 'username'))).toBe('*');
    expect(readlinkSync(join(folder, 'upid'))).toMatch(
      new RegExp(`^${records[0]?.pid}\\.\\d+\\.[0-9a-f-]{36}$`),
    );
    await hosted.run('autossl_check', '--user', 'bob');
    expect(readlinkSync(join(logFolders(hosted).at(-1) ?? '', 'username'))).toBe('bob');
  });

  test('each line of json is a record of the documented fields, then ours', () => {
    expect(new Set(records.map(({ pid }) => pid)).size).toBe(1);
    for (const record of records) {
      expect(Object.keys(record).slice(0, DOCUMENTED_FIELDS.length)).toEqual(DOCUMENTED_FIELDS);
      expect(record.timestamp).toMatch(SECOND_NAME);
      expect(['out', 'warn', 'success', 'error']).toContain(record.type);
      expect([0, 1, 2, 3]).toContain(record.indent);
      expect(record.partial).toBe(0);
      expect(record.contents).toMatch(/^[^\n]+\n$/);
      expect(record.code).toMatch(/^[A-Z][A-Z_]+$/);
    }
    const raw = readFileSync(join(folder, 'json'), 'utf8').split('\n');
    const line = raw.find((one) => one.includes('Analyzing “alice.test” (website) …\\n'));
    expect(line).toMatch(
      /^\{"timestamp":"[^"]+","type":"out","indent":2,"pid":\d+,"partial":0,"contents":"Analyzing /,
    );
  });

  test('txt says the same, line by line', () => {
    const lines = readFileSync(join(folder, 'txt'), 'utf8');
    expect(lines).toBe(
      records
        .map(
          ({ timestamp, indent, type, contents }) =>
            `[${timestamp}] ${' '.repeat(4 * indent)}${MARKS[type]}${contents}`,
        )
        .join(''),
    );
  });

  test('the documented words stand at the documented indents', () => {
    const found = records.map(({ indent, type, contents }) => `${indent} ${type} ${contents.trimEnd()}`);
    for (const wanted of [
      '0 out AutoSSL provider: “Custom ACME”. Checking all users …',
      '1 out Checking websites for “alice” (1 website) …',
      '2 out Analyzing “alice.test” (website) …',
      '3 error TLS status: defective',
      '3 out User-excluded domains: 1 (mail.bob.test)',
      '1 out User “carol” is suspended; its websites are not checked.',
      '0 out Processing the local validation of 6 names of “alice.test” (user “alice”) …',
      '1 success “alice.test” passed the local validation (HTTP).',
      '1 warn “gone.test” failed the local validation: gone.test does not exist in DNS (NXDOMAIN)',
      '1 out Ordering a certificate for “bob.test”: bob.test, www.bob.test',
      '0 success The web server was reloaded.',
      '0 success 2 websites of 3 users checked: 2 certificates installed, 3 findings for the owners.',
    ]) {
      expect(found).toContain(wanted);
    }
  });

  test('a website that is well is one line; one that lacks a name says incomplete', async () => {
    await hosted.run('autossl_check', '--all');
    const second = recordsOf(logFolders(hosted).at(-1) ?? '');
    expect(second.filter(({ vhost }) => vhost === 'bob.test')).toMatchObject([
      {
        type: 'success',
        indent: 2,
        contents: expect.stringMatching(
          /^“bob\.test” \(website\): TLS status ok; expires .*Z \(\d+\.\d\d days from now\)\n$/,
        ),
      },
    ]);
    expect(second).toContainEqual(
      expect.objectContaining({ vhost: 'alice.test', type: 'out', contents: 'TLS status: incomplete\n' }),
    );
    expect(second).toContainEqual(
      expect.objectContaining({
        code: 'NO_UNSECURED_DOMAIN_PASSED_DCV',
        contents: expect.stringContaining('Impediment: NO_UNSECURED_DOMAIN_PASSED_DCV: '),
      }),
    );
  });

  test('a name that is taken is left to its owner: the next free second is used', async () => {
    const now = Math.floor(Date.now() / 1000);
    const nameOf = (second: number): string => `${new Date(second * 1000).toISOString().slice(0, 19)}Z`;
    for (let ahead = 0; ahead <= TAKEN_SECONDS; ahead += 1) {
      mkdirSync(join(hosted.tree.logs(), nameOf(now + ahead)), { recursive: true, mode: 0o700 });
    }
    const { stdout } = await hosted.run('autossl_check', '--all', '--json');
    expect(JSON.parse(stdout).log).toBe(nameOf(now + TAKEN_SECONDS + 1));
    expect(readdirSync(join(hosted.tree.logs(), nameOf(now + TAKEN_SECONDS)))).toEqual([]);
  });

  test('two runs at once keep two logs', async () => {
    const both = await Promise.all(
      ['alice', 'bob'].map((user) => hosted.run('autossl_check', '--user', user, '--json')),
    );
    expect(both.map(({ exitCode, stderr }) => ({ exitCode, stderr }))).toEqual([
      { exitCode: 0, stderr: '' },
      { exitCode: 0, stderr: '' },
    ]);
    const logs = both.map(({ stdout }) => join(hosted.tree.logs(), JSON.parse(stdout).log));
    expect(new Set(logs).size).toBe(2);
    expect(logs.map((log) => readlinkSync(join(log, 'username')))).toEqual(['alice', 'bob']);
    for (const log of logs) expect(recordsOf(log).at(-1)?.code).toBe('RUN_FINISHED');
  });
});

function modeOf(path: string): number {
  return lstatSync(path).mode & 0o7777;
}
