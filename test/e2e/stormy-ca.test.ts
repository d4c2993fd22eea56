import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { FileDueIndex } from '../../src/adapters/store/records/due-index.js';
import type { CheckReport } from '../../src/core/report/check/check-report.js';
import { type Fault, PATHS } from '../support/acme-proxy.js';
import { buildPrograms } from '../support/bin-program.js';
import { type CaSite, startCaSite } from '../support/ca-site.js';
import { type HostedWebsites, hostWebsites } from '../support/hosted-websites.js';
import { faultsOf, installedSet } from '../support/installed-set.js';
import { describeWithParts } from '../support/needs.js';
import { renewalInfoOf } from '../support/renewal-records.js';
import { seededChance } from '../support/seeded-chance.js';

const IS_LONG = process.env['LONG'] === '1';
/** Each Pebble that is there has its storm: the short form is shared out between them. */
const WEBSITES = IS_LONG ? 200 : 5;
/** Ten of two hundred; of few websites chance may leave a greater part. */
const MOST_LEFT = IS_LONG ? 10 : 2;
const STALL_MS = IS_LONG ? 10_000 : 2_000;
/** What the run must have ended by. */
const DEADLINE_MS = IS_LONG ? 1_200_000 : 300_000;
/** Turns of the poller, of which some may be needed for what the run left. */
const MOST_POLLS = 6;
/** The second failed attempt of a website waits for ten minutes, ±25 %. */
const LONGEST_WAIT_MS = IS_LONG ? 800_000 : 80_000;
/** In fair weather a website of three names takes a dozen requests; half of all nonces refused make it two. */
const MOST_REQUESTS_PER_WEBSITE = 45;
const MOST_REQUESTS_IN_FAIR_WEATHER = 16;
const LONGEST_MS = 2 * DEADLINE_MS + LONGEST_WAIT_MS;
const MORE_THAN_WE_READ = 2 * 1024 * 1024;
const HOUR_MS = 3_600_000;
/** Seconds; neither is what Pebble gives by itself. */
const PROFILES = { classic: 7_776_000, brief: 518_400 };

const say = (line: string): void => void process.stdout.write(`${line}\n`);

describeWithParts('a CA in a storm', ['pebble', 'openssl'], () => storm({ isPackaged: true }));
describeWithParts(
  'a newer CA in a storm, with renewal information and a profile',
  ['newer-pebble', 'openssl'],
  () => storm({ isPackaged: false }),
);

