// Looks at the names of many websites as a run does before it orders, at slow name servers: once all of them alive, once one
// in ten dead, then many at one server that accepts and never answers. Word: number of names. Prints one JSON object.
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import PQueue from 'p-queue';
import { systemRandom } from '../../src/adapters/system/random.js';
import { openSight } from '../../src/cli/host/websites/sight.js';
import { parseAccountName } from '../../src/core/domain/account/account-name.js';
import { type DomainName, parseDomainName, parseHostName } from '../../src/core/domain/name/names.js';
import type { Website } from '../../src/core/domain/website/website.js';
import type { ChallengeSolver } from '../../src/runs/ports/challenges.js';
import { preflightNames } from '../../src/runs/validation/preflight-names.js';
import { type DnsRecords, startEmbeddedDns } from '../support/embedded-dns.js';
import { LOOPBACK } from '../support/loopback.js';
import { freePort } from '../support/ports.js';

const NAMES_PER_WEBSITE = 5;
const DELAY_MS = 200;
const ONE_IN = 10;
/** Names at one hung server. */
const AT_ONE_HUNG = 200;
/** The documented defaults of the settings. */
const CONCURRENCY = { orders: 10, lookups: 50, probes: 50 };
/** Websites worked on at once: four for each that may order (src/cli/host/check/check.ts). */
const WEBSITES = 4 * CONCURRENCY.orders;
/** A and AAAA. */
const QUESTIONS = 2;

const LIVING = '127.0.0.1';
/** Servers that accept and never answer. */
const HUNG = Array.from({ length: 5 }, (_, index) => `127.88.0.${index + 1}`);

/** In which ways names are dead, in turns. */
const DEATHS: readonly ((turn: number) => DnsRecords | null)[] = [
  () => null,
  () => ({ isSilent: true }),
  (turn) => ({ A: [HUNG[turn % HUNG.length] ?? ''] }),
];

const count = Number(process.argv[2]);
const placed = new Map<string, string>();
const port = await freePort();
const traffic = new Map<string, { now: number; most: number }>();
const solver: ChallengeSolver = {
  present: async ({ token, content }) => {
    placed.set(token, content);
    return { ok: true };
  },
  cleanUp: async ({ token }) => {
    placed.delete(token);
  },
  sweep: async () => undefined,
  close: async () => undefined,
};

const web = createHttpServer((request, response) => {
  response.end(placed.get(request.url?.split('/').at(-1) ?? '') ?? 'nothing');
});
await listen(web, LIVING);
for (const address of HUNG)
  await listen(
    createServer((socket) => socket.resume()),
    address,
  );

const alive = await measure(() => ({ A: [LIVING] }));
const dead = await measure((name) =>
  name % ONE_IN === 0 ? (DEATHS[(name / ONE_IN) % DEATHS.length]?.(name / ONE_IN) ?? null) : { A: [LIVING] },
);
const hung = await measure(() => ({ A: [HUNG[0] ?? ''] }), AT_ONE_HUNG);
const { most: sockets = 0 } = traffic.get('all') ?? {};
traffic.delete('all');
const figures = {
  names: count,
  delayMs: DELAY_MS,
  floorMs: Math.ceil((count * QUESTIONS) / CONCURRENCY.lookups) * DELAY_MS,
  alive: { ms: alive.ms, outcomes: alive.outcomes },
  dead: { ms: dead.ms, outcomes: dead.outcomes },
  hung: { ms: hung.ms, outcomes: hung.outcomes },
  sockets,
  toOneAddress: Math.max(...[...traffic.values()].map(({ most }) => most)),
  lookups: Math.max(alive.lookups, dead.lookups),
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
// Sockets that nobody needs any more are no reason to wait.
process.exit(0);

async function measure(recordsOf: (name: number) => DnsRecords | null, length = count) {
  const names = Array.from({ length }, (_, index) => parseDomainName(`n${index}.shop.test`));
  const zones = names.flatMap((name, index): (readonly [string, DnsRecords])[] => {
    const records = recordsOf(index);
    return records === null ? [] : [[name, records]];
  });
  const dns = await startEmbeddedDns(zones, { delayMs: DELAY_MS });
  const sight = openSight(
    {
      resolvers: [dns.server],
      concurrency: CONCURRENCY,
      http: { port, httpsPort: 443, privateNetworks: LOOPBACK },
    },
    { ownAddresses: [LIVING], addressMap: new Map() },
  );
  const queue = new PQueue({ concurrency: WEBSITES });
  const outcomes: Record<string, number> = {};
  const beganAt = performance.now();
  await Promise.all(
    Array.from({ length: Math.ceil(length / NAMES_PER_WEBSITE) }, (_, index) =>
      queue.add(async () => {
        const wanted = names.slice(index * NAMES_PER_WEBSITE, (index + 1) * NAMES_PER_WEBSITE);
        for (const outcome of await lookAt(wanted, sight)) {
          const code = outcome.passed ? 'passed' : outcome.code;
          outcomes[code] = (outcomes[code] ?? 0) + 1;
        }
      }),
    ),
  );
  const ms = performance.now() - beganAt;
  await dns.close();
  return { ms, outcomes, lookups: dns.mostUnderWay };
}

function lookAt(names: readonly DomainName[], sight: ReturnType<typeof openSight>) {
  const [first = parseDomainName('shop.test')] = names;
  const website: Website = {
    account: parseAccountName('alice'),
    vhost: parseHostName(first),
    documentRoot: '/home/alice/public_html',
    candidates: [],
    excluded: [],
    keyType: 'ecdsa-prime256v1',
  };
  return preflightNames(website, names, {
    ...sight,
    solver,
    random: systemRandom,
    maxRedirects: 10,
    concurrency: CONCURRENCY.probes,
  });
}

async function listen(server: Server, address: string): Promise<void> {
  server.on('connection', (socket: Socket) => {
    for (const key of [address, 'all']) note(key, 1);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      for (const key of [address, 'all']) note(key, -1);
    });
  });
  server.listen(port, address);
  await once(server, 'listening');
}

function note(key: string, change: number): void {
  const { now, most } = traffic.get(key) ?? { now: 0, most: 0 };
  traffic.set(key, { now: now + change, most: Math.max(most, now + change) });
}
