import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ProgramResult } from '../demo/program.js';
import { PATHS } from '../support/acme-proxy.js';
import { placeAgedSet } from '../support/aged-set.js';
import { buildPrograms } from '../support/bin-program.js';
import { type CaSite, type HostedTree, startCaSite } from '../support/ca-site.js';
import { runBinLater } from '../support/moved-clock.js';
import { describeWithParts } from '../support/needs.js';
import { aRoot } from '../support/pki.js';
import { startToldPeople, type ToldPeople, WEBHOOK_SECRET } from '../support/told-people.js';

const DAY_MINUTES = 24 * 60;
const DAY_MS = DAY_MINUTES * 60_000;
/** Longer than the story, so that what is issued in it is not due within it. */
const ISSUED_LIFE_SECONDS = 400 * 24 * 3600;
/** More than any night asks for. */
const ALWAYS = 9999;
const LONGEST_MS = 240_000;
/** A certificate of 90 days: due 29 days before its end, no longer put off 3 days before. */
const DAYS_LEFT = 40;

describeWithParts('who is told what of a run', ['pebble', 'openssl', 'faketime', 'exim', 'root'], () => {
  let site: CaSite;
  let hosted: HostedTree;
  let people: ToldPeople;

  beforeAll(async () => {
    buildPrograms();
    people = await startToldPeople();
    site = await startCaSite({ validityPeriod: ISSUED_LIFE_SECONDS });
    const EC = { keyType: 'ecdsa-prime256v1' } as const;
    const roots = (await site.pebble.root()) + aRoot().certPem;
    const accounts = {
      reseller: { domain: 'reseller.test', reseller: true, contactEmail: 'boss@reseller.test', ...EC },
      fresh: {
        domain: 'fresh.test',
        contactEmail: 'me@fresh.test',
        ...EC,
      },
      back: { domain: 'back.test', owner: 'reseller', contactEmail: 'me@back.test', ...EC },
      gone: { domain: 'gone.test', contactEmail: 'me@gone.test', ...EC },
      quiet: {
        domain: 'quiet.test',
        contactEmail: 'me@quiet.test',
        userLines: { notify_autossl_expiry_coverage: '0' },
        ...EC,
      },
    };
    hosted = await site.host(accounts, {
      furnish: (builder) => builder.file('/etc/ssl/roots.pem', roots),
      settings: people.settings,
    });
    hosted.write('/etc/hostname', 'host.test\n');
    for (const account of ['back', 'gone', 'quiet', 'reseller'] as const) {
      const domain = `${account}.test`;
      const names = [domain, `www.${domain}`, `mail.${domain}`];
      placeAgedSet(hosted, { vhost: domain, account, names, provider: 'CustomACME', daysLeft: DAYS_LEFT });
      if (account !== 'reseller') site.dns.zones.delete(`mail.${domain}`);
    }
    // It is somewhere else; what DNS does not know is not told of where nobody had it.
    site.dns.zones.set('mail.fresh.test', { A: ['127.0.0.66'] });
    expect(await site.choose(hosted)).toMatchObject({ exitCode: 0, stderr: '' });
  }, LONGEST_MS);
  afterAll(async () => {
    await site?.stop();
    await people?.stop();
  });

  /** The nightly run so many days later, the CA's clock with ours. */
  async function night(daysLater: number): Promise<ProgramResult> {
    const minutes = Math.round(daysLater * DAY_MINUTES);
    site.proxy.clear();
    site.proxy.lift();
    const now = Date.now() + minutes * 60_000;
    site.proxy.fault(PATHS.directory, { kind: 'date', value: new Date(now).toUTCString() }, ALWAYS);
    const expires = new Date(now + DAY_MS).toISOString();
    for (const path of [PATHS.newOrder, PATHS.order, PATHS.finalize, PATHS.authorization]) {
      site.proxy.fault(path, { kind: 'change', members: { expires } }, ALWAYS);
    }
    return await runBinLater(minutes, 'autossl_check', ['--all'], hosted.root);
  }

  /** What a night sent: recipient and subject of each mail, sorted; the webhook is given the same. */
  async function told(daysLater: number): Promise<string[]> {
    people.webhook.received.length = 0;
    expect(await night(daysLater)).toMatchObject({ exitCode: 0, stderr: '' });
    const mails = people.takeMails();
    const documents = people.webhook.received.map(({ body }) => JSON.parse(body));
    expect(documents.map(({ to, subject }) => `${to} ${subject}`).sort()).toEqual(mails);
    return mails.map((line) => line.replace('AutoSSL on host.test', ''));
  }

  test(
    'a first certificate, three deferrals (one whose owner does not want to know) and a renewal; the next runs are silent',
    async () => {
      expect(await told(11)).toEqual([
        'admin@host.test : 3 renewals wait, 1 website has unsecured names, 2 renewed',
        'boss@reseller.test : 1 renewal waits, 1 renewed',
        'me@back.test , back: 1 renewal waits',
        'me@fresh.test , fresh: 1 website has unsecured names, 1 renewed',
        'me@gone.test , gone: 1 renewal waits',
      ]);
      expect(await told(11)).toEqual([]);
      expect(await told(12)).toEqual([]);
    },
    LONGEST_MS,
  );

  test(
    'a name that is lost long before the renewal, and everything back',
    async () => {
      site.dns.zones.delete('www.fresh.test');
      expect(await told(13)).toEqual([
        'admin@host.test : 1 certificate may lose names',
        'me@fresh.test , fresh: 1 certificate may lose names',
      ]);
      for (const name of ['www.fresh.test', 'mail.fresh.test'])
        site.dns.zones.set(name, { A: ['127.0.0.1'] });
      expect(await told(14)).toEqual([
        'admin@host.test : 2 troubles are over, 1 renewed',
        'me@fresh.test , fresh: 2 troubles are over, 1 renewed',
      ]);
    },
    LONGEST_MS,
  );

  test(
    'a digest after a week, and none the night after',
    async () => {
      expect(await told(19)).toEqual([
        'admin@host.test : 3 troubles remain',
        'boss@reseller.test : 1 trouble remains',
        'me@back.test , back: 1 trouble remains',
        'me@gone.test , gone: 1 trouble remains',
      ]);
      expect(await told(20)).toEqual([]);
    },
    LONGEST_MS,
  );

  test(
    'a deferral that ends well, two that end with a name lost, and the name back',
    async () => {
      site.dns.zones.set('mail.back.test', { A: ['127.0.0.1'] });
      expect(await told(37.1)).toEqual([
        'admin@host.test : 2 certificates lost names, 1 trouble is over, 1 renewed',
        'boss@reseller.test : 1 trouble is over, 1 renewed',
        'me@back.test , back: 1 trouble is over, 1 renewed',
        'me@gone.test , gone: 1 certificate lost names',
        'me@quiet.test , quiet: 1 certificate lost names',
      ]);
      expect(await told(38.1)).toEqual([]);
      site.dns.zones.set('mail.gone.test', { A: ['127.0.0.1'] });
      expect(await told(39.1)).toEqual([
        'admin@host.test : 1 trouble is over, 1 renewed',
        'me@gone.test , gone: 1 trouble is over, 1 renewed',
      ]);
      expect(await told(40.1)).toEqual([]);
    },
    LONGEST_MS,
  );

  test(
    'the webhook can tell that it was us; a dry run and a forecast tell nobody',
    async () => {
      site.dns.zones.delete('mail.back.test');
      site.dns.zones.set('mail.quiet.test', { A: ['127.0.0.1'] });
      await told(41.1);
      const [one] = people.webhook.received;
      const { 'x-autossl-timestamp': timestamp, 'x-autossl-signature': signature } = one?.headers ?? {};
      const signed = createHmac('sha256', WEBHOOK_SECRET).update(`${timestamp}.${one?.body}`).digest('hex');
      expect(signature).toBe(`sha256=${signed}`);
      const before = people.webhook.received.length;
      expect(
        await runBinLater(42 * DAY_MINUTES, 'autossl_check', ['--all', '--dry-run'], hosted.root),
      ).toMatchObject({ exitCode: 0 });
      expect(people.webhook.received).toHaveLength(before);
    },
    LONGEST_MS,
  );
});
