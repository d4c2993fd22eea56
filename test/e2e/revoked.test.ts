import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { installedFingerprint, placeAgedSet } from '../support/aged-set.js';
import { buildPrograms } from '../support/bin-program.js';
import { type CaSite, type HostedTree, startCaSite } from '../support/ca-site.js';
import { type HostingCa, startHostingCa } from '../support/hosting-ca.js';
import { installedSet } from '../support/installed-set.js';
import { type ListServer, startListServer } from '../support/list-server.js';
import { describeWithParts } from '../support/needs.js';
import { anIntermediate, aRoot } from '../support/pki.js';
import { freePorts } from '../support/ports.js';
import { anAnswer } from '../support/responder-answers.js';
import { aList, distributionPoints, type ListLine } from '../support/revocation-lists.js';
import { lastRecords } from '../support/run-logs.js';
import { ServicesServer, statesOf } from '../support/services-server.js';
import type { AccountSpec } from '../support/tree-builder.js';

const LONGEST_MS = 300_000;
const HOUR_MS = 3_600_000;
const EC = { keyType: 'ecdsa-prime256v1' } as const;
/** Numbers of RFC 5280 5.3.1. */
const KEY_COMPROMISE = 1;
const SUPERSEDED = 4;

let lists: ListServer;
let unanswered: string;
beforeAll(async () => {
  buildPrograms();
  lists = await startListServer();
  const [port] = await freePorts(1);
  unanswered = `http://127.0.0.1:${port}/x.crl`;
});
afterAll(() => lists?.close());

/** A list of the authority that old certificates in these tests are of, made an hour ago. */
function publish(path: string, lines: readonly ListLine[], issuer = anIntermediate()): void {
  const thisUpdate = new Date(Date.now() - HOUR_MS);
  lists.lists.set(
    path,
    aList({ issuer, lines, thisUpdate, scope: { url: lists.urlOf(path), onlyUsers: true } }),
  );
}

interface Case {
  readonly vhost: string;
  /** Path on the list server, or a whole URL. */
  readonly list: string | null;
  /** Path on the same server, of an OCSP responder. */
  readonly responder?: string;
  readonly daysLeft?: number;
  readonly isForeign?: boolean;
}