function storm({ isPackaged }: { readonly isPackaged: boolean }): void {
  const which = isPackaged ? 'Pebble' : 'newer Pebble';
  let site: CaSite;
  let hosted: HostedWebsites;
  beforeAll(async () => {
    buildPrograms();
    site = await startCaSite({ nonceReject: 50, isPackaged, profiles: PROFILES });
    hosted = await hostWebsites(site, 'storm', {
      websites: WEBSITES,
      settings: {
        limits: { newOrdersPer3Hours: 2 * WEBSITES },
        run: { deadlineHours: DEADLINE_MS / HOUR_MS },
      },
      ...(isPackaged ? {} : { profile: 'brief' }),
    });
  }, LONGEST_MS);
  afterAll(async () => site?.stop());

  test(
    'half of all nonces refused, every fifth request met by trouble: nearly all websites are secured in the run, the rest by the queue',
    async () => {
      site.proxy.weather(stormOf(seededChance(8)));
      const begunAt = performance.now();
      const run = await hosted.run('autossl_check', '--all', '--json');
      const tookMs = performance.now() - begunAt;
      expect([0, 1]).toContain(run.exitCode);
      expect(tookMs).toBeLessThan(DEADLINE_MS);
      const left = unsecuredOf(hosted);
      const requests = site.proxy.requests.length / WEBSITES;
      const wasted = ordersAt(site) - (WEBSITES - left.length) - unfinished(hosted).length;
      say(
        `${which}: of ${WEBSITES} websites ${WEBSITES - left.length} were secured in the run and ${left.length} left to the queue; ` +
          `${requests.toFixed(1)} requests per website, ${wasted} orders wasted, ${seconds(tookMs)} of at most ${seconds(DEADLINE_MS)}.`,
      );
      if (left.length > 0) say(troublesOf(JSON.parse(run.stdout)));
      expect(left.length).toBeLessThanOrEqual(MOST_LEFT);
      expect(requests).toBeLessThan(MOST_REQUESTS_PER_WEBSITE);
      // Nobody was told of a name that could not be validated: all can be.
      expect(run.stdout).not.toContain('CA_REFUSED_NAME');
      // Each of them is known to the queue.
      const queued = new Set([
        ...unfinished(hosted).map(({ vhost }) => vhost),
        ...new FileDueIndex(hosted.tree).read().websites.map(({ vhost }) => vhost),
      ]);
      expect(left.filter((vhost) => !queued.has(vhost))).toEqual([]);
      // The short form does not sit out the minute that a failed attempt waits: that it is known when to try again will do.
      const stillOpen = (): string[] => {
        const due = IS_LONG ? [] : new FileDueIndex(hosted.tree).read().websites.map(({ vhost }) => vhost);
        return unsecuredOf(hosted).filter((vhost) => !due.includes(vhost));
      };
      let polls = 0;
      for (; polls < MOST_POLLS && stillOpen().length > 0; polls += 1) {
        if (IS_LONG) await untilDue(hosted);
        const { exitCode } = await hosted.run('autossl_check_queue', '--force');
        expect([0, 1]).toContain(exitCode);
      }
      expect(stillOpen()).toEqual([]);
      say(
        `${which}: the queue issued the rest in ${polls} turns; ${ordersAt(site) - WEBSITES} orders wasted in all.`,
      );
      expect(ordersAt(site)).toBeLessThanOrEqual(WEBSITES * 1.5);
      expect(unfinished(hosted)).toEqual([]);
    },
    LONGEST_MS,
  );

  test(
    isPackaged
      ? 'it has neither renewal information nor profiles'
      : 'each certificate is of the profile, and its CA is known to want it replaced in time',
    async () => {
      site.proxy.lift();
      if (isPackaged) {
        expect(site.pebble.offers).toEqual({ renewalInfo: false, profiles: false });
        return;
      }
      expect(site.pebble.offers).toEqual({ renewalInfo: true, profiles: true });
      // What the storm kept from being asked is asked now.
      await hosted.run('autossl_check_queue', '--force');
      const unsecured = new Set(unsecuredOf(hosted));
      for (const vhost of [...hosted.names.keys()].filter((one) => !unsecured.has(one))) {
        const { leaf } = installedSet(hosted, vhost);
        const endsAt = Date.parse(leaf.validTo);
        expect(Math.abs((endsAt - Date.parse(leaf.validFrom)) / 1000 - PROFILES.brief)).toBeLessThanOrEqual(
          1,
        );
        const info = await renewalInfoOf(hosted, vhost);
        expect(info?.info?.selectedAt.getTime()).toBeLessThan(endsAt);
      }
      const orders = site.proxy.requests.filter(
        ({ path, method }) => path === PATHS.newOrder && method === 'POST',
      );
      expect(orders.map(({ payload }) => payload)).toEqual(
        orders.map(() => expect.objectContaining({ profile: 'brief' })),
      );
    },
    LONGEST_MS,
  );
}

/** What no run may be kept by, and what fair weather costs: a storm of hours, so to say. */
if (IS_LONG) describeWithParts('a CA in other weather', ['pebble', 'openssl'], otherWeather);

