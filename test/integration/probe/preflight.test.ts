import { existsSync, readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { SocketHttpProbe } from '../../../src/adapters/probe/http-probe.js';
import { DnsResolver } from '../../../src/adapters/probe/resolver.js';
import { createChallengeSolver } from '../../../src/adapters/solvers/create-solver.js';
import { systemRandom } from '../../../src/adapters/system/random.js';
import { AddressRanges } from '../../../src/core/dcv/address-ranges.js';
import {
  parseDomainName,
  parseIpIdentifier,
  parseWildcardName,
} from '../../../src/core/domain/name/names.js';
import type { ChallengeSolver } from '../../../src/runs/ports/challenges.js';
import { type PreflightPorts, preflightNames } from '../../../src/runs/validation/preflight-names.js';
import { ChallengeTree, CLOCK } from '../../support/challenge-tree.js';
import { type EmbeddedDns, startEmbeddedDns } from '../../support/embedded-dns.js';
import { type EmbeddedWeb, startEmbeddedWeb } from '../../support/embedded-web.js';
import { LOOPBACK_RANGES } from '../../support/loopback.js';

let place: ChallengeTree;
let dns: EmbeddedDns;
let web: EmbeddedWeb;
let solver: ChallengeSolver;
beforeEach(async () => {
  place = new ChallengeTree();
  dns = await startEmbeddedDns([
    ['shop.test', { A: ['127.0.0.1'] }],
    ['www.shop.test', { A: ['127.0.0.1'] }],
    ['six.shop.test', { A: ['127.0.0.1'], AAAA: ['::1'] }],
    ['nat.shop.test', { A: ['127.0.0.77'] }],
    ['broken.shop.test', { rcode: 'SERVFAIL' }],
  ]);
  web = await startEmbeddedWeb({ tree: place.tree });
  solver = createChallengeSolver({
    tree: place.tree,
    clock: CLOCK,
    place: 'shared-folder',
    homeDirectoryOf: async () => null,
  });
});
afterEach(async () => {
  await Promise.all([web.close(), dns.close(), solver.close()]);
  place.remove();
});

const ports = (overrides: Partial<PreflightPorts> = {}): PreflightPorts => {
  const resolver = new DnsResolver({ servers: [dns.server], timeoutMs: 30_000, tries: 1 });
  return {
    resolver,
    probe: new SocketHttpProbe(resolver, {
      httpPort: web.httpPort,
      hopTimeoutMs: 30_000,
      totalTimeoutMs: 60_000,
    }),
    solver,
    random: systemRandom,
    ownAddresses: ['127.0.0.1'],
    addressMap: new Map(),
    privateNetworks: LOOPBACK_RANGES,
    maxRedirects: 10,
    ...overrides,
  };
};
const summary = async (names: readonly string[], overrides: Partial<PreflightPorts> = {}) => {
  const wanted = names.map((name) =>
    name.startsWith('*')
      ? parseWildcardName(name)
      : /^[0-9.]+$/.test(name)
        ? parseIpIdentifier(name)
        : parseDomainName(name),
  );
  const outcomes = await preflightNames(place.website(), wanted, ports(overrides));
  return outcomes.map((outcome) => `${outcome.name} ${outcome.passed ? 'passed' : outcome.code}`);
};
const placed = () => (existsSync(place.tree.challenges()) ? readdirSync(place.tree.challenges()) : []);

test('each name has its own outcome, in the names’ order, and nothing stays', async () => {
  web.behaviours.set('www.shop.test', (_request, response) => {
    response.writeHead(403);
    response.end();
  });
  const names = [
    'gone.test',
    'shop.test',
    '*.shop.test',
    'www.shop.test',
    'six.shop.test',
    'broken.shop.test',
    '127.0.0.1',
  ];
  expect(await summary(names)).toEqual([
    'gone.test NXDOMAIN',
    'shop.test passed',
    '*.shop.test WILDCARD_NEEDS_DNS',
    'www.shop.test HTTP_FORBIDDEN',
    'six.shop.test IPV6_BROKEN',
    'broken.shop.test DNS_SERVFAIL',
    '127.0.0.1 passed',
  ]);
  expect(placed()).toEqual([]);
  // One file for the website, under a name that the sweep knows.
  const paths = new Set(web.requests.map((line) => line.split(' ')[2]));
  expect([...paths]).toEqual([
    expect.stringMatching(/^\/\.well-known\/acme-challenge\/autossl-preflight-[\w-]{22}$/),
  ]);
});

test('nothing is placed and nobody is asked when DNS refuses every name', async () => {
  const untouchable: ChallengeSolver = { ...solver, present: () => Promise.reject(new Error('placed')) };
  expect(await summary(['gone.test', '*.shop.test'], { solver: untouchable })).toEqual([
    'gone.test NXDOMAIN',
    '*.shop.test WILDCARD_NEEDS_DNS',
  ]);
  expect(web.requests).toEqual([]);
});

test('a file that cannot be placed fails the names that have an address', async () => {
  const helpless: ChallengeSolver = {
    present: async () => ({ ok: false, why: 'no quota', fault: 'owner' }),
    cleanUp: async () => undefined,
    sweep: async () => undefined,
    close: async () => undefined,
  };
  expect(await summary(['shop.test', 'gone.test'], { solver: helpless })).toEqual([
    'shop.test CHALLENGE_NOT_PLACED',
    'gone.test NXDOMAIN',
  ]);
  expect(web.requests).toEqual([]);
});

test('nothing is sent to addresses of the network that we are in', async () => {
  dns.zones.set('inside.test', { A: ['127.0.0.1'], AAAA: ['::1'] });
  dns.zones.set('metadata.test', { A: ['169.254.169.254'] });
  dns.zones.set('half.test', { A: ['127.0.0.1', '127.0.0.2'] });
  const privateNetworks = new AddressRanges(['127.0.0.2']);
  // A server at that one only: whatever is sent to 127.0.0.1 would be seen, too.
  expect(await summary(['inside.test', 'metadata.test'], { privateNetworks })).toEqual([
    'inside.test PRIVATE_ADDRESS',
    'metadata.test PRIVATE_ADDRESS',
  ]);
  expect(web.requests).toEqual([]);
  // Of the addresses of one name each is judged by itself.
  expect(await summary(['half.test'], { privateNetworks })).toEqual(['half.test CONNECTION_REFUSED']);
  expect(web.requests).toEqual([]);
});

describe('an address of ours behind translation', () => {
  test('is tried at its local address when it does not answer from inside', async () => {
    expect(await summary(['nat.shop.test'])).toEqual(['nat.shop.test CONNECTION_REFUSED']);
    const [outcome] = await preflightNames(
      place.website(),
      [parseDomainName('nat.shop.test')],
      ports({ addressMap: new Map([['127.0.0.77', '127.0.0.1']]) }),
    );
    expect(outcome).toMatchObject({ passed: true, warnings: [expect.stringContaining('only from inside')] });
  });
  test('is where a redirect to another name of ours leads, too', async () => {
    dns.zones.set('www2.test', { A: ['127.0.0.77'] });
    web.behaviours.set('nat.shop.test', (request, response) => {
      response.writeHead(301, { location: `http://www2.test${request.url}` });
      response.end();
    });
    const addressMap = new Map([['127.0.0.77', '127.0.0.1']]);
    const resolver = new DnsResolver({ servers: [dns.server] });
    const probe = new SocketHttpProbe(resolver, {
      httpPort: web.httpPort,
      policy: { ownAddresses: [], addressMap, privateNetworks: LOOPBACK_RANGES },
    });
    expect(await summary(['nat.shop.test'], { addressMap, resolver, probe })).toEqual([
      'nat.shop.test passed',
    ]);
    expect(web.requests.map((line) => line.split(' ')[1])).toEqual(['nat.shop.test', 'www2.test']);
  });
  test('is not conclusive when it answers nowhere', async () => {
    const [outcome] = await preflightNames(
      place.website(),
      [parseDomainName('nat.shop.test')],
      ports({ addressMap: new Map([['127.0.0.77', '127.0.0.78']]) }),
    );
    expect(outcome).toMatchObject({ passed: false, code: 'CONNECTION_REFUSED', isConclusive: false });
  });
});

test('the end of the run ends it, and the file is taken away', async () => {
  const controller = new AbortController();
  web.behaviours.set('shop.test', () => controller.abort(new Error('deadline')));
  const names = ['shop.test', 'www.shop.test'];
  await expect(summary(names, { signal: controller.signal, concurrency: 1 })).rejects.toThrow('deadline');
  expect(placed()).toEqual([]);
  expect(web.requests).toHaveLength(1);
});

test('a fault of ours is not the owner’s: it is thrown, and the file is taken away', async () => {
  const cleaned: string[] = [];
  const broken: ChallengeSolver = {
    present: () => Promise.reject(new Error('disk full')),
    cleanUp: async ({ token }) => void cleaned.push(token),
    sweep: async () => undefined,
    close: async () => undefined,
  };
  await expect(summary(['shop.test'], { solver: broken })).rejects.toThrow('disk full');
  expect(cleaned).toHaveLength(1);
});

test('a website’s fifty names are asked a few at a time', async () => {
  dns.zones.set('*.many.test', { A: ['127.0.0.1'] });
  let underWay = 0;
  let most = 0;
  web.behaviours.set('*', async () => {
    most = Math.max(most, ++underWay);
    await new Promise((resolve) => setTimeout(resolve, 5));
    underWay--;
    return false;
  });
  const names = Array.from({ length: 50 }, (_, index) => `n${index}.many.test`);
  expect(await summary(names, { concurrency: 7 })).toEqual(names.map((name) => `${name} passed`));
  expect(most).toBeLessThanOrEqual(7);
  expect(most).toBeGreaterThan(1);
});
