import { isIP } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { GetAnswer, GetRequest } from '../../../src/adapters/probe/http-get.js';
import { type HttpProbeSettings, SocketHttpProbe } from '../../../src/adapters/probe/http-probe.js';
import { AddressRanges } from '../../../src/core/dcv/address-ranges.js';
import { mayConnect } from '../../../src/core/dcv/own-network.js';
import { isSpecialAddress } from '../../../src/core/dcv/special-address.js';
import { parseDomainName } from '../../../src/core/domain/name/names.js';
import type { NameResolver } from '../../../src/runs/ports/looks.js';

/*
 * Any web of redirects that an owner could make up, walked without a network: who rules the names chooses every Location
 * and every address, and gives another address at each question.
 */

const HOSTS = ['start.test', 'a.test', 'b.test', 'c.test'];
const PUBLIC = ['8.8.4.4', '9.9.9.9', '2a00:1450::1'];
const INSIDE = [
  '127.0.0.1',
  '10.0.0.5',
  '169.254.169.254',
  '::1',
  'fd00::5',
  '::ffff:10.0.0.5',
  '64:ff9b::a00:5',
];
const OWN = '10.0.0.8';
const LAB = '192.168.5.1';
const policy = {
  ownAddresses: [OWN],
  addressMap: new Map([['203.0.113.7', OWN]]),
  privateNetworks: new AddressRanges(['192.168.5.0/24']),
};
const PORTS = [80, 443, 8080, 8443];

const address = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(...PUBLIC) },
  { weight: 1, arbitrary: fc.constantFrom(...INSIDE, OWN, LAB, '203.0.113.7') },
);
const host = fc.constantFrom(...HOSTS);
const location = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.tuple(
      host,
      fc.constantFrom('', ':80', ':443'),
      fc.constantFrom('http', 'https'),
      fc.nat(4),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ...[
        'http://127.0.0.1/',
        'http://2130706433/',
        'http://0x7f.1/',
        'http://[::1]/',
        'http://[::ffff:10.0.0.5]/',
      ],
      ...[
        'http://017700000001/',
        'ftp://a.test/',
        'file:///etc/passwd',
        'http://a.test:22/',
        'http://[',
        'gopher:x',
      ],
      ...[
        '//b.test/x',
        '/y',
        '../z',
        '?q',
        '#f',
        'https:c.test',
        'http://a.test@b.test/',
        'http://localhost/',
      ],
    ),
  },
  { weight: 1, arbitrary: fc.webUrl() },
);
const locationText = location.map((one) =>
  typeof one === 'string' ? one : `${one[2]}://${one[0]}${one[1]}/${one[3]}`,
);
const answer = fc.record({
  status: fc.constantFrom(200, 301, 301, 302, 302, 303, 307, 308, 404),
  location: fc.option(locationText, { nil: null, freq: 10 }),
  error: fc.oneof(
    { weight: 15, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.constantFrom('ETIMEDOUT', 'ECONNREFUSED', 'ENETUNREACH') },
  ),
});
/** Drawn anew at each request, so that no walk need ever come to rest by itself. */
const web = fc.record({
  answers: fc.array(answer, { minLength: 1, maxLength: 12 }),
  addresses: fc.array(fc.array(address, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 8 }),
  start: address.filter((one) => mayConnect(one, policy)),
  maxRedirects: fc.nat(10),
});

type Web = typeof web extends fc.Arbitrary<infer T> ? T : never;