function otherWeather(): void {
  const websites = 20;
  const deadlineHours = 0.01;
  const deadlineMs = deadlineHours * HOUR_MS;
  /** To leave what is under way in order, and to write the report, on a busy machine. */
  const GRACE_MS = 15_000;
  let site: CaSite;
  beforeAll(async () => {
    buildPrograms();
    site = await startCaSite();
  }, LONGEST_MS);
  afterAll(async () => site?.stop());
  afterEach(() => site.proxy.clear());

  test(
    'fair weather: so many requests a website',
    async () => {
      const hosted = await hostWebsites(site, 'fair', { websites });
      expect(await hosted.run('autossl_check', '--all')).toMatchObject({ exitCode: 0 });
      const requests = site.proxy.requests.length / websites;
      say(`fair weather: ${requests.toFixed(1)} requests per website.`);
      expect(requests).toBeLessThan(MOST_REQUESTS_IN_FAIR_WEATHER);
      expect(ordersAt(site)).toBe(websites);
    },
    LONGEST_MS,
  );

  test.each<[string, Fault, string]>([
    ['each answer comes after ten seconds', { kind: 'stall', ms: 10_000 }, PATHS.directory],
    ['nothing at all is answered', { kind: 'hang' }, PATHS.directory],
    ['no challenge is answered', { kind: 'hang' }, PATHS.challenge],
    ['no request for a certificate is answered', { kind: 'hang' }, PATHS.finalize],
    ['no certificate is handed out', { kind: 'hang' }, PATHS.certificate],
  ])(
    '%s: the run ends by its deadline, and the next one needs no second order',
    async (how, fault, path) => {
      const hosted = await hostWebsites(site, `late${how.length}`, {
        websites,
        settings: { run: { deadlineHours } },
      });
      site.proxy.weather((one) => (path === PATHS.directory || one.startsWith(path) ? fault : undefined));
      const begunAt = performance.now();
      const run = await hosted.run('autossl_check', '--all', '--json');
      const tookMs = performance.now() - begunAt;
      say(`${how}: ${seconds(tookMs)} of at most ${seconds(deadlineMs)}.`);
      expect(tookMs).toBeLessThan(deadlineMs + GRACE_MS);
      if (run.exitCode !== 1) say(run.stdout + run.stderr);
      expect(run.exitCode).toBe(1);
      site.proxy.lift();
      // What waits for an instant has it before the second run.
      expect((await hosted.run('autossl_check_queue', '--force')).exitCode).toBeLessThanOrEqual(1);
      expect(await hosted.run('autossl_check', '--all')).toMatchObject({ exitCode: 0 });
      expect(unsecuredOf(hosted)).toEqual([]);
      // One may have been under way whose answer did not come.
      expect(ordersAt(site)).toBeLessThanOrEqual(websites + 1);
    },
    LONGEST_MS,
  );
}

function unsecuredOf(hosted: HostedWebsites): string[] {
  const root = hosted.path('/etc/ssl/roots.pem');
  return [...hosted.names]
    .filter(([vhost, names]) => faultsOf(hosted, vhost, names, root).length > 0)
    .map(([vhost]) => vhost);
}

/** Orders that came to be at the CA, whether or not it could say so. */
function ordersAt(site: CaSite): number {
  return new Set(
    site.proxy.requests.flatMap(({ path, location }) => (path === PATHS.newOrder ? (location ?? []) : [])),
  ).size;
}

/** Orders in the journal. */
function unfinished(hosted: HostedWebsites): readonly { readonly vhost: string }[] {
  const folder = hosted.path('/var/cpanel/ssl/autossl/orders');
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((name) => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')));
}

/** Waits until the first of the websites that are due is; orders that pend are looked at at once by whoever insists. */
async function untilDue(hosted: HostedWebsites): Promise<void> {
  const instants = new FileDueIndex(hosted.tree).read().websites.map(({ dueAt }) => Date.parse(dueAt));
  if (instants.length === 0) return;
  await pause(Math.min(Math.max(Math.min(...instants) - Date.now(), 0), LONGEST_WAIT_MS));
}

/** Why the run left websites behind. */
function troublesOf({ problems, pending, waiting }: CheckReport): string {
  return [
    ...problems.map(({ vhost, message }) => `  ${vhost}: ${message}`),
    ...pending.map(
      ({ vhost, trouble }) => `  ${vhost}: its order pends (${trouble ?? 'the CA is not ready'})`,
    ),
    ...waiting.map(({ websites, message }) => `  ${websites} wait: ${message}`),
  ].join('\n');
}

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;

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
    { kind: 'cut-body', percent: 80 },
    { kind: 'retype', contentType: 'text/html' },
    { kind: 'large', bytes: MORE_THAN_WE_READ },
    { kind: 'garbage', status: 200, body: '<html>welcome</html>' },
  ];
  return () => (chance() < 1 / 5 ? kinds[Math.floor(chance() * kinds.length)] : undefined);
}
