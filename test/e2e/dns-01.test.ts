import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { parseHostName } from '../../src/core/domain/name/names.js';
import { buildPrograms } from '../support/bin-program.js';
import { type Bind, startBind } from '../support/bind.js';
import { type CaSite, type HostedTree, startCaSite } from '../support/ca-site.js';
import { dnsHook } from '../support/dns-hooks.js';
import { faultsOf } from '../support/installed-set.js';
import { leftoversIn } from '../support/leftovers.js';
import { describeWithParts } from '../support/needs.js';
import { type PowerDns, startPowerDns } from '../support/powerdns.js';
import { properAnswer, type RawAnswer, type RawDns, startRawDns } from '../support/raw-dns.js';
import { lastRecords } from '../support/run-logs.js';
import { startBin } from '../support/started-program.js';
import type { AccountSpec } from '../support/tree-builder.js';

const LONGEST_MS = 300_000;
const DEADLINE_MS = 60_000;
const PARTS = ['pebble', 'openssl', 'bind', 'dig', 'powerdns', 'powerdns-sqlite', 'sqlite'] as const;
const HTTP = ['@ A 127.0.0.1', 'www A 127.0.0.1', 'mail A 127.0.0.1'];
/** A domain that this server's web server answers for, but for `mail`, where nothing listens. */
const HTTP_BUT_MAIL = ['@ A 127.0.0.1', 'www A 127.0.0.1', 'mail A 127.0.0.9'];
/** One with no web server at all. */
const NO_HTTP = ['@ A 127.0.0.9', 'www A 127.0.0.9', 'mail A 127.0.0.9'];

