import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { outputFileSync, readJsonSync } from 'fs-extra/esm';
import { FileIssuedStore } from '../../../src/adapters/store/orders/issued.js';
import { FileLedger } from '../../../src/adapters/store/orders/ledger.js';
import { FileNameMemory } from '../../../src/adapters/store/records/names.js';
import { FileProblemStore } from '../../../src/adapters/store/records/problems.js';
import { nameOfRecordFile, recordFileName } from '../../../src/adapters/store/records/record-name.js';
import { AutosslError } from '../../../src/core/domain/autossl-error.js';
import {
  parseDomainName,
  parseIpIdentifier,
  parseWildcardName,
} from '../../../src/core/domain/name/names.js';
import type { NameRecord } from '../../../src/core/order/name-record.js';
import type { IssuedRecord } from '../../../src/runs/ports/orders.js';
import type { ProblemRecord } from '../../../src/runs/ports/records.js';
import { fixedClock } from '../../support/fixed-clock.js';
import { everythingBelow } from '../../support/folder-listing.js';
import { scratchTree } from '../../support/scratch.js';

let scratch: ReturnType<typeof scratchTree>;
beforeEach(() => {
  scratch = scratchTree();
});
afterEach(() => scratch.remove());
const own = (path: string): string => join(scratch.tree.own(), path);
const put = (path: string, value: unknown): void => {
  outputFileSync(own(path), typeof value === 'string' ? value : JSON.stringify(value));
};
const json = (path: string): unknown => readJsonSync(own(path));

const anIssued = (number: number, part: Partial<IssuedRecord> = {}): IssuedRecord => ({
  fingerprint: number.toString(16).padStart(64, '0'),
  account: 'alice',
  vhost: 'example.com',
  provider: 'LetsEncrypt',
  directoryUrl: 'https://ca.example/dir',
  acmeAccountUrl: 'https://ca.example/acct/1',
  orderUrl: null,
  orderId: 'x',
  names: ['example.com'],
  because: ['CERTIFICATE_ABSENT'],
  ariCertificateId: null,
  serial: '01',
  notBefore: '2026-01-01T00:00:00Z',
  notAfter: '2027-01-01T00:00:00Z',
  issuedAt: new Date(Date.UTC(2026, 0, 1) + number * 3_600_000).toISOString(),
  ...part,
});

