import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PREFLIGHT_TOKEN_PREFIX } from '../../src/core/dcv/challenge.js';
import { PATHS } from '../support/acme-proxy.js';
import { buildPrograms } from '../support/bin-program.js';
import { type CaSite, type HostedTree, startCaSite } from '../support/ca-site.js';
import { faultsOfDerivedSet } from '../support/derived-set.js';
import { faultsOf } from '../support/installed-set.js';
import { leftoversIn } from '../support/leftovers.js';
import { describeWithParts } from '../support/needs.js';
import type { AccountSpec } from '../support/tree-builder.js';

const ACCOUNTS = 20;
/** A main website each, an addon each, and a subdomain of every second. */
const WEBSITES = 50;
/** Pebble looks at each challenge from three places. */
const FETCHES = 3;
/** RSA keys for half of fifty websites on a busy machine with two cores. */
const LONGEST_MS = 300_000;

describeWithParts(
  'fifty websites of twenty accounts at a strict, forgetful CA',
  ['pebble', 'openssl'],
  () => {
    let site: CaSite;
    let hosted: HostedTree;
    beforeAll(async () => {
      buildPrograms();
      site = await startCaSite({ nonceReject: 20 });
      hosted = await site.host(twentyAccounts());
      const chosen = await site.choose(hosted);
      expect(chosen).toMatchObject({ exitCode: 0, stderr: '' });
    }, LONGEST_MS);
    afterAll(async () => site?.stop());

    test(
      'one run gets all of them a pair that verifies against the CA’s root',
      async () => {
        expect(hosted.names.size).toBe(WEBSITES);
        const { exitCode, stdout, stderr } = await hosted.run('autossl_check', '--all', '--json');
        expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
        expect(JSON.parse(stdout)).toMatchObject({
          counts: { accounts: ACCOUNTS, websites: WEBSITES, kept: 0, installed: WEBSITES, pending: 0 },
          problems: [],
        });
        const root = hosted.path('/etc/ssl/roots.pem');
        expect([...hosted.names].flatMap(([vhost, names]) => faultsOf(hosted, vhost, names, root))).toEqual(
          [],
        );
        expect(
          [...hosted.names].flatMap(([vhost, names]) => faultsOfDerivedSet(hosted, vhost, names)),
        ).toEqual([]);
        expect(leftoversIn(hosted)).toEqual([]);
        const orders = site.proxy.requests.filter(
          ({ path, status }) => path === PATHS.newOrder && status === 201,
        );
        expect(orders).toHaveLength(WEBSITES);
        expect(new Set(fetchesByChallenge(site.web.requests).values())).toEqual(new Set([FETCHES]));
      },
      LONGEST_MS,
    );

    test(
      'the next run asks the CA for nothing and says so',
      async () => {
        site.proxy.clear();
        const { exitCode, stdout, stderr } = await hosted.run('autossl_check', '--all');
        expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
        expect(stdout).toBe(`${WEBSITES} websites of ${ACCOUNTS} users checked: nothing to do.\n`);
        expect(site.proxy.newOrders()).toBe(0);
        expect(site.proxy.requests).toEqual([]);
      },
      LONGEST_MS,
    );
  },
);

function twentyAccounts(): Record<string, AccountSpec> {
  return Object.fromEntries(
    Array.from({ length: ACCOUNTS }, (_, index): [string, AccountSpec] => [
      `user${index}`,
      {
        domain: `site${index}.test`,
        addons: [`shop${index}.test`],
        ...(index % 2 === 0 ? { subs: [`blog.site${index}.test`] } : {}),
        keyType: index % 2 === 0 ? 'ecdsa-prime256v1' : 'system',
      },
    ]),
  );
}

/** How often the CA fetched each challenge; our own preflight's are left aside. */
function fetchesByChallenge(requests: readonly string[]): Map<string, number> {
  const fetches = new Map<string, number>();
  for (const request of requests) {
    if (request.includes(PREFLIGHT_TOKEN_PREFIX)) continue;
    fetches.set(request, (fetches.get(request) ?? 0) + 1);
  }
  return fetches;
}
