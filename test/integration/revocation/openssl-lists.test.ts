import { existsSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { HttpListDownload } from '../../../src/adapters/revocation/list-download.js';
import { FileKnownRevocations } from '../../../src/adapters/store/revocation/known-revocations.js';
import type { CertificateFacts } from '../../../src/core/certificate/facts.js';
import { keyHashOf } from '../../../src/core/certificate/key-hash.js';
import type { DomainName } from '../../../src/core/domain/name/names.js';
import type { RunEvent } from '../../../src/core/report/events/event.js';
import { type ListServer, startListServer } from '../../support/list-server.js';
import { describeWithParts } from '../../support/needs.js';
import { OpensslAuthority } from '../../support/openssl-authority.js';
import { askAsOneRun } from '../../support/revocation-asking.js';
import { aTree, type BuiltTree } from '../../support/tree-builder.js';

const HOUR_MS = 3_600_000;

describeWithParts('lists made by openssl', ['openssl'], () => {
  let server: ListServer;
  let built: BuiltTree;
  let now: Date;
  let events: RunEvent[];
  beforeAll(async () => {
    server = await startListServer();
  });
  afterAll(() => server?.close());
  beforeEach(() => {
    built = aTree().build();
    now = new Date();
    events = [];
    server.requests.length = 0;
  });
  afterEach(() => built.cleanUp());

  /** As a process of its own would: nothing is kept but files. */
  async function ask(
    certificates: readonly CertificateFacts[],
    issuer: CertificateFacts,
    isAnywhereAllowed = true,
  ): Promise<(fingerprint: string) => string | null> {
    const record = (...all: readonly RunEvent[]) => void events.push(...all);
    return await askAsOneRun({ certificates, issuer, tree: built.tree, now, isAnywhereAllowed, record });
  }
  const warnings = (): readonly string[] =>
    events.filter(({ type }) => type === 'warn').map(({ contents }) => contents);
  const cached = (): readonly string[] => readdirSync(built.tree.crlCache());

  describe.each([
    ['P-384', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-384']],
    ['RSA', ['rsa:2048']],
  ])('signed with %s', (label, keyOptions) => {
    let authority: OpensslAuthority;
    let good: CertificateFacts;
    let compromised: CertificateFacts;
    let old: CertificateFacts;
    beforeAll(() => {
      authority = new OpensslAuthority(server.urlOf(`/${label}.crl`), keyOptions);
      [good, compromised, old] = ['good', 'compromised', 'old'].map((name) => authority.issue(name)) as [
        CertificateFacts,
        CertificateFacts,
        CertificateFacts,
      ];
    });
    afterAll(() => authority?.remove());

    test('say what is revoked, and why; asked once, and kept', async () => {
      server.lists.set(`/${label}.crl`, authority.list());
      const before = await ask([good, compromised, old], authority.facts);
      expect([good, compromised, old].map((one) => before(one.fingerprint))).toEqual([null, null, null]);

      authority.revoke('compromised', '-crl_reason', 'keyCompromise');
      authority.revoke('old', '-crl_reason', 'superseded');
      server.lists.set(`/${label}.crl`, authority.list());
      await ask([good, compromised, old], authority.facts);
      expect(server.requests).toEqual([`/${label}.crl`]);

      now = new Date(now.getTime() + 2 * HOUR_MS);
      const says = await ask([good, compromised, old], authority.facts);
      expect([good, compromised, old].map((one) => says(one.fingerprint))).toEqual([
        null,
        'keyCompromise',
        'superseded',
      ]);
      const clock = { now: () => now };
      const keys = new FileKnownRevocations(built.tree, clock);
      expect([good, compromised, old].map((one) => keys.isKeyLost(keyHashOf(one.key.spki)))).toEqual([
        false,
        true,
        false,
      ]);
      rmSync(join(built.tree.index(), 'revoked.json'));
      const afterwards = new FileKnownRevocations(built.tree, clock);
      expect(afterwards.isKeyLost(keyHashOf(compromised.key.spki))).toBe(true);
      expect(statSync(built.tree.lostKeys()).mode & 0o777).toBe(0o600);
      now = new Date(now.getTime() + 2 * HOUR_MS);
      await ask([good, compromised, old], authority.facts);
      expect(server.requests).toEqual([
        `/${label}.crl`,
        `/${label}.crl if changed`,
        `/${label}.crl if changed`,
      ]);
      expect(warnings()).toEqual([]);
      expect(cached()).toHaveLength(2);
      for (const name of cached())
        expect(statSync(join(built.tree.crlCache(), name)).mode & 0o777).toBe(0o600);
    });

    test('say nothing when they have expired', async () => {
      server.lists.set(`/${label}.crl`, authority.list());
      now = new Date(now.getTime() + 49 * HOUR_MS);
      const says = await ask([compromised], authority.facts);
      expect(says(compromised.fingerprint)).toBe(null);
      expect(warnings()).toEqual([expect.stringContaining('the list held until')]);
    });

    test('of another authority of the same name say nothing', async () => {
      const other = new OpensslAuthority(server.urlOf(`/${label}.crl`), keyOptions);
      server.lists.set(`/${label}.crl`, other.list());
      other.remove();
      await ask([good], authority.facts);
      expect(warnings()).toEqual([expect.stringContaining('not signed by the issuer')]);
      expect(existsSync(built.tree.crlCache())).toBe(false);
    });

    test('that were damaged on this disk are fetched again', async () => {
      server.lists.set(`/${label}.crl`, authority.list());
      await ask([compromised], authority.facts);
      const [file] = cached().filter((name) => name.endsWith('.crl'));
      truncateSync(join(built.tree.crlCache(), file ?? ''), 40);
      const says = await ask([compromised], authority.facts);
      expect(server.requests).toEqual([`/${label}.crl`, `/${label}.crl`]);
      expect(says(compromised.fingerprint)).toBe('keyCompromise');
    });

    test('may be deleted with all that is known', async () => {
      server.lists.set(`/${label}.crl`, authority.list());
      await ask([compromised], authority.facts);
      rmSync(join(built.tree.index(), 'revoked.json'));
      expect((await ask([compromised], authority.facts))(compromised.fingerprint)).toBe('keyCompromise');
    });
  });

  describe('and what a web server may do instead', () => {
    let authority: OpensslAuthority;
    let leaf: CertificateFacts;
    let genuine: Buffer;
    beforeAll(() => {
      authority = new OpensslAuthority(server.urlOf('/web.crl'), [
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
      ]);
      leaf = authority.issue('web');
      authority.revoke('web');
      genuine = authority.list();
    });
    afterAll(() => authority?.remove());

    test.each<[string, Parameters<ListServer['lists']['set']>[1], string]>([
      ['a web page', Buffer.from('<html>'), 'the list cannot be read'],
      ['nothing', Buffer.alloc(0), 'the list cannot be read'],
      ['an error', (response) => response.writeHead(503).end('busy'), 'its web server answers 503'],
      ['“unchanged”', (response) => response.writeHead(304).end(), 'its web server answers 304'],
      [
        'a size beyond all measure',
        (response) => response.writeHead(200, { 'content-length': 2 ** 40 }).write('x'),
        'it is too large',
      ],
      ['bytes without an end', (response) => pour(response), 'it is too large'],
      ['half of it', (response) => breakOff(response), 'the connection was broken off'],
      [
        'a redirect to itself',
        (response) => response.writeHead(302, { location: '/web.crl' }).end(),
        'it redirects again and again',
      ],
      [
        'a redirect to a file',
        (response) => response.writeHead(301, { location: 'file:///etc/passwd' }).end(),
        'no address that can be fetched',
      ],
      [
        'a redirect without a place',
        (response) => response.writeHead(302).end(),
        'no address that can be fetched',
      ],
    ])('%s: nothing is known, nothing is kept', async (_, answer, why) => {
      server.lists.set('/web.crl', answer);
      const says = await ask([leaf], authority.facts);
      expect(says(leaf.fingerprint)).toBe(null);
      expect(warnings()).toEqual([expect.stringContaining(why)]);
      expect(existsSync(built.tree.crlCache())).toBe(false);
    });

    test('a redirect to another place of the same host is followed', async () => {
      server.lists.set('/web.crl', (response) => response.writeHead(301, { location: '/moved' }).end());
      server.lists.set('/moved', genuine);
      expect((await ask([leaf], authority.facts))(leaf.fingerprint)).toBe('unspecified');
    });

    test('at an address of this server’s own network: nobody is asked unless the settings say so', async () => {
      server.lists.set('/web.crl', genuine);
      const says = await ask([leaf], authority.facts, false);
      expect(says(leaf.fingerprint)).toBe(null);
      expect(server.requests).toEqual([]);
      expect(warnings()).toEqual([expect.stringContaining('it lies at 127.0.0.1, which is not an address')]);
    });
  });
});

/** More than any list. */
function pour(response: ServerResponse): void {
  const block = Buffer.alloc(1024 * 1024);
  response.on('error', () => undefined);
  const more = (): void => {
    if (!response.destroyed) response.write(block, more);
  };
  more();
}

function breakOff(response: ServerResponse): void {
  response.writeHead(200, { 'content-length': 1000 });
  response.write('x', () => response.destroy());
}

describe('a list’s host', () => {
  const NAME = 'crl.test' as DomainName;
  const fetchFrom = (url: string, ipv4: readonly string[]) => {
    const asked: DomainName[] = [];
    const resolver = {
      addressesOf: async (name: DomainName) => {
        asked.push(name);
        return { ipv4, ipv6: [], ipv4Error: null, ipv6Error: 'ENODATA' };
      },
    };
    const request = { url, validators: null, signal: new AbortController().signal };
    return { asked, fetched: new HttpListDownload(resolver).fetch(request) };
  };

  test.each([
    ['this server itself', ['127.0.0.1']],
    ['the cloud’s metadata', ['169.254.169.254']],
    ['one inside beside one outside', ['192.0.2.1', '10.0.0.1']],
  ])('that resolves to %s is not asked', async (_, addresses) => {
    const { asked, fetched } = fetchFrom('http://crl.test/x', addresses);
    expect(await fetched).toMatchObject({
      state: 'failed',
      why: expect.stringContaining('not an address of'),
    });
    expect(asked).toEqual([NAME]);
  });

  test.each([
    'http://127.0.0.1/x',
    'http://[::1]/x',
    'http://2130706433/x',
    'http://0x7f.1/x',
    'http://[::ffff:127.0.0.1]/x',
    'http://localhost/x',
    'ftp://crl.test/x',
    'no address',
  ])('that is written as %s is not asked', async (url) => {
    const { asked, fetched } = fetchFrom(url, ['192.0.2.1']);
    expect(await fetched).toMatchObject({ state: 'failed' });
    expect(asked).toEqual([]);
  });
});
