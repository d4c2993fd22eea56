import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DnsResolver } from '../../../src/adapters/probe/resolver.js';
import { parseDomainName } from '../../../src/core/domain/name/names.js';
import { type EmbeddedDns, startEmbeddedDns } from '../../support/embedded-dns.js';

let dns: EmbeddedDns;
beforeAll(async () => {
  dns = await startEmbeddedDns([
    ['both.test', { A: ['192.0.2.1', '192.0.2.2', '192.0.2.1'], AAAA: ['2001:db8::1'] }],
    ['four.test', { A: ['192.0.2.1'] }],
    ['bare.test', {}],
    ['broken.test', { rcode: 'SERVFAIL' }],
    ['refused.test', { rcode: 'REFUSED' }],
    ['silent.test', { isSilent: true }],
    ['big.test', { A: ['192.0.2.9'], isTruncated: true }],
    ['*.wild.test', { A: ['192.0.2.3'] }],
  ]);
});
afterAll(() => dns.close());

/** For the server that stays silent, in ms; what answers is given the time that it needs. */
const SHORT_TIMEOUT_MS = 250;
const TIMEOUT_MS = 30_000;
const resolverOf = (server: string, timeoutMs = TIMEOUT_MS) =>
  new DnsResolver({ servers: [server], timeoutMs, tries: 1 });
const ask = (name: string) =>
  resolverOf(dns.server, name === 'silent.test' ? SHORT_TIMEOUT_MS : TIMEOUT_MS).addressesOf(
    parseDomainName(name),
  );

describe('what the resolver saw', () => {
  test.each([
    [
      'both families, each address once',
      'both.test',
      ['192.0.2.1', '192.0.2.2'],
      ['2001:db8::1'],
      null,
      null,
    ],
    ['IPv4 only', 'four.test', ['192.0.2.1'], [], null, 'ENODATA'],
    ['a name without addresses', 'bare.test', [], [], 'ENODATA', 'ENODATA'],
    ['a name that does not exist', 'nowhere.test', [], [], 'ENOTFOUND', 'ENOTFOUND'],
    ['SERVFAIL', 'broken.test', [], [], 'ESERVFAIL', 'ESERVFAIL'],
    ['REFUSED', 'refused.test', [], [], 'EREFUSED', 'EREFUSED'],
    ['silence', 'silent.test', [], [], 'ETIMEOUT', 'ETIMEOUT'],
    ['an answer that comes over TCP only', 'big.test', ['192.0.2.9'], [], null, 'ENODATA'],
    ['a wildcard record', 'any.wild.test', ['192.0.2.3'], [], null, 'ENODATA'],
  ])('%s', async (_case, name, ipv4, ipv6, ipv4Error, ipv6Error) => {
    expect(await ask(name)).toEqual({ ipv4, ipv6, ipv4Error, ipv6Error });
  });

  test('a resolver that is down', async () => {
    const gone = await startEmbeddedDns();
    await gone.close();
    const resolver = resolverOf(gone.server);
    const seen = await resolver.addressesOf(parseDomainName('both.test'));
    expect(seen).toMatchObject({ ipv4Error: 'ECONNREFUSED', ipv6Error: 'ECONNREFUSED' });
    expect(await resolver.isAnswering()).toBe(false);
    expect(resolver.servers).toEqual([gone.server]);
  });

  test('a resolver that knows no root answers all the same', async () => {
    const resolver = resolverOf(dns.server);
    expect(await resolver.isAnswering()).toBe(true);
  });

  test('/etc/hosts is not consulted', async () => {
    // Every machine has localhost there; as a domain name it takes two labels.
    expect(await ask('localhost.localdomain')).toMatchObject({ ipv4: [], ipv4Error: 'ENOTFOUND' });
    expect(dns.questions).toContain('A localhost.localdomain');
  });
});