describeWithParts('websites with revoked certificates', ['pebble', 'openssl'], () => {
  let site: CaSite;
  beforeAll(async () => {
    site = await startCaSite();
  }, LONGEST_MS);
  afterAll(() => site?.stop());

  /** A server with one account and website for each case. */
  async function aServerOf(
    cases: readonly Case[],
    settings: Readonly<Record<string, unknown>>,
  ): Promise<HostedTree> {
    const accounts = Object.fromEntries(
      cases.map(({ vhost }): [string, AccountSpec] => [vhost.split('.')[0] ?? '', { domain: vhost, ...EC }]),
    );
    const roots = (await site.pebble.root()) + aRoot().certPem;
    const hosted = await site.host(accounts, {
      settings,
      furnish: (builder) => builder.file('/etc/ssl/roots.pem', roots),
    });
    for (const { vhost, list, responder, daysLeft = 60, isForeign = false } of cases) {
      placeAgedSet(hosted, {
        vhost,
        account: vhost.split('.')[0] ?? '',
        names: [vhost, `www.${vhost}`, `mail.${vhost}`],
        daysLeft,
        provider: isForeign ? null : 'CustomACME',
        ...(list === null ? {} : { listUrl: list.startsWith('/') ? lists.urlOf(list) : list }),
        ...(responder === undefined ? {} : { responderUrl: lists.urlOf(responder) }),
      });
    }
    expect(await site.choose(hosted)).toMatchObject({ exitCode: 0, stderr: '' });
    return hosted;
  }

  const serialOf = (hosted: HostedTree, vhost: string): string =>
    installedSet(hosted, vhost).leaf.serialNumber.toLowerCase();
  const keyOf = (hosted: HostedTree, vhost: string): string =>
    installedSet(hosted, vhost).leaf.publicKey.export({ type: 'spki', format: 'der' }).toString('hex');

  test(
    'are replaced in the same run, with a new key; the others stay',
    async () => {
      const cases: readonly Case[] = [
        { vhost: 'superseded.test', list: '/a.crl' },
        { vhost: 'compromised.test', list: '/a.crl' },
        { vhost: 'shrinking.test', list: '/a.crl', daysLeft: 20 },
        { vhost: 'healthy.test', list: '/a.crl' },
        { vhost: 'foreign.test', list: '/b.crl', isForeign: true },
        { vhost: 'forged.test', list: '/forged.crl' },
        { vhost: 'unreachable.test', list: unanswered },
        { vhost: 'silent.test', list: null },
        { vhost: 'told.test', list: null, responder: '/ocsp' },
      ];
      const hosted = await aServerOf(cases, { revocation: 'crl-anywhere', reuseKey: true });
      site.dns.zones.delete('mail.shrinking.test');
      const before = new Map(cases.map(({ vhost }) => [vhost, installedFingerprint(hosted, vhost)]));
      const keys = new Map(cases.map(({ vhost }) => [vhost, keyOf(hosted, vhost)]));
      const line = (vhost: string, reason: number): ListLine => ({ serial: serialOf(hosted, vhost), reason });
      publish('/a.crl', [
        line('superseded.test', SUPERSEDED),
        line('compromised.test', KEY_COMPROMISE),
        line('shrinking.test', SUPERSEDED),
      ]);
      const told = { serial: serialOf(hosted, 'told.test'), revoked: KEY_COMPROMISE };
      const thisUpdate = new Date(Date.now() - HOUR_MS);
      lists.lists.set('/ocsp', anAnswer({ issuer: anIntermediate(), statements: [{ ...told, thisUpdate }] }));
      publish('/b.crl', [line('foreign.test', KEY_COMPROMISE)]);
      publish('/forged.crl', [line('forged.test', KEY_COMPROMISE)], anIntermediate({ name: 'Forger' }));

      // Looking asks nobody.
      const dry = await hosted.run('autossl_check', '--all', '--dry-run', '--json');
      expect(JSON.parse(dry.stdout).plan.actions.map(({ vhost }: { vhost: string }) => vhost)).toEqual([
        'shrinking.test',
      ]);
      await hosted.run('autossl', 'status');
      expect(lists.requests).toEqual([]);

      const { exitCode, stderr } = await hosted.run('autossl_check', '--all');
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      const replaced = cases
        .filter(({ vhost }) => installedFingerprint(hosted, vhost) !== before.get(vhost))
        .map(({ vhost }) => vhost);
      expect(replaced).toEqual(['superseded.test', 'compromised.test', 'shrinking.test', 'told.test']);
      expect(keyOf(hosted, 'told.test')).not.toBe(keys.get('told.test'));
      expect(keyOf(hosted, 'superseded.test')).not.toBe(keys.get('superseded.test'));
      expect(keyOf(hosted, 'compromised.test')).not.toBe(keys.get('compromised.test'));
      // Not deferred, though a secured name fails within the renewal window.
      expect(installedSet(hosted, 'shrinking.test').leaf.subjectAltName).not.toContain('mail.');
      expect([...lists.requests].sort()).toEqual(['/a.crl', '/forged.crl', '/ocsp']);

      const records = lastRecords(hosted);
      expect(records.find(({ code }) => code === 'REVOCATIONS_ASKED')?.data).toEqual({
        lists: 3,
        certificates: 7,
        byResponder: 1,
        leftOver: 0,
        revoked: 4,
      });
      expect(records.filter(({ code }) => code === 'REVOCATION_UNKNOWN').map(({ type }) => type)).toEqual([
        'warn',
        'warn',
      ]);
      const defects = records.filter(({ code }) => ['REVOKED', 'KEY_COMPROMISED'].includes(code));
      expect(defects.map(({ vhost, code }) => `${vhost} ${code}`).sort()).toEqual([
        'compromised.test KEY_COMPROMISED',
        'compromised.test REVOKED',
        'shrinking.test REVOKED',
        'superseded.test REVOKED',
        'told.test KEY_COMPROMISED',
        'told.test REVOKED',
      ]);

      // What was replaced is no longer asked about; the list was fetched within the hour.
      lists.requests.length = 0;
      const again = await hosted.run('autossl_check', '--all');
      expect(again.stdout).toContain('nothing to do');
      expect(lists.requests).toEqual(['/forged.crl']);
    },
    LONGEST_MS,
  );

  test(
    'that cannot be replaced yet are known by “status” and dry runs, which ask nobody',
    async () => {
      const hosted = await aServerOf([{ vhost: 'stuck.test', list: '/stuck.crl' }], {
        revocation: 'crl-anywhere',
      });
      for (const name of hosted.names.get('stuck.test') ?? []) site.dns.zones.delete(name);
      publish('/stuck.crl', [{ serial: serialOf(hosted, 'stuck.test'), reason: SUPERSEDED }]);
      const before = installedFingerprint(hosted, 'stuck.test');
      expect(await hosted.run('autossl_check', '--all')).toMatchObject({ exitCode: 0 });
      expect(installedFingerprint(hosted, 'stuck.test')).toBe(before);
      lists.requests.length = 0;
      const { stdout } = await hosted.run('autossl', 'status', '--json');
      expect(stdout).toContain('REVOKED');
      const dry = await hosted.run('autossl_check', '--all', '--dry-run', '--json');
      expect(JSON.parse(dry.stdout).plan.actions).toMatchObject([
        { vhost: 'stuck.test', kind: 'replace', because: [{ code: 'REVOKED' }] },
      ]);
      expect(lists.requests).toEqual([]);
    },
    LONGEST_MS,
  );

  test.each([
    ['the list lies in our own network', {}, ['REVOCATION_UNKNOWN']],
    ['the settings say that nobody is asked', { revocation: 'off' }, []],
  ])('are not found where %s', async (_, settings, told) => {
    const hosted = await aServerOf([{ vhost: 'inside.test', list: '/inside.crl' }], settings);
    publish('/inside.crl', [{ serial: serialOf(hosted, 'inside.test') }]);
    lists.requests.length = 0;
    const { exitCode, stdout } = await hosted.run('autossl_check', '--all');
    expect({ exitCode, stdout }).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('nothing to do'),
    });
    expect(lists.requests).toEqual([]);
    const warned = lastRecords(hosted).filter(({ code }) => code.startsWith('REVOCATION_'));
    expect(warned.map(({ code }) => code)).toEqual(told);
    expect(existsSync(hosted.tree.crlCache())).toBe(false);
  });
});