async function walk({ answers, addresses, start, maxRedirects }: Web) {
  const visited: GetRequest[] = [];
  const looked = new Map<string, Set<string>>([['start.test', new Set([start])]]);
  let asked = 0;
  const resolver: NameResolver = {
    servers: [],
    isAnswering: async () => true,
    addressesOf: async (name) => {
      const given = addresses[asked++ % addresses.length] ?? [];
      const known = looked.get(name) ?? new Set<string>();
      for (const one of given) known.add(one);
      looked.set(name, known);
      const ofFamily = (family: number): string[] => given.filter((one) => isIP(one) === family);
      return { ipv4: ofFamily(4), ipv6: ofFamily(6), ipv4Error: 'ENODATA', ipv6Error: 'ENODATA' };
    },
  };
  const get = async (request: GetRequest): Promise<GetAnswer> => {
    const { status, location: where, error } = answers[visited.length % answers.length] ?? answers[0] ?? END;
    visited.push(request);
    if (error !== null) return { status: null, location: null, body: null, isBodyTruncated: false, error };
    return { status, location: where, body: status === 200 ? 'x' : null, isBodyTruncated: false, error };
  };
  const probe = new SocketHttpProbe(resolver, { httpPort: 8080, httpsPort: 8443, policy, get });
  const seen = await probe.fetch({
    host: parseDomainName('start.test'),
    address: start,
    path: '/.well-known/acme-challenge/token',
    maxRedirects,
  });
  return { seen, visited, looked };
}
const END = { status: 200, location: null, error: null };

