import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { placeAgedSet } from '../support/aged-set.js';
import { buildPrograms } from '../support/bin-program.js';
import { type CaSite, type HostedTree, startCaSite } from '../support/ca-site.js';
import { describeWithParts } from '../support/needs.js';
import { aRoot } from '../support/pki.js';
import { startToldPeople, type ToldPeople } from '../support/told-people.js';
import type { AccountSpec } from '../support/tree-builder.js';

const ISSUED_LIFE_SECONDS = 120 * 24 * 3600;
const LONGEST_MS = 240_000;
/** One account for each of the events, as it is told. */
const EVENTS = {
  expiry: 'notify_autossl_expiry',
  deferral: 'notify_autossl_expiry_coverage',
  risk: 'notify_autossl_renewal_coverage',
  reduced: 'notify_autossl_renewal_coverage_reduced',
  uncovered: 'notify_autossl_renewal_uncovered_domains',
  renewal: 'notify_autossl_renewal',
  foreign: 'notify_ssl_expiry',
} as const;
type Kind = keyof typeof EVENTS;
const KINDS = Object.keys(EVENTS) as Kind[];
const TOLD_AT: Readonly<Record<number, readonly Kind[]>> = {
  1: ['deferral', 'expiry', 'foreign', 'reduced', 'renewal', 'risk', 'uncovered'],
  2: ['deferral', 'expiry', 'foreign', 'reduced', 'risk', 'uncovered'],
  3: ['expiry', 'foreign', 'reduced'],
  // Certificates of others have a setting of their own.
  4: ['foreign'],
};

describeWithParts('the levels of notices', ['pebble', 'openssl', 'exim', 'root'], () => {
  let site: CaSite;
  let people: ToldPeople;
  beforeAll(async () => {
    buildPrograms();
    people = await startToldPeople();
    site = await startCaSite({ validityPeriod: ISSUED_LIFE_SECONDS });
  }, LONGEST_MS);
  afterAll(async () => {
    await site?.stop();
    await people?.stop();
  });

  /** A server on which one run finds each event once. */
  async function serverOf(label: string): Promise<HostedTree> {
    const domainOf = (kind: Kind): string => `${kind}.${label}.test`;
    const accounts = Object.fromEntries(
      KINDS.map((kind): [string, AccountSpec] => [
        kind,
        {
          domain: domainOf(kind),
          contactEmail: `${kind}@owners.test`,
          keyType: 'ecdsa-prime256v1',
        },
      ]),
    );
    const roots = (await site.pebble.root()) + aRoot().certPem;
    const hosted = await site.host(accounts, {
      furnish: (builder) => builder.file('/etc/ssl/roots.pem', roots),
      settings: people.settings,
    });
    hosted.write('/etc/hostname', 'host.test\n');
    const lose = (kind: Kind, ...labels: readonly string[]): void => {
      for (const one of labels) site.dns.zones.delete(`${one}${domainOf(kind)}`);
    };
    const place = (kind: Kind, daysLeft: number, labels = ['', 'www.', 'mail.'], isOurs = true): void => {
      placeAgedSet(hosted, {
        vhost: domainOf(kind),
        account: kind,
        names: labels.map((one) => `${one}${domainOf(kind)}`),
        provider: isOurs ? 'CustomACME' : null,
        daysLeft,
      });
    };
    place('expiry', 5);
    lose('expiry', '', 'www.', 'mail.');
    place('deferral', 20);
    lose('deferral', 'mail.');
    place('risk', 60, ['', 'www.']);
    lose('risk', 'www.');
    place('reduced', 2);
    lose('reduced', 'mail.');
    site.dns.zones.set(`mail.${domainOf('uncovered')}`, { A: ['127.0.0.66'] });
    place('foreign', 5, ['', 'www.', 'mail.'], false);
    expect(await site.choose(hosted)).toMatchObject({ exitCode: 0, stderr: '' });
    return hosted;
  }

  describe.each([
    [1, 4],
    [2, 3],
    [3, 2],
    [4, 1],
  ] as const)('administrator %i, user %i', (administrator, user) => {
    test(
      'are told what the table says, each by one mail and one document',
      async () => {
        const hosted = await serverOf(`level${administrator}`);
        for (const [key, level] of [
          ['administrator-notices', administrator],
          ['user-notices', user],
        ] as const) {
          expect(await hosted.run('autossl', 'options', 'set', key, String(level))).toMatchObject({
            exitCode: 0,
          });
        }
        people.webhook.received.length = 0;
        expect(await hosted.run('autossl_check', '--all')).toMatchObject({ exitCode: 0, stderr: '' });
        const documents = people.webhook.received.map(({ body }) => JSON.parse(body));
        expect(people.takeMails()).toEqual(documents.map(({ to, subject }) => `${to} ${subject}`).sort());

        const told = documents.filter(({ audience }) => audience === 'administrator');
        expect(told).toHaveLength(1);
        expect(eventsIn(told)).toEqual(TOLD_AT[administrator]);
        const owners = documents.filter(({ audience }) => audience === 'user');
        expect(owners.map(({ account }) => account).sort()).toEqual(TOLD_AT[user]);
        // Who is told of a first certificate hears of the name that it lacks in the same mail.
        expect(eventsIn(owners)).toEqual(TOLD_AT[user]);
      },
      LONGEST_MS,
    );
  });

  function eventsIn(documents: readonly { document: Record<string, unknown> }[]): string[] {
    const events = documents.flatMap(({ document }) =>
      ['troubles', 'over', 'renewed', 'standing'].flatMap((part) =>
        (document[part] as { event: string }[]).map(({ event }) => event),
      ),
    );
    return [...new Set(events)].map((event) => KINDS.find((kind) => EVENTS[kind] === event) ?? event).sort();
  }
});
