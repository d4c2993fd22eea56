import { describe, expect, test } from '@jest/globals';
import {
  challengeRecordOf,
  challengeValueOf,
  delegationTo,
  domainOfChallengeRecord,
  testRecordOf,
  testValueOf,
} from '../../../src/core/dcv/dns-challenge.js';
import type { RecordTrouble } from '../../../src/core/dcv/dns-observation.js';
import {
  type FailedOutcome,
  failedBothWays,
  failedByDns,
  judgeRecordTrouble,
  mayTryByDns,
  serverWarnings,
} from '../../../src/core/dcv/judge-dns.js';
import { adviceForRefusal } from '../../../src/core/dcv/refusal-advice.js';
import { parseHostName } from '../../../src/core/domain/name/names.js';

const ZONE = 'example.test';
const RECORD = `_acme-challenge.${ZONE}`;

describe('the record of a challenge (RFC 8555 section 8.4)', () => {
  test.each([
    ['example.test', RECORD],
    ['*.example.test', RECORD],
    ['www.example.test', '_acme-challenge.www.example.test'],
  ])('of %s is %s', (name, record) => {
    expect(challengeRecordOf(parseHostName(name))).toBe(record);
  });

  test('holds the digest of the key authorization, base64url without padding', () => {
    // SHA-256 of the empty string (FIPS 180-4 examples).
    expect(challengeValueOf('')).toBe('47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU');
  });

  test('tells its domain; other records tell none', () => {
    expect(domainOfChallengeRecord(RECORD)).toBe(ZONE);
    expect(domainOfChallengeRecord(`www.${ZONE}`)).toBeNull();
  });

  test('may be delegated to another one, or into a domain for that, and nowhere else', () => {
    expect(delegationTo('_acme-challenge.other.test', [])).toEqual({
      mayBe: 'where-exists',
      domain: 'other.test',
    });
    expect(delegationTo('customer.acme.test', ['acme.test'])).toEqual({ mayBe: 'yes' });
    expect(delegationTo('customer.acme.test', [])).toEqual({ mayBe: 'no' });
    expect(delegationTo('shop.other.test', ['acme.test'])).toEqual({ mayBe: 'no' });
    expect(delegationTo('notacme.test', ['acme.test'])).toEqual({ mayBe: 'no' });
  });

  test('a zone is tried with the documented record', () => {
    expect(testRecordOf(ZONE)).toBe(`_dcv-test-record.${ZONE}`);
    expect(testValueOf(new Uint8Array(32).fill(0xab))).toMatch(/^_dcv-test-record=[0-9a-f]{64}$/);
  });
});