describe('whatever the owner redirects to', () => {
  test('the walk ends, after no more redirects than the provider follows', async () => {
    await fc.assert(
      fc.asyncProperty(web, async (given) => {
        const { seen, visited } = await walk(given);
        const followed = new Set(seen.hops.map(({ url }) => url)).size - 1;
        expect(followed).toBeLessThanOrEqual(given.maxRedirects);
        // A target may have two addresses to be tried, one of each family.
        expect(visited.length).toBeLessThanOrEqual(1 + 2 * given.maxRedirects);
      }),
      { numRuns: 500 },
    );
  });

  test('nothing is sent to an address that is not public, but where the name itself lives and we may look', async () => {
    await fc.assert(
      fc.asyncProperty(web, async (given) => {
        const { visited } = await walk(given);
        for (const { address: to } of visited.slice(1)) {
          // 203.0.113.7 is this server, which the map says is reached there.
          const isAllowed = !isSpecialAddress(to) || to === given.start || to === OWN;
          expect([to, isAllowed]).toEqual([to, true]);
          expect([to, mayConnect(to, policy)]).toEqual([to, true]);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('a connection goes to an address that was looked at before, never to a name', async () => {
    await fc.assert(
      fc.asyncProperty(web, async (given) => {
        const { visited, looked } = await walk(given);
        for (const { url, address: to, port } of visited) {
          expect(isIP(to)).not.toBe(0);
          expect(PORTS).toContain(port);
          const known = [...(looked.get(url.hostname) ?? [])];
          expect(known.map((one) => policy.addressMap.get(one) ?? one).concat(known)).toContain(to);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('only http and https are spoken, to names', async () => {
    await fc.assert(
      fc.asyncProperty(web, async (given) => {
        for (const { url } of (await walk(given)).visited) {
          expect(['http:', 'https:']).toContain(url.protocol);
          expect(isIP(url.hostname.replace(/^\[|\]$/g, ''))).toBe(0);
        }
      }),
      { numRuns: 500 },
    );
  });
});

test('the webs of these tests do lead inside, and deep', async () => {
  const ends = new Set<string>();
  for (const given of fc.sample(web, { numRuns: 500, seed: 5 })) {
    const { seen } = await walk(given);
    if (seen.refusedRedirect?.startsWith('it leads to')) ends.add('led inside');
    else if (seen.refusedRedirect !== null) ends.add('refused');
    if (seen.isRedirectLimitReached) ends.add('limit');
    if (seen.hops.length > 5) ends.add('deep');
  }
  expect(ends).toEqual(new Set(['led inside', 'refused', 'limit', 'deep']));
});

describe('addresses that let connections run out', () => {
  const silentAt = (silent: string, error = 'ETIMEDOUT') => {
    const asked: string[] = [];
    const get = async ({ address: to }: GetRequest): Promise<GetAnswer> => {
      asked.push(to);
      const isSilent = to === silent;
      return {
        status: isSilent ? null : 200,
        location: null,
        body: isSilent ? null : 'x',
        isBodyTruncated: false,
        error: isSilent ? error : null,
      };
    };
    const probe = new SocketHttpProbe(NO_DNS, { get });
    const fetchAt = async (to: string): Promise<string | null> =>
      (await probe.fetch({ host: parseDomainName('start.test'), address: to, path: '/x', maxRedirects: 0 }))
        .error;
    return { asked, fetchAt };
  };
  const NO_DNS: NameResolver = {
    servers: [],
    isAnswering: async () => true,
    addressesOf: async () => ({ ipv4: [], ipv6: [], ipv4Error: 'ENODATA', ipv6Error: 'ENODATA' }),
  };

  test('are not waited for by hundreds of names', async () => {
    const { asked, fetchAt } = silentAt('8.8.4.4');
    for (let name = 0; name < 100; name++) expect(await fetchAt('8.8.4.4')).toBe('ETIMEDOUT');
    expect(asked).toHaveLength(3);
    expect(await fetchAt('9.9.9.9')).toBeNull();
  });

  describe('after they accepted them', () => {
    const OWN = '8.8.4.4';
    /** What a name of the account comes to at that address, and how often it was really asked. */
    function tarpit(policy?: HttpProbeSettings['policy']) {
      let asked = 0;
      const hangs = { error: 'ETIME' as string | null };
      const get = async (): Promise<GetAnswer> => {
        asked += 1;
        const { error } = hangs;
        return {
          status: error === null ? 404 : null,
          location: null,
          body: null,
          isBodyTruncated: false,
          error,
        };
      };
      const probe = new SocketHttpProbe(NO_DNS, { get, ...(policy === undefined ? {} : { policy }) });
      const fetchFor = (account?: string) =>
        probe.fetch({
          host: parseDomainName('start.test'),
          address: OWN,
          path: '/x',
          maxRedirects: 0,
          ...(account === undefined ? {} : { account }),
        });
      return { fetchFor, hangs, asked: () => asked };
    }

    test('are not waited for by hundreds of names of one account, and what is presumed says so', async () => {
      const { fetchFor, asked } = tarpit();
      for (let name = 0; name < 100; name++) {
        const seen = await fetchFor('alice');
        expect([seen.error, seen.isPresumed]).toEqual(['ETIME', name < 3 ? undefined : true]);
      }
      expect(asked()).toBe(3);
    });

    test('are asked for other accounts all the same: one website may hang at an address that thousands share', async () => {
      const { fetchFor, hangs } = tarpit();
      for (let name = 0; name < 10; name++) await fetchFor('evil');
      hangs.error = null;
      expect((await fetchFor('alice')).hops).toMatchObject([{ status: 404 }]);
      // What answered another account says nothing of the account that hung.
      expect((await fetchFor('evil')).isPresumed).toBe(true);
    });

    test('are believed to hang for everybody when three accounts met it and nobody an answer', async () => {
      const { fetchFor, hangs, asked } = tarpit();
      for (let user = 0; user < 50; user++) expect((await fetchFor(`user${user}`)).error).toBe('ETIME');
      expect(asked()).toBe(3);
      const other = tarpit();
      await other.fetchFor('a');
      await other.fetchFor('b');
      other.hangs.error = null;
      await other.fetchFor('c');
      other.hangs.error = 'ETIME';
      await other.fetchFor('d');
      expect((await other.fetchFor('e')).isPresumed).toBeUndefined();
      expect(hangs.error).toBe('ETIME');
    });

    test('are asked each time where they are our own, or nobody’s names are meant', async () => {
      const privateNetworks = new AddressRanges([]);
      const own = tarpit({ ownAddresses: [OWN], addressMap: new Map(), privateNetworks });
      const nobody = tarpit();
      for (let name = 0; name < 10; name++) {
        await own.fetchFor('alice');
        await nobody.fetchFor();
      }
      expect([own.asked(), nobody.asked()]).toEqual([10, 10]);
    });
  });
});
