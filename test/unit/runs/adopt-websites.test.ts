import { mkdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { outputFileSync } from 'fs-extra/esm';
import { parseAccountName } from '../../../src/core/domain/account/account-name.js';
import { parseDomainName } from '../../../src/core/domain/name/names.js';
import type { ServerSite } from '../../../src/core/plan/served/server-site.js';
import {
  type AdoptionHost,
  type AdoptionReport,
  type AdoptionRequest,
  adoptWebsites,
} from '../../../src/runs/adopt-websites.js';
import { adoptionHost } from '../../support/adoption-host.js';
import { listTree } from '../../support/file-tree.js';
import { aCertificate, anIntermediate, type TestCertificate } from '../../support/pki.js';
import { aPair, tlsSite } from '../../support/server-sites.js';
import { aTree, type BuiltTree } from '../../support/tree-builder.js';
import { HOSTING_USERS } from '../../support/websites-host.js';

const EXTENDED_VALIDATION = '2.23.140.1.1';
let built: BuiltTree;
beforeEach(() => {
  built = aTree().domainIndex('none').file('/etc/passwd', HOSTING_USERS).build();
});
afterEach(() => built.cleanUp());

const put = (path: string, text: string): void => {
  outputFileSync(built.path(path), text);
};
/** A site of this name whose pair lies in /etc/pairs; its document root is root's. */
function site(name: string, pair: TestCertificate | null): ServerSite {
  mkdirSync(built.path(`/srv/${name}`), { recursive: true });
  if (pair !== null) {
    put(`/etc/pairs/${name}.crt`, pair.chainPem);
    put(`/etc/pairs/${name}.key`, pair.keyPem);
  }
  const certificates = pair === null ? [] : [aPair(built.path(`/etc/pairs/${name}`))];
  return tlsSite([name], built.path(`/srv/${name}`), { certificates });
}
const adopt = (host: AdoptionHost, more: Partial<AdoptionRequest> = {}): Promise<AdoptionReport> =>
  adoptWebsites(
    { from: 'nginx', user: parseAccountName('alice'), isDryRun: false, ...more },
    host,
    () => undefined,
  );
const outcomes = ({ results }: AdoptionReport): string[] =>
  results.map(({ website, outcome, certificate }) => `${website} ${outcome} ${certificate}`);
const combined = (name: string): string => readFileSync(built.tree.combined(parseDomainName(name)), 'utf8');
const own = aCertificate({
  names: ['own.test'],
  issuer: anIntermediate({ organization: "Let's Encrypt" }),
});
const sites = (): ServerSite[] => [
  site('own.test', own),
  site('unknown.test', aCertificate({ names: ['unknown.test'] })),
  site('bought.test', aCertificate({ names: ['bought.test'], policies: [EXTENDED_VALIDATION] })),
  site('expired.test', aCertificate({ names: ['expired.test'], notBefore: '2025-01-01T00:00:00Z' })),
  site('plain.test', null),
];

describe('adopting a server’s websites', () => {
  test('takes over good pairs, copies bought ones, gives the others placeholders, and touches no file of theirs', async () => {
    const found = sites();
    const before = listTree(built.path('/etc/pairs'));
    const report = await adopt(adoptionHost(built.tree, found));
    expect(outcomes(report)).toEqual([
      'own.test done recorded',
      'unknown.test done recorded',
      'bought.test done copied',
      'expired.test done placeholder',
      'plain.test done placeholder',
    ]);
    expect(report).toMatchObject({ exitCode: 0, isApplied: true });
    expect(combined('own.test')).toBe(own.combined);
    expect(listTree(built.path('/etc/pairs'))).toEqual(before);
  });

  test('records what the renewal needs, and no account of ours', async () => {
    const host = adoptionHost(built.tree, sites());
    await adopt(host);
    const [record] = await host.issued.read('own.test');
    expect(record).toMatchObject({
      account: 'alice',
      vhost: 'own.test',
      provider: 'LetsEncrypt',
      acmeAccountUrl: null,
      names: ['own.test'],
      because: ['ADOPTED'],
      notBefore: '2026-05-01T00:00:00.000Z',
      issuedAt: '2026-05-01T00:00:00.000Z',
    });
    expect(await host.issued.read('unknown.test')).toMatchObject([{ provider: 'unknown' }]);
    expect(await host.issued.read('bought.test')).toEqual([]);
  });

  test('shows a plan and writes nothing without being told to', async () => {
    const host = adoptionHost(built.tree, sites());
    const before = listTree(built.root);
    const report = await adopt(host, { isDryRun: true });
    expect(report.websites.map(({ website, action }) => `${action} ${website}`)).toEqual([
      'add own.test',
      'add unknown.test',
      'add bought.test',
      'add expired.test',
      'add plain.test',
    ]);
    expect(report).toMatchObject({ exitCode: 0, isApplied: false, results: [] });
    expect(listTree(built.root)).toEqual(before);
  });

  test('changes nothing the second time', async () => {
    const found = sites();
    await adopt(adoptionHost(built.tree, found));
    const before = listTree(built.root);
    const again = await adopt(adoptionHost(built.tree, found));
    expect(new Set(again.results.map(({ outcome }) => outcome))).toEqual(new Set(['unchanged']));
    expect(listTree(built.root)).toEqual(before);
  });

  test('leaves a later certificate where it is, though the site names the old one still', async () => {
    const found = sites();
    await adopt(adoptionHost(built.tree, found));
    const renewed = aCertificate({ names: ['own.test'] });
    put('/var/cpanel/ssl/apache_tls/own.test/combined', renewed.combined);
    const again = await adopt(adoptionHost(built.tree, found));
    expect(again.websites[0]?.certificate?.step).toBe('keep-present');
    expect(outcomes(again)[0]).toBe('own.test unchanged null');
    expect(combined('own.test')).toBe(renewed.combined);
  });

  test('takes a good pair in place of the placeholder of an earlier time', async () => {
    const bare = site('own.test', null);
    await adopt(adoptionHost(built.tree, [bare]));
    const report = await adopt(adoptionHost(built.tree, [site('own.test', own)]));
    expect(outcomes(report)).toEqual(['own.test done recorded']);
    expect(combined('own.test')).toBe(own.combined);
  });

  test('tells whose website cannot be placed, and goes on with the others', async () => {
    const report = await adopt(
      adoptionHost(built.tree, [site('a.test', null), site('own.test', own)], {
        owners: {
          [built.path('/srv/own.test')]: {
            state: 'person',
            account: parseAccountName('bob'),
            path: '/srv/own.test',
          },
        },
      }),
      { user: null },
    );
    expect(report.exitCode).toBe(1);
    expect(report.results).toMatchObject([
      { website: 'a.test', outcome: 'failed', why: expect.stringContaining('Say with --user') },
      { website: 'own.test', account: 'bob', outcome: 'done', certificate: 'recorded' },
    ]);
  });

  test('goes on after a website that a run is at work on', async () => {
    const host = adoptionHost(built.tree, [site('a.test', null), site('own.test', own)]);
    const lock = await host.editing.locks.tryAcquire('website:a.test', 'autossl_check');
    const report = await adopt(host);
    if (!('heldBy' in lock)) await lock.release();
    expect(report).toMatchObject({
      exitCode: 1,
      results: [
        {
          outcome: 'failed',
          why: expect.stringMatching(/^process \d+ is at work on it\. Run the command again\.$/),
        },
        { outcome: 'done' },
      ],
    });
  });

  test('says in the server’s words why its configuration cannot be read', async () => {
    const host = adoptionHost(built.tree, { fault: 'nginx: [emerg] unexpected "}"\u001b[31m' });
    await expect(adopt(host)).rejects.toMatchObject({
      code: 'SERVER_UNREADABLE',
      message: 'the configuration of nginx cannot be read: nginx: [emerg] unexpected "}"\\u{1b}[31m',
    });
  });

  test.each([
    ['a user that is none', 'zoe', 'there is no user zoe on this system'],
    ['a name that no account may have', 'system', 'system cannot be a hosting account'],
  ])('refuses %s before it looks at anything', async (_, user, message) => {
    const host = adoptionHost(built.tree, { fault: 'must not be asked' });
    await expect(adopt(host, { user: parseAccountName(user) })).rejects.toMatchObject({ message });
  });

  test('owes the server a reload only where it names our file already', async () => {
    const owed = () => listTree(built.root).filter((line) => line.includes('reload-owed/'));
    const [first, second] = sites() as [ServerSite, ServerSite];
    await adopt(adoptionHost(built.tree, [first]));
    expect(owed()).toEqual([]);
    const ours = built.tree.combined(parseDomainName('unknown.test'));
    const named = [{ certificateFile: ours, keyFile: ours, isVariable: false }];
    await adopt(adoptionHost(built.tree, [second, { ...second, certificates: named, line: 99 }]));
    expect(owed()).toHaveLength(1);
  });

  test('finds nothing to take or to change where the server names our files only', async () => {
    const [first] = sites() as [ServerSite];
    const ours = built.tree.combined(parseDomainName('own.test'));
    const named = [{ certificateFile: ours, keyFile: ours, isVariable: false }];
    const template = built.path('/var/cpanel/ssl/apache_tls/$ssl_server_name/combined');
    const chosen = [{ certificateFile: template, keyFile: template, isVariable: true }];
    for (const certificates of [named, chosen]) {
      const report = await adopt(adoptionHost(built.tree, [{ ...first, certificates }]), { isDryRun: true });
      expect(report.websites[0]).toMatchObject({ changes: [] });
    }
  });
});

describe('killed at any step of putting a certificate in place', () => {
  class Killed extends Error {}
  const STEPS = ['journalled', 'archived', 'combined-staged', 'combined', 'certificates', 'derived'] as const;

  test.each(STEPS)('after “%s”, the same command again finishes it', async (step) => {
    const found = sites();
    const killed = adoptionHost(built.tree, found, {
      afterStep: (reached) => {
        if (reached === step) throw new Killed();
      },
    });
    await expect(adopt(killed)).rejects.toThrow(Killed);
    const report = await adopt(adoptionHost(built.tree, found));
    expect(report.exitCode).toBe(0);
    expect(combined('own.test')).toBe(own.combined);
    const host = adoptionHost(built.tree, found);
    expect(await host.issued.read('own.test')).toHaveLength(1);
    const before = listTree(built.root);
    expect((await adopt(host)).results.every(({ outcome }) => outcome === 'unchanged')).toBe(true);
    expect(listTree(built.root)).toEqual(before);
  });
});