describe('what stood in the way of a record', () => {
  const servers = [
    { server: 'ns1.example.test', saw: 'values' },
    { server: 'ns2.example.test', saw: 'missing' },
  ] as const;
  test.each<[string, RecordTrouble, string, 'ours' | 'owner', RegExp, RegExp]>([
    [
      'no zone of ours holds it: no local authority',
      { kind: 'no-zone', recordName: RECORD, why: 'no zone that is edited from here holds it' },
      'NO_LOCAL_AUTHORITY',
      'owner',
      /^no local authority: no zone/,
      /^Delegate _acme-challenge\.example\.test by CNAME/,
    ],
    [
      'what edits zones is down: ours',
      { kind: 'editor-silent', why: 'PowerDNS at http://127.0.0.1:8081 does not list its zones' },
      'DNS_UPDATE_REFUSED',
      'ours',
      /PowerDNS at/,
      /dns\.editors/,
    ],
    [
      'its owner delegated it to nowhere',
      { kind: 'delegation', recordName: RECORD, why: '“a” leads round in a circle of CNAME records' },
      'DELEGATION_BROKEN',
      'owner',
      /circle/,
      /^Correct the CNAME record of _acme-challenge\.example\.test/,
    ],
    [
      'DNS does not lead to our zone',
      { kind: 'not-delegated', zone: ZONE, why: 'it answers NXDOMAIN' },
      'DELEGATION_BROKEN',
      'owner',
      /DNS does not lead to it: it answers NXDOMAIN/,
      /^Have example\.test delegated/,
    ],
    [
      'there is no room for another record: the owner’s',
      {
        kind: 'update-refused',
        zone: ZONE,
        editor: 'nsupdate at 192.0.2.1:53',
        why: 'update failed: SERVFAIL',
        crowdedName: RECORD,
      },
      'DNS_UPDATE_REFUSED',
      'owner',
      /SERVFAIL; very many TXT records lie at _acme-challenge\.example\.test/,
      /^Remove the TXT records of _acme-challenge\.example\.test/,
    ],
    [
      'the server refused what the owner’s CNAME record chose: the owner’s',
      {
        kind: 'update-refused',
        zone: 'other.test',
        editor: 'nsupdate at 192.0.2.1:53',
        why: 'update failed: REFUSED',
        delegatedFrom: RECORD,
      },
      'DNS_UPDATE_REFUSED',
      'owner',
      /the CNAME record of _acme-challenge\.example\.test leads there/,
      /^Remove the CNAME record of _acme-challenge\.example\.test/,
    ],
    [
      'the server refused the change: ours, in its words',
      {
        kind: 'update-refused',
        zone: ZONE,
        editor: 'nsupdate at 192.0.2.1:53',
        why: 'update failed: REFUSED',
      },
      'DNS_UPDATE_REFUSED',
      'ours',
      /by nsupdate at 192\.0\.2\.1:53: update failed: REFUSED/,
      /dns\.editors/,
    ],
    [
      'one server does not show it, and is named',
      { kind: 'not-seen', zone: ZONE, recordName: RECORD, servers, waitedMs: 120_400 },
      'DNS_NOT_PROPAGATED',
      'owner',
      /after 120 seconds ns2\.example\.test does not show it$/,
      /^Look at the name server ns2\.example\.test/,
    ],
    [
      'resolvers fail on what the servers show',
      { kind: 'not-resolved', zone: ZONE, rcode: 'SERVFAIL' },
      'DNS_SERVFAIL',
      'owner',
      /resolvers get no answer \(SERVFAIL\)/,
      /DNSSEC/,
    ],
    [
      'our own resolvers are silent: ours',
      { kind: 'resolver-silent', name: ZONE },
      'DNS_TIMED_OUT',
      'ours',
      /resolvers do not answer/,
      /resolvers/,
    ],
  ])('%s', (_, trouble, code, fault, message, advice) => {
    const failure = judgeRecordTrouble(trouble);
    expect(failure).toMatchObject({ code, fault });
    expect(failure.message).toMatch(message);
    expect(failure.advice).toMatch(advice);
  });

  test('says nothing that steers a terminal, and nothing endless', () => {
    const why = `\u001b[31m${'x'.repeat(5000)}`;
    const { message } = judgeRecordTrouble({ kind: 'update-refused', zone: ZONE, editor: 'a hook', why });
    expect(message).not.toContain('\u001b');
    expect(message.length).toBeLessThan(600);
  });

  test('many servers are counted', () => {
    const many = Array.from({ length: 9 }, (_, index) => ({ server: `ns${index}`, saw: 'silent' as const }));
    const trouble = { kind: 'not-seen', zone: ZONE, recordName: RECORD, servers: many, waitedMs: 0 } as const;
    expect(judgeRecordTrouble(trouble).message).toContain('and 5 more');
  });

  test('a server that is down while the others show the record is a warning', () => {
    expect(serverWarnings(ZONE, [{ server: 'ns1', saw: 'values' }])).toEqual([]);
    expect(serverWarnings(ZONE, [{ server: 'ns2', saw: 'silent' }])).toEqual([
      'name server ns2 of “example.test” does not answer',
    ]);
  });
});

describe('a name that did not pass over HTTP', () => {
  const name = parseHostName('www.example.test');
  const overHttp: FailedOutcome = {
    name,
    passed: false,
    code: 'CONNECTION_REFUSED',
    message: 'www.example.test at 192.0.2.9 refuses connections',
    advice: 'Start the web server.',
    isConclusive: false,
    fault: 'owner',
  };
  const refused = judgeRecordTrouble({ kind: 'update-refused', zone: ZONE, editor: 'a hook', why: 'no' });

  test.each([
    ['is tried by DNS', 'CONNECTION_REFUSED', true],
    ['is tried by DNS where it has no address', 'NO_ADDRESS', true],
    ['is tried by DNS as a wildcard', 'WILDCARD_NEEDS_DNS', true],
    ['is not tried where it does not exist at all', 'NXDOMAIN', false],
  ] as const)('%s', (_, code, isTried) => {
    expect(mayTryByDns({ ...overHttp, code })).toBe(isTried);
  });

  test('keeps its code and tells both ways when DNS fails too; whether it may be tried all the same stays', () => {
    const both = failedBothWays(overHttp, refused);
    expect(both).toMatchObject({ code: 'CONNECTION_REFUSED', isConclusive: false, fault: 'owner' });
    if (both.passed) throw new Error('it passed');
    expect(both.message).toContain('refuses connections; nor by DNS: the zone');
    // What root has to do is not told to the owner.
    expect(both.advice).toBe('Start the web server.');
    const lacking = judgeRecordTrouble({ kind: 'delegation', recordName: RECORD, why: 'it goes round' });
    expect(failedBothWays(overHttp, lacking)).toMatchObject({
      advice: expect.stringContaining('Start the web server. Or: Correct the CNAME'),
    });
  });

  test('of a wildcard DNS alone is told', () => {
    const wildcard = parseHostName('*.example.test');
    expect(failedByDns(wildcard, refused)).toMatchObject({
      name: wildcard,
      passed: false,
      method: 'dns-01',
      code: 'DNS_UPDATE_REFUSED',
      fault: 'ours',
    });
  });
});

test('what a CA did not find in DNS is advised upon as such', () => {
  expect(adviceForRefusal('unauthorized', '*.example.test', 'dns-01')).toContain(
    'TXT records of _acme-challenge.example.test',
  );
  expect(adviceForRefusal('unauthorized', 'example.test')).not.toContain('TXT');
  expect(adviceForRefusal('caa', 'example.test', 'dns-01')).toContain('CAA');
});