describe('issued certificates', () => {
  const store = (now = '2026-06-01T00:00:00Z'): FileIssuedStore =>
    new FileIssuedStore(scratch.tree, fixedClock(now));

  test('none for a website that we never issued for, and asking makes nothing', async () => {
    expect(await store().read('example.com')).toEqual([]);
    expect(everythingBelow(scratch.root)).toEqual([]);
  });

  test('newest first, each once, whatever the order of adding', async () => {
    for (const number of [2, 1, 3, 1]) await store().add(anIssued(number));
    expect(await store().read('example.com')).toEqual([anIssued(3), anIssued(2), anIssued(1)]);
  });

  test('expired ones go after 90 days, and beyond the newest twenty; valid ones never', async () => {
    const expired = (number: number, notAfter: string): IssuedRecord => anIssued(number, { notAfter });
    for (let number = 1; number <= 25; number += 1) {
      await store('2026-03-01T00:00:00Z').add(expired(number, '2026-05-01T00:00:00Z'));
    }
    expect(await store('2026-03-01T00:00:00Z').read('example.com')).toHaveLength(25);
    await store('2026-06-01T00:00:00Z').add(anIssued(30));
    expect(await store().read('example.com')).toHaveLength(21);
    await store('2026-09-01T00:00:00Z').add(anIssued(31));
    expect((await store().read('example.com')).map((record) => record.orderId)).toHaveLength(2);
  });

  test('keys that we do not know stay, in the file and in each record', async () => {
    const old = { ...anIssued(1), color: 'blue' };
    put('issued/example.com.json', {
      schemaVersion: 1,
      vhost: 'example.com',
      records: [old],
      note: 'keep me',
    });
    await store().add(anIssued(2));
    expect(json('issued/example.com.json')).toMatchObject({
      note: 'keep me',
      records: [anIssued(2), old],
    });
  });

  test('what we do not know stays letter by letter, in the file and in each record', async () => {
    const old = JSON.stringify(anIssued(1)).replace(/^\{/, '{"n":[12345678901234567890, 1e400],');
    put('issued/example.com.json', `{"m":1.0,"schemaVersion":1,"records":[${old}],"o":-0}`);
    await store().add(anIssued(2));
    const text = readFileSync(own('issued/example.com.json'), 'utf8');
    expect(text).toBe(
      `{"m":1.0,"schemaVersion":1,"records":[${JSON.stringify(anIssued(2))},${old}],"o":-0,"vhost":"example.com"}\n`,
    );
  });

  test.each([
    ['a newer version', { schemaVersion: 2 }, 'schemaVersion'],
    ['a record that lacks its names', { schemaVersion: 1, records: [{ fingerprint: 'x' }] }, 'its key'],
    [
      'an instant that is none',
      { schemaVersion: 1, records: [anIssued(1, { notAfter: 'soon' })] },
      'notAfter',
    ],
    ['records that are no list', { schemaVersion: 1, records: {} }, 'is not a list'],
    ['a record that is a number', { schemaVersion: 1, records: [1] }, 'not an object'],
  ])('%s: refused by name, and not written over', async (_, contents, why) => {
    put('issued/example.com.json', contents);
    const fault = { code: 'CORRUPT_RECORD', message: expect.stringContaining(why) };
    await expect(store().read('example.com')).rejects.toMatchObject(fault);
    await expect(store().add(anIssued(1))).rejects.toMatchObject(fault);
    expect(json('issued/example.com.json')).toEqual(contents);
  });

  test('a damaged file does not keep us from recording what we own', async () => {
    put('issued/example.com.json', 'garbage');
    await store().add(anIssued(1));
    expect(await store().read('example.com')).toEqual([anIssued(1)]);
    expect(readFileSync(own('issued/example.com.json.damaged'), 'utf8')).toBe('garbage');
  });
});

describe('retry memory', () => {
  const memory = (): FileNameMemory => new FileNameMemory(scratch.tree);
  const aName = (name: string): NameRecord => ({
    schemaVersion: 1,
    name,
    lastPassedAt: null,
    consecutiveFailures: 3,
    caFailures: Array.from({ length: 25 }, () => ({
      at: '2026-01-01T00:00:00Z',
      provider: 'LetsEncrypt',
      code: 'dns',
    })),
    lastFailure: { at: '2026-01-01T00:00:00Z', code: 'NXDOMAIN', message: 'no', source: 'ca' },
    nextAttemptAt: '2026-01-02T00:00:00Z',
  });

  test.each([
    ['a name', parseDomainName('www.example.com'), 'www.example.com.json'],
    ['a wildcard', parseWildcardName('*.example.com'), '_wildcard_.example.com.json'],
    ['an address', parseIpIdentifier('2001:DB8::1'), '2001:db8::1.json'],
  ])('of %s lies in a file of its own and is forgotten when told', async (_, name, file) => {
    await memory().write(aName(name));
    expect(everythingBelow(own('names'))).toEqual([file]);
    expect(await memory().read(name)).toEqual({
      ...aName(name),
      caFailures: aName(name).caFailures.slice(0, 20),
    });
    await memory().forget(name);
    await memory().forget(name);
    expect(await memory().read(name)).toBeUndefined();
  });

  test('of the longest names fits into file names, each into its own', async () => {
    const long = (last: string): string =>
      `${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(50)}.${last}`;
    const names = [parseDomainName(long('example')), parseDomainName(long('exampla'))];
    for (const name of names) await memory().write(aName(name));
    for (const name of names) expect(await memory().read(name)).toMatchObject({ name });
  });
});

test('nobody can name a website so that it shares the file of another’s long name', () => {
  const long = `${`${'a'.repeat(20)}.`.repeat(11)}example`;
  const file = recordFileName(long);
  expect(file).toMatch(/~[0-9a-f]{32}\.json$/);
  expect(nameOfRecordFile(file)).toBeUndefined();
  expect(() => parseDomainName(file.replace('.json', ''))).toThrow(AutosslError);
  const imitation = file.replace('~', '-').replace('.json', '');
  expect(recordFileName(imitation)).not.toBe(file);
  expect(nameOfRecordFile(recordFileName('*.example.com'))).toBe('*.example.com');
});

test('no text but a parsed name becomes a file name', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.webUrl(), fc.domain(), fc.constantFrom('..', 'a/b.c', 'x\0.y')),
      (text) => {
        let file: string;
        try {
          file = recordFileName(text);
        } catch (error) {
          expect(error).toBeInstanceOf(AutosslError);
          return;
        }
        expect(file).toMatch(/^[a-z0-9_][a-z0-9_.:~-]*\.json$/);
        expect(Buffer.byteLength(file)).toBeLessThanOrEqual(255);
      },
    ),
  );
});