describeWithParts('a service with a revoked certificate', ['pebble', 'nginx', 'openssl'], () => {
  let ca: HostingCa;
  let server: ServicesServer;
  beforeAll(async () => {
    ca = await startHostingCa();
    const settings = { revocation: 'crl-anywhere', reuseKey: true };
    server = await ServicesServer.open(ca, { label: 'revoked', rigs: {}, settings });
  }, LONGEST_MS);
  afterAll(async () => {
    await server?.stop();
    await ca?.stop();
  });

  test(
    'is given another at once, whoever’s it was',
    async () => {
      const extraExtensions = [distributionPoints(lists.urlOf('/service.crl'))];
      const before = await server.place('cpanel', { daysLeft: 60, isOurs: false, extraExtensions });
      publish('/service.crl', []);
      expect(statesOf((await server.check()).report)).toMatchObject({ cpanel: 'kept' });

      const pem = readFileSync(server.built.path('/var/cpanel/ssl/cpanel/combined'), 'utf8');
      const leaf = new X509Certificate(pem.slice(pem.indexOf('-----BEGIN CERTIFICATE-----')));
      publish('/service.crl', [{ serial: leaf.serialNumber.toLowerCase(), reason: KEY_COMPROMISE }]);
      // The list of the first run is of this hour.
      rmSync(server.built.tree.crlCache(), { recursive: true });
      lists.requests.length = 0;
      const dry = await server.run('checkallsslcerts', '--dry-run', '--json');
      expect(JSON.parse(dry.stdout).services).toMatchObject([{ kind: 'keep' }]);
      expect(lists.requests).toEqual([]);

      const { exitCode, report } = await server.check();
      expect({ exitCode, states: statesOf(report) }).toMatchObject({
        exitCode: 0,
        states: { cpanel: 'replaced' },
      });
      expect(report.services[0]?.because.map(({ code }) => code)).toEqual(['REVOKED', 'KEY_COMPROMISED']);
      expect(server.lying('cpanel')).not.toBe(before);
      expect(lists.requests).toEqual(['/service.crl']);
    },
    LONGEST_MS,
  );
});
