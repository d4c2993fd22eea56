import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { UNSURE_NAMES_PER_RUN } from '../../src/core/plan/unsure-names.js';
import { PATHS, type SeenRequest } from '../support/acme-proxy.js';
import { buildPrograms } from '../support/bin-program.js';
import { type CaSite, startCaSite } from '../support/ca-site.js';
import { type DeafAddress, startDeafAddress } from '../support/deaf-address.js';
import { type HostedWebsites, hostWebsites } from '../support/hosted-websites.js';
import { installedSet } from '../support/installed-set.js';
import { describeWithParts } from '../support/needs.js';
import { type LogRecord, lastRecords } from '../support/run-logs.js';

/** Test workers beside this one have addresses of their own. */
const WORKER = Number(process.env['JEST_WORKER_ID'] ?? '0') % 200;
/** What DNS says: an address of this server that visitors reach and this server itself does not. */
const PUBLIC = `127.${20 + WORKER}.8.7`;
const LOCAL = '127.0.0.1';
const LONGEST_MS = 300_000;
/** Three names each: more than a run orders without having seen them. */
const WEBSITES = 7;

describeWithParts('behind address translation that does not loop back', ['pebble', 'openssl'], () => {
  let site: CaSite;
  let deaf: DeafAddress;
  let mapped: HostedWebsites;
  let unmapped: HostedWebsites;
  beforeAll(async () => {
    buildPrograms();
    site = await startCaSite();
    deaf = await startDeafAddress(PUBLIC, site.pebble.httpPort);
    mapped = await behindTranslation('mapped', { addressMap: { [PUBLIC]: LOCAL } });
    unmapped = await behindTranslation('unmapped', {});
    // Each waits for the address that does not answer; they do so together.
    const runs = await Promise.all([mapped, unmapped].map((hosted) => hosted.run('autossl_check', '--all')));
    expect(runs.map(({ stderr }) => stderr)).toEqual(['', '']);
    expect(runs[0]?.exitCode).toBe(0);
  }, LONGEST_MS);
  afterAll(async () => {
    await site?.stop();
    await deaf?.stop();
  });

  /** The CA asks another resolver, by which all names are where the web server is. */
  async function behindTranslation(
    name: string,
    settings: Readonly<Record<string, unknown>>,
  ): Promise<HostedWebsites> {
    const hosted = await hostWebsites(site, name, {
      websites: WEBSITES,
      settings: { ...settings, webServer: { kind: 'none' } },
      furnish: (builder) => builder.file('/var/cpanel/mainip', `${PUBLIC}\n`),
    });
    for (const one of namesOf(hosted)) site.dns.zones.set(one, { A: [PUBLIC] });
    return hosted;
  }

  test('names are tried at the local address that the map names, pass, and are ordered', () => {
    const records = lastRecords(mapped);
    expect(withCode(records, 'DCV_PASSED').sort()).toEqual([...namesOf(mapped)].sort());
    const warning = records.find(({ code }) => code === 'DCV_WARNING')?.contents;
    expect(warning).toContain(`could be tried only from inside, at ${LOCAL} for ${PUBLIC}`);
    for (const [vhost, wanted] of mapped.names)
      expect(installedSet(mapped, vhost).names).toEqual([...wanted].sort());
  });

  test('without a map nothing is known of them: a few are ordered, one order at a time, the others wait', () => {
    const records = lastRecords(unmapped);
    const failed = records.filter(({ code }) => code === 'CONNECTION_TIMED_OUT');
    expect(failed).toHaveLength(namesOf(unmapped).length);
    expect(failed.every(({ data }) => data?.['isConclusive'] === false)).toBe(true);
    const ordered = failed.filter(({ contents }) => contents.includes('it is ordered all the same'));
    expect(ordered).toHaveLength(UNSURE_NAMES_PER_RUN);
    expect(failed.filter(({ contents }) => contents.includes('waits for the next'))).toHaveLength(
      namesOf(unmapped).length - UNSURE_NAMES_PER_RUN,
    );
    const asked = site.proxy.requests.filter(
      ({ path, payload }) =>
        path === PATHS.newOrder && JSON.stringify(payload).includes(`${unmapped.suffix}"`),
    );
    expect(asked.flatMap(identifiersOf).sort()).toEqual(ordered.map(({ name }) => name).sort());
    expect(overlapping(asked, site.proxy.requests)).toEqual([]);
  });
});

function namesOf(hosted: HostedWebsites): string[] {
  return [...hosted.names.values()].flat();
}

function withCode(records: readonly LogRecord[], code: string): string[] {
  return records.filter((one) => one.code === code).map(({ name }) => name ?? '');
}

function identifiersOf({ payload }: SeenRequest): string[] {
  return (payload as { identifiers: { value: string }[] }).identifiers.map(({ value }) => value);
}

/** Those of the orders that were placed before the CA took the request of the one before. */
function overlapping(orders: readonly SeenRequest[], requests: readonly SeenRequest[]): SeenRequest[] {
  const finalizedAt = new Map(
    requests.flatMap(({ path, status }, at) =>
      path.startsWith(PATHS.finalize) && status === 200 ? [[path.slice(PATHS.finalize.length), at]] : [],
    ),
  );
  return orders.slice(1).filter((order, index) => {
    const before = orders[index]?.location?.split('/').at(-1) ?? '';
    return (finalizedAt.get(before) ?? Number.POSITIVE_INFINITY) > requests.indexOf(order);
  });
}