describe('the ledger', () => {
  const ledger = (): FileLedger => new FileLedger(scratch.tree);

  test('of an account never used says that nothing was spent', async () => {
    expect(await ledger().read('LetsEncrypt')).toEqual({
      schemaVersion: 1,
      provider: 'LetsEncrypt',
      newOrders: [],
      stoppedUntil: null,
      stoppedBecause: null,
    });
  });

  test('reads what a former version wrote', async () => {
    const former = {
      schemaVersion: 1,
      provider: 'LetsEncrypt',
      newOrders: ['2026-01-01T00:00:00Z'],
      stoppedUntil: null,
      stoppedBecause: null,
    };
    outputFileSync(join(scratch.tree.ledger(), 'LetsEncrypt.json'), JSON.stringify(former));
    expect(await ledger().read('LetsEncrypt')).toEqual({
      ...former,
      fullAt: {},
      stops: [],
      failedOrders: [],
      stoppedAt: null,
      downSince: null,
      downSeenAt: null,
      downBecause: null,
    });
  });

  test('remembers, and so does the health record', async () => {
    const record = {
      schemaVersion: 1 as const,
      provider: 'LetsEncrypt',
      newOrders: ['2026-01-01T00:00:00Z'],
      failedOrders: [{ vhost: 'a.test', at: '2026-01-01T00:00:00Z' }],
      fullAt: { 'new-orders': '2026-01-01T01:00:00Z', 'domain a.test': '2026-01-01T04:00:00Z' },
      stops: [
        {
          scope: 'name' as const,
          key: 'a.test',
          until: '2026-01-02T00:00:00Z',
          notedAt: '2026-01-01T00:00:00Z',
          because: 'rateLimited: paused',
          unpauseUrl: 'https://ca.test/unpause',
          holdsRenewals: true,
        },
      ],
      stoppedUntil: '2026-01-01T01:00:00Z',
      stoppedBecause: 'rateLimited',
      stoppedAt: '2026-01-01T00:00:00Z',
      downSince: '2026-01-01T00:30:00Z',
      downSeenAt: '2026-01-01T00:40:00Z',
      downBecause: 'no answer',
    };
    await ledger().write(record);
    expect(await ledger().read('LetsEncrypt')).toEqual(record);
    expect(await ledger().readHealth()).toBeUndefined();
    const health = {
      schemaVersion: 1 as const,
      at: '2026-01-01T00:00:00Z',
      oursCount: 3,
      unhealthy: ['a.example'],
    };
    await ledger().writeHealth(health);
    expect(await ledger().readHealth()).toEqual(health);
  });

  test('that is damaged is not taken for one with nothing spent', async () => {
    put('ledger/LetsEncrypt.json', '');
    await expect(ledger().read('LetsEncrypt')).rejects.toMatchObject({ code: 'CORRUPT_RECORD' });
  });

  test.each([
    ['no JSON', '{"schemaVersion": 1, "prov'],
    ['JSON of another kind', '{"schemaVersion": 1, "provider": 5}'],
    ['empty', ''],
  ])('that is damaged (%s) is kept beside the one that takes its place', async (_, text) => {
    put('ledger/LetsEncrypt.json', text);
    const anew = {
      schemaVersion: 1 as const,
      provider: 'LetsEncrypt',
      newOrders: [],
      fullAt: { 'new-orders': '2026-01-01T01:00:00Z' },
      stoppedUntil: null,
      stoppedBecause: null,
    };
    const keptAt = await ledger().replaceDamaged(anew, new Date('2026-01-01T00:00:00Z'));
    expect(keptAt).toBe(join(scratch.tree.ledger(), 'LetsEncrypt.json.damaged-20260101T000000000Z'));
    expect(readFileSync(keptAt, 'utf8')).toBe(text);
    expect(await ledger().read('LetsEncrypt')).toMatchObject(anew);
    expect(await ledger().providers()).toEqual(['LetsEncrypt']);
  });

  test('of a newer version is left to that version', async () => {
    put('ledger/LetsEncrypt.json', '{"schemaVersion": 2}');
    const anew = await ledger().read('ZeroSSL');
    await expect(
      ledger().replaceDamaged({ ...anew, provider: 'LetsEncrypt' }, new Date()),
    ).rejects.toMatchObject({ code: 'CORRUPT_RECORD' });
    expect(readFileSync(join(scratch.tree.ledger(), 'LetsEncrypt.json'), 'utf8')).toBe(
      '{"schemaVersion": 2}',
    );
  });

  test.each(['../x', 'health', 'Health', 'a.b', '', '__proto__/x'])(
    'a provider called %j is refused',
    async (name) => {
      await expect(ledger().read(name)).rejects.toMatchObject({ code: 'BUG' });
    },
  );
});

describe('problems', () => {
  const aProblem: ProblemRecord = {
    domain: 'example.com',
    vhost: 'example.com',
    code: 'NXDOMAIN',
    message: 'no such name',
    advice: null,
    at: '2026-01-01T00:00:00Z',
    logStartedAt: null,
  };

  test('are replaced whole; none left removes the file', async () => {
    const store = new FileProblemStore(scratch.tree);
    expect(await store.read('alice')).toEqual([]);
    await store.write('alice', [aProblem]);
    await store.write('bob', []);
    expect(await store.read('alice')).toEqual([aProblem]);
    expect(everythingBelow(own('problems'))).toEqual(['alice.json']);
    await store.write('alice', []);
    expect(everythingBelow(own('problems'))).toEqual([]);
  });

  test.each(['../alice', 'a/b', '.', '', 'a\n'])('of an account called %j are refused', async (name) => {
    await expect(new FileProblemStore(scratch.tree).write(name, [aProblem])).rejects.toMatchObject({
      code: 'BAD_NAME',
    });
  });
});
