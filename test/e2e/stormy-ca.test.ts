import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Fault, PATHS } from '../support/acme-proxy.js';
import { buildPrograms } from '../support/bin-program.js';
import { type CaSite, startCaSite } from '../support/ca-site.js';
import { type HostedWebsites, hostWebsites } from '../support/hosted-websites.js';
import { faultsOf } from '../support/installed-set.js';
import { describeWithParts } from '../support/needs.js';
import { seededChance } from '../support/seeded-chance.js';

const WEBSITES = process.env['LONG'] === '1' ? 200 : 8;
/** Ten of two hundred; of few websites chance may leave a greater part. */
const MOST_LEFT = process.env['LONG'] === '1' ? 10 : 2;
const STALL_MS = process.env['LONG'] === '1' ? 10_000 : 2_000;
const POLL_PAUSE_MS = 20_000;
/** A pass of the poller, of which some may be needed for what the run left. */
const MOST_POLLS = 6;
/** In fair weather an order of one name takes about ten requests; in this one no more than so many times that. */
const MOST_REQUESTS_PER_ORDER = 60;
const LONGEST_MS = 900_000;
const MORE_THAN_WE_READ = 2 * 1024 * 1024;

describeWithParts('a CA in a storm', ['pebble', 'openssl'], () => {
  let site: CaSite;
  let hosted: HostedWebsites;
  beforeAll(async () => {
    buildPrograms();
    site = await startCaSite({ nonceReject: 50 });
    hosted = await hostWebsites(site, 'storm', {
      websites: WEBSITES,
      settings: { limits: { newOrdersPer3Hours: 2 * WEBSITES } },
    });
  }, LONGEST_MS);
  afterAll(async () => site?.stop());

  test(
    'half of all nonces refused, every fifth request met by trouble: nearly all websites are secured in the run, the rest by the queue',
    async () => {
      site.proxy.weather(stormOf(seededChance(8)));
      const run = await hosted.run('autossl_check', '--all', '--json');
      expect([0, 1]).toContain(run.exitCode);
      const left = unsecured();
      expect(left.length).toBeLessThanOrEqual(MOST_LEFT);
      const requests = site.proxy.requests.length / WEBSITES;
      expect(requests).toBeLessThan(MOST_REQUESTS_PER_ORDER);
      for (let poll = 0; poll < MOST_POLLS && unsecured().length > 0; poll += 1) {
        // Failed attempts wait for a minute before the next.
        if (poll > 0) await pause(POLL_PAUSE_MS);
        const { exitCode } = await hosted.run('autossl_check_queue', '--force');
        expect([0, 1]).toContain(exitCode);
      }
      expect(unsecured()).toEqual([]);
      const orders = site.proxy.requests.filter(
        ({ path, status }) => path === PATHS.newOrder && status === 201,
      ).length;
      expect(orders).toBeLessThanOrEqual(WEBSITES * 1.5);
      process.stdout.write(
        `${WEBSITES} websites, ${left.length} left to the queue, ${orders} orders, ${requests.toFixed(1)} requests per website.\n`,
      );
    },
    LONGEST_MS,
  );

  function unsecured(): string[] {
    const root = hosted.path('/etc/ssl/roots.pem');
    return [...hosted.names]
      .filter(([vhost, names]) => faultsOf(hosted, vhost, names, root).length > 0)
      .map(([vhost]) => vhost);
  }
});

/** One request in five meets trouble, of any kind that networks and CAs have. */
function stormOf(chance: () => number): (path: string) => Fault | undefined {
  const kinds: readonly Fault[] = [
    { kind: 'problem', status: 500, type: 'serverInternal' },
    { kind: 'problem', status: 503, type: 'serverInternal' },
    { kind: 'problem', status: 503, type: 'serverInternal', retryAfter: '1' },
    { kind: 'garbage', status: 503, body: '<html>busy</html>' },
    { kind: 'problem', status: 429, type: 'rateLimited', retryAfter: '2' },
    { kind: 'close' },
    { kind: 'lose-answer' },
    { kind: 'stall', ms: STALL_MS },
    { kind: 'cut-short' },
    { kind: 'large', bytes: MORE_THAN_WE_READ },
    { kind: 'garbage', status: 200, body: '<html>welcome</html>' },
  ];
  return () => (chance() < 1 / 5 ? kinds[Math.floor(chance() * kinds.length)] : undefined);
}