test('a name is asked once in a run, however often and however parallel', async () => {
  const resolver = new DnsResolver({ servers: [dns.server] });
  const name = parseDomainName('four.test');
  dns.questions.length = 0;
  await Promise.all([resolver.addressesOf(name), resolver.addressesOf(name)]);
  await resolver.addressesOf(name);
  expect([...dns.questions].sort()).toEqual(['A four.test', 'AAAA four.test']);
});

test('a name that does not exist is not waited for: that there is no A record of it says all', async () => {
  dns.zones.set('half.test', { rcode: 'NXDOMAIN', isSilentFor: ['AAAA'] });
  const resolver = resolverOf(dns.server);
  expect(await resolver.addressesOf(parseDomainName('half.test'))).toEqual({
    ipv4: [],
    ipv6: [],
    ipv4Error: 'ENOTFOUND',
    ipv6Error: 'ENOTFOUND',
  });
  resolver.cancel();
});

describe('after SERVFAIL', () => {
  const observe = (isAnsweredUnchecked: () => Promise<boolean>) =>
    new DnsResolver({
      servers: [dns.server],
      timeoutMs: TIMEOUT_MS,
      tries: 1,
      isAnsweredUnchecked,
    }).addressesOf(parseDomainName('broken.test'));
  test.each([
    ['an answer without signatures is noted', async () => true, true],
    ['so is that there is none', async () => false, false],
    ['a question that cannot be asked counts for none', () => Promise.reject(new Error('no')), false],
  ])('%s', async (_case, isAnsweredUnchecked, expected) => {
    expect(await observe(isAnsweredUnchecked)).toEqual({
      ipv4: [],
      ipv6: [],
      ipv4Error: 'ESERVFAIL',
      ipv6Error: 'ESERVFAIL',
      isAnsweredUnchecked: expected,
    });
  });
  test('a server that was only slow is believed the second time', async () => {
    dns.zones.set('slow.test', { rcode: 'SERVFAIL' });
    const resolver = new DnsResolver({
      servers: [dns.server],
      timeoutMs: TIMEOUT_MS,
      isAnsweredUnchecked: async (name) => {
        dns.zones.set(name, { A: ['192.0.2.5'] });
        return true;
      },
    });
    expect(await resolver.addressesOf(parseDomainName('slow.test'))).toEqual({
      ipv4: ['192.0.2.5'],
      ipv6: [],
      ipv4Error: null,
      ipv6Error: 'ENODATA',
    });
  });
  test('nothing more is asked of a name that answers', async () => {
    const resolver = new DnsResolver({
      servers: [dns.server],
      timeoutMs: TIMEOUT_MS,
      isAnsweredUnchecked: () => Promise.reject(new Error('asked')),
    });
    for (const name of ['four.test', 'bare.test', 'nowhere.test', 'refused.test']) {
      expect(await resolver.addressesOf(parseDomainName(name))).not.toHaveProperty('isAnsweredUnchecked');
    }
  });
});

test('hundreds of names at once are all answered', async () => {
  const resolver = new DnsResolver({ servers: [dns.server] });
  const names = Array.from({ length: 300 }, (_, index) => parseDomainName(`n${index}.wild.test`));
  const seen = await Promise.all(names.map((name) => resolver.addressesOf(name)));
  expect(seen.filter(({ ipv4 }) => ipv4[0] === '192.0.2.3')).toHaveLength(300);
});

describe('a server setting', () => {
  test.each(['192.0.2.1', '192.0.2.1:5353', '[2001:db8::1]:53', '2001:db8::1'])('%s is taken', (server) => {
    expect(() => new DnsResolver({ servers: [server] })).not.toThrow();
  });
  test.each(['', 'dns.example', 'dns.example:53', '192.0.2.1:0', '192.0.2.1:99999', '192.0.2.1:x', '[::1'])(
    '“%s” is refused',
    (server) => {
      expect(() => new DnsResolver({ servers: [server] })).toThrow(
        expect.objectContaining({ code: 'BAD_SETTING' }),
      );
    },
  );
});