describeWithParts('certificates for names that are proved by DNS', PARTS, () => {
  let powerDns: PowerDns;
  let bind: Bind;
  let site: CaSite;
  /** A secondary that has heard of no change. */
  let lagging: RawDns;
  beforeAll(async () => {
    buildPrograms();
    powerDns = await startPowerDns({
      'pdns.test': [
        'ns1.pdns.test A 127.0.0.1',
        'pdns.test A 127.0.0.1',
        'www.pdns.test A 127.0.0.1',
        'mail.pdns.test A 127.0.0.9',
        '_acme-challenge.pdns.test TXT "of somebody else"',
      ],
    });
    lagging = await startRawDns(emptyAnswer);
    bind = await startBind({
      zones: {
        'bind.test': { updates: 'any', records: HTTP_BUT_MAIL },
        'lego.test': { updates: 'any', records: NO_HTTP },
        'acmesh.test': { updates: 'any', records: NO_HTTP },
        'foreign.test': { records: HTTP_BUT_MAIL },
        'frozen.test': { records: HTTP_BUT_MAIL },
        'narrow.test': { updates: 'challenges', records: ['@ A 127.0.0.9'] },
        'customer.test': {
          records: [
            ...HTTP_BUT_MAIL,
            '_acme-challenge CNAME customer-test.acme.test.',
            '_acme-challenge.mail CNAME _acme-challenge',
          ],
        },
        'acme.test': { updates: 'any' },
        'evil.test': { records: ['@ A 127.0.0.9', '_acme-challenge CNAME shop.bind.test.'] },
        'killed.test': {
          updates: 'any',
          records: [...NO_HTTP, 'ns2 A 127.0.0.1'],
          servers: ['ns2.killed.test'],
        },
        'killed2.test': {
          updates: 'any',
          records: [...HTTP, 'ns2 A 127.0.0.1'],
          servers: ['ns2.killed2.test'],
        },
      },
      forwards: { 'pdns.test': powerDns.server },
    });
    site = await startCaSite({ dns: bind.server });
  }, LONGEST_MS);
  afterEach(() => site?.proxy.clear());
  afterAll(async () => {
    await site?.stop();
    await bind?.stop();
    await lagging?.close();
    await powerDns?.stop();
  });

  const nsupdate = (...zones: readonly string[]) => ({
    kind: 'nsupdate',
    server: bind.server,
    keyFile: '/etc/autossl/tsig.key',
    zones,
  });
  const settingsOf = (dns: object, more: object = {}) => ({
    resolvers: [bind.server],
    dns: {
      authoritative: Object.fromEntries([
        ...ZONES.map((zone) => [`ns1.${zone}`, bind.server]),
        ['ns1.pdns.test', powerDns.server],
        ['ns2.killed.test', lagging.server],
        ['ns2.killed2.test', lagging.server],
      ]),
      intervalSeconds: 0.2,
      ...dns,
    },
    // Each name by itself, so that both methods are shown in one order.
    wildcardReduction: false,
    ...more,
  });
  async function aServer(
    spec: AccountSpec,
    settings: Readonly<Record<string, unknown>>,
  ): Promise<HostedTree> {
    const hosted = await site.host(
      { alice: { keyType: 'ecdsa-prime256v1', ...spec } },
      {
        settings,
        furnish: (builder) =>
          builder
            .domainIndex('none')
            .file('/etc/autossl/tsig.key', readFileSync(bind.keyFile), 0o600)
            .file('/etc/autossl/pdns', powerDns.apiKey, 0o600),
      },
    );
    expect(await site.choose(hosted)).toMatchObject({ exitCode: 0 });
    site.proxy.clear();
    return hosted;
  }
  const withWildcard = (domain: string): AccountSpec => ({
    domain,
    serverAliases: { [domain]: [`*.${domain}`] },
  });
  const isSecured = (hosted: HostedTree, vhost: string, names: readonly string[]): string[] =>
    faultsOf(hosted, vhost, names, hosted.path('/etc/ssl/roots.pem'));
  const allOf = (domain: string): readonly string[] => [
    domain,
    `www.${domain}`,
    `mail.${domain}`,
    `*.${domain}`,
  ];
  const check = async (hosted: HostedTree) => {
    const result = await hosted.run('autossl_check', '--all', '--json');
    const report = JSON.parse(result.stdout) as Report;
    return { ...result, report, codes: codesOf(report) };
  };
  const expectNothingLeft = async (hosted: HostedTree): Promise<void> => {
    expect(await bind.allTexts()).toEqual([]);
    expect(await powerDns.records('pdns.test', 'TXT')).toEqual([
      '_acme-challenge.pdns.test "of somebody else"',
    ]);
    expect(leftoversIn(hosted)).toEqual([]);
  };

  describe('a website with a wildcard, and a name that HTTP does not reach', () => {
    test.each([
      ['BIND, by updates signed with TSIG', 'bind.test', () => nsupdate('bind.test')],
      [
        'PowerDNS, by its API',
        'pdns.test',
        () => ({ kind: 'powerdns', url: powerDns.url, apiKey: 'file:/etc/autossl/pdns' }),
      ],
    ])('is secured through %s', async (_, domain, editor) => {
      const hosted = await aServer(withWildcard(domain), settingsOf({ editors: [editor()] }));
      const { exitCode, stderr, codes } = await check(hosted);
      expect({ exitCode, stderr, codes }).toEqual({ exitCode: 0, stderr: '', codes: [] });
      expect(isSecured(hosted, domain, allOf(domain))).toEqual([]);
      expect(site.proxy.newOrders()).toBe(1);
      await expectNothingLeft(hosted);
    });

    test.each([
      ['made for lego', 'lego.test', 'lego'],
      ['of acme.sh’s DNS API', 'acmesh.test', 'acme.sh'],
    ] as const)('is secured through a hook %s', async (_, domain, style) => {
      const editors = [{ kind: 'hook', zones: [domain], ...dnsHook(bind, style) }];
      const hosted = await aServer(withWildcard(domain), settingsOf({ editors }));
      const { exitCode, stderr, codes } = await check(hosted);
      expect({ exitCode, stderr, codes }).toEqual({ exitCode: 0, stderr: '', codes: [] });
      expect(isSecured(hosted, domain, allOf(domain))).toEqual([]);
      await expectNothingLeft(hosted);
    });
  });

  test('several names of a domain get one wildcard, which servers of mail and FTP find by each name', async () => {
    const settings = settingsOf({ editors: [nsupdate('bind.test')] }, { wildcardReduction: true });
    const hosted = await aServer({ domain: 'bind.test' }, settings);
    const { exitCode, stderr, codes } = await check(hosted);
    expect({ exitCode, stderr, codes }).toEqual({ exitCode: 0, stderr: '', codes: [] });
    expect(isSecured(hosted, 'bind.test', ['bind.test', '*.bind.test'])).toEqual([]);
    const combined = readFileSync(hosted.tree.combined(parseHostName('bind.test')), 'utf8');
    for (const name of ['bind.test', 'www.bind.test', 'mail.bind.test']) {
      const copy = readFileSync(join(hosted.tree.domainTls(parseHostName(name)), 'combined'), 'utf8');
      expect([name, copy === combined]).toEqual([name, true]);
    }
    await expectNothingLeft(hosted);
    // It secures all of them: nothing is left to order.
    expect(await check(hosted)).toMatchObject({ exitCode: 0, codes: [] });
    expect(site.proxy.newOrders()).toBe(1);
  });

  test('where the zone cannot be changed they are ordered one by one', async () => {
    const settings = settingsOf({ editors: [nsupdate('frozen.test')] }, { wildcardReduction: true });
    const hosted = await aServer({ domain: 'frozen.test' }, settings);
    expect(await check(hosted)).toMatchObject({ codes: ['CONNECTION_REFUSED mail.frozen.test'] });
    expect(lastRecords(hosted).map(({ code }) => code)).toContain('WILDCARD_NOT_USED');
    expect(isSecured(hosted, 'frozen.test', ['frozen.test', 'www.frozen.test'])).toEqual([]);
    await expectNothingLeft(hosted);
  });

  test('names whose owner delegated their challenges by CNAME are proved in our zone', async () => {
    const dns = { editors: [nsupdate('acme.test')], delegations: ['acme.test'] };
    const hosted = await aServer(withWildcard('customer.test'), settingsOf(dns));
    const { exitCode, stderr, codes } = await check(hosted);
    expect({ exitCode, stderr, codes }).toEqual({ exitCode: 0, stderr: '', codes: [] });
    expect(isSecured(hosted, 'customer.test', allOf('customer.test'))).toEqual([]);
    await expectNothingLeft(hosted);
  });

  test('a key that is good for challenges alone is enough', async () => {
    const hosted = await aServer(
      { domain: 'narrow.test', exclude: ['www.narrow.test', 'mail.narrow.test'] },
      settingsOf({ editors: [nsupdate('narrow.test')] }),
    );
    const { exitCode, stderr, codes } = await check(hosted);
    expect({ exitCode, stderr, codes }).toEqual({ exitCode: 0, stderr: '', codes: [] });
    expect(isSecured(hosted, 'narrow.test', ['narrow.test'])).toEqual([]);
    await expectNothingLeft(hosted);
  });

  describe('what cannot be proved by DNS is said, and the rest of the website is secured without it', () => {
    test('a zone that is not edited here', async () => {
      const dns = { editors: [nsupdate('bind.test')], delegations: ['acme.test'] };
      const hosted = await aServer(withWildcard('foreign.test'), settingsOf(dns));
      const { exitCode, codes, report } = await check(hosted);
      expect(exitCode).toBe(0);
      expect(codes).toEqual(['CONNECTION_REFUSED mail.foreign.test', 'NO_LOCAL_AUTHORITY *.foreign.test']);
      expect(messagesOf(report)).toContain('no local authority');
      expect(isSecured(hosted, 'foreign.test', ['foreign.test', 'www.foreign.test'])).toEqual([]);
      await expectNothingLeft(hosted);
    });

    test('a zone whose server refuses our key, which is this server’s fault', async () => {
      const hosted = await aServer(
        withWildcard('frozen.test'),
        settingsOf({ editors: [nsupdate('frozen.test')] }),
      );
      const { exitCode, codes, report } = await check(hosted);
      expect(exitCode).toBe(1);
      expect(codes).toEqual(['CONNECTION_REFUSED mail.frozen.test', 'DNS_UPDATE_REFUSED *.frozen.test']);
      expect(messagesOf(report)).toContain('REFUSED');
      expect(isSecured(hosted, 'frozen.test', ['frozen.test', 'www.frozen.test'])).toEqual([]);
      await expectNothingLeft(hosted);
    });

    test('a zone of which one name server shows no change, which is named', async () => {
      const dns = { editors: [nsupdate('killed.test')], propagationSeconds: 1 };
      const hosted = await aServer(withWildcard('killed.test'), settingsOf(dns));
      const { exitCode, codes, report } = await check(hosted);
      expect(exitCode).toBe(0);
      expect(codes).toContain('DNS_NOT_PROPAGATED *.killed.test');
      expect(messagesOf(report)).toContain('ns2.killed.test');
      expect(site.proxy.newOrders()).toBe(0);
      await expectNothingLeft(hosted);
    });

    test('a name that its owner delegated to where a record would take another name’s place', async () => {
      const dns = { editors: [nsupdate('bind.test')], delegations: ['acme.test'] };
      const spec = { domain: 'evil.test', exclude: ['www.evil.test', 'mail.evil.test'] };
      const hosted = await aServer(spec, settingsOf(dns));
      const { exitCode, report } = await check(hosted);
      expect(exitCode).toBe(0);
      expect(messagesOf(report)).toContain('is no place for challenges');
      expect(bind.output()).not.toContain('shop.bind.test');
      expect(site.proxy.newOrders()).toBe(0);
    });
  });

  describe('a run that is killed', () => {
    const untilTexts = async (name: string): Promise<void> => {
      const deadline = Date.now() + DEADLINE_MS;
      while ((await bind.texts(name)).length === 0) {
        if (Date.now() > deadline) throw new Error(`no TXT record came at ${name}`);
        await pause(20);
      }
    };
    test.each([
      ['while it tries whether a zone can be edited', 'killed.test', 'gate', '_dcv-test-record'],
      ['while an order waits for the zone’s servers', 'killed2.test', 'off', '_acme-challenge'],
    ] as const)('%s leaves nothing once the next run is over', async (_, domain, preflight, label) => {
      const editors = [nsupdate(domain)];
      const hosted = await aServer(withWildcard(domain), settingsOf({ editors }, { preflight }));
      const settings = hosted.path('/etc/autossl.yaml');
      const program = startBin('autossl_check', ['--all'], hosted.root);
      await untilTexts(`${label}.${domain}`);
      program.signal('SIGKILL');
      await program.ended;
      expect(await bind.texts(`${label}.${domain}`)).not.toEqual([]);

      // The secondary has caught up: what it was asked for is asked of the primary.
      const written = parse(readFileSync(settings, 'utf8'));
      written.dns.authoritative[`ns2.${domain}`] = bind.server;
      writeFileSync(settings, stringify(written), { mode: 0o600 });
      const { exitCode, stderr, codes } = await check(hosted);
      expect({ exitCode, stderr, codes }).toEqual({ exitCode: 0, stderr: '', codes: [] });
      expect(isSecured(hosted, domain, allOf(domain))).toEqual([]);
      await expectNothingLeft(hosted);
    });
  });
});

/** AA in a header (RFC 1035 section 4.1.1). */
const AUTHORITATIVE = 1 << 10;
const emptyAnswer: RawAnswer = (query) => [properAnswer(query, [], { flags: AUTHORITATIVE })];

const ZONES = [
  ...[
    'bind',
    'lego',
    'acmesh',
    'foreign',
    'frozen',
    'narrow',
    'customer',
    'acme',
    'evil',
    'killed',
    'killed2',
  ],
].map((name) => `${name}.test`);

interface Report {
  readonly problems: readonly { readonly code: string; readonly domain: string; readonly message: string }[];
}
const codesOf = ({ problems }: Report): readonly string[] =>
  problems.map(({ code, domain }) => `${code} ${domain}`).sort();
const messagesOf = ({ problems }: Report): string => problems.map(({ message }) => message).join('\n');
