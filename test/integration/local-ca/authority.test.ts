import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { LocalAuthority } from '../../../src/adapters/local-ca/authority.js';
import { SocketHttpProbe } from '../../../src/adapters/probe/http-probe.js';
import { DnsResolver } from '../../../src/adapters/probe/resolver.js';
import { SharedFolderSolver } from '../../../src/adapters/solvers/shared-folder.js';
import { systemRandom } from '../../../src/adapters/system/random.js';
import { createCsr } from '../../../src/core/certificate/csr.js';
import { readCertificate } from '../../../src/core/certificate/parse.js';
import { decodePem, splitPem } from '../../../src/core/certificate/pem/pem.js';
import { parseDomainName } from '../../../src/core/domain/name/names.js';
import type { AcmeOrder } from '../../../src/core/order/resources.js';
import type { AcmeRefusal } from '../../../src/runs/ports/authority.js';
import { observeHttp } from '../../../src/runs/validation/observe-http.js';
import { ChallengeTree } from '../../support/challenge-tree.js';
import { type EmbeddedDns, startEmbeddedDns } from '../../support/embedded-dns.js';
import { type EmbeddedWeb, startEmbeddedWeb } from '../../support/embedded-web.js';
import { LOOPBACK_RANGES } from '../../support/loopback.js';

const NAMES = ['shop.test', 'www.shop.test'];
const DAY_MS = 86_400_000;
const policy = {
  ownAddresses: [],
  addressMap: new Map<string, string>(),
  privateNetworks: LOOPBACK_RANGES,
  maxRedirects: 10,
};

let place: ChallengeTree;
let dns: EmbeddedDns;
let web: EmbeddedWeb;
let now: Date;
let solver: SharedFolderSolver;
const clock = { now: () => now };

beforeAll(async () => {
  dns = await startEmbeddedDns(NAMES.map((name) => [name, { A: ['127.0.0.1'] }]));
});
afterAll(() => dns.close());
beforeEach(async () => {
  now = new Date();
  place = new ChallengeTree();
  web = await startEmbeddedWeb({ tree: place.tree });
  solver = new SharedFolderSolver(place.tree, clock);
});
afterEach(async () => {
  await web.close();
  place.remove();
});

const openAuthority = (nameServer = dns.server) => {
  const resolver = new DnsResolver({ servers: [nameServer], timeoutMs: 30_000, tries: 1 });
  const probe = new SocketHttpProbe(resolver, {
    httpPort: web.httpPort,
    hopTimeoutMs: 30_000,
    totalTimeoutMs: 60_000,
  });
  return new LocalAuthority({
    tree: place.tree,
    clock,
    random: systemRandom,
    policy,
    observe: (name, challenge, signal) => observeHttp(name, challenge, { resolver, probe, policy }, signal),
    isResolverAnswering: () => resolver.isAnswering(),
  });
};
const identifiers = (names: readonly string[]) => names.map((value) => ({ type: 'dns' as const, value }));
function ok<T extends object>(value: T | AcmeRefusal): T {
  if ('refused' in value) throw new Error(`${value.refused.type}: ${value.refused.detail}`);
  return value as T;
}
const codeOf = (value: object | string | undefined) =>
  typeof value === 'object' && 'refused' in value
    ? (value as AcmeRefusal).refused.type.split(':').at(-1)
    : value;
const newKey = (type: 'ec' | 'rsa' = 'ec', bits = 2048) =>
  (type === 'ec'
    ? generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
    : generateKeyPairSync('rsa', { modulusLength: bits })
  ).privateKey
    .export({ type: 'pkcs8', format: 'pem' })
    .toString();
const csrFor = (names: readonly string[], keyPem = newKey()) =>
  createCsr({ names: names.map((name) => parseDomainName(name)), keyPem });

/** Places and answers all challenges of the order. */
async function prove(authority: LocalAuthority, order: AcmeOrder): Promise<void> {
  const { keyThumbprint } = await authority.openAccount();
  await Promise.all(
    order.authorizations.map(async (url) => {
      const { identifier, challenges } = ok(await authority.readAuthorization(url));
      const [challenge] = challenges;
      const token = challenge?.token ?? '';
      const name = parseDomainName(identifier.value);
      await solver.present({ website: place.website(), name, token, content: `${token}.${keyThumbprint}` });
      expect(await authority.answerChallenge(challenge?.url ?? '')).toBeUndefined();
    }),
  );
}
async function readyOrder(authority: LocalAuthority, names = NAMES): Promise<AcmeOrder> {
  const order = ok(await authority.newOrder(identifiers(names), {}));
  await prove(authority, order);
  return ok(await authority.readOrder(order.url));
}
const auditLines = () => readFileSync(join(place.tree.localCa(), 'audit.log'), 'utf8').trim().split('\n');

describe('a whole order', () => {
  test('ends with a chain that openssl trusts by the root, for the names and no others', async () => {
    const authority = openAuthority();
    const order = await readyOrder(authority);
    expect(order.status).toBe('ready');
    const issued = ok(await authority.finalize(order, await csrFor(NAMES)));
    expect(issued.status).toBe('valid');
    const chain = await authority.downloadCertificate(issued.certificate ?? '');
    if (typeof chain !== 'string') throw new Error('no chain');

    const file = join(place.folder, 'chain.pem');
    writeFileSync(file, chain);
    const root = join(place.tree.localCa(), 'root.pem');
    const verify = (name: string) =>
      execFileSync(
        'openssl',
        ['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', root, '-untrusted', file].concat([
          '-verify_hostname',
          name,
          file,
        ]),
        { encoding: 'utf8', stdio: 'pipe' },
      );
    expect(verify('www.shop.test')).toContain(': OK');
    expect(() => verify('other.test')).toThrow();

    const [leaf, issuer] = splitPem(chain).map((block) => readCertificate(decodePem(block)));
    expect([...(leaf?.dnsNames ?? [])].sort()).toEqual([...NAMES].sort());
    expect(leaf?.issuerOrganizations).toEqual(['AutoSSL Local CA']);
    expect(leaf?.notAfter.getTime()).toBeLessThan(now.getTime() + 90 * DAY_MS);
    expect(leaf?.notAfter.getTime()).toBeGreaterThan(now.getTime() + 89 * DAY_MS);
    expect(issuer?.isCa).toBe(true);
    expect(auditLines().map((line) => (JSON.parse(line) as { serial: string }).serial)).toEqual([
      leaf?.serial,
    ]);
  });

  test('goes on in another process, wherever the first one stopped', async () => {
    const placed = ok(await openAuthority().newOrder(identifiers(NAMES), {}));
    await prove(openAuthority(), placed);
    const ready = ok(await openAuthority().readOrder(placed.url));
    ok(await openAuthority().finalize(ready, await csrFor(NAMES)));
    const valid = ok(await openAuthority().readOrder(placed.url));
    const chain = await openAuthority().downloadCertificate(valid.certificate ?? '');
    // Finalized twice, it gives the same certificate and signs nothing more.
    ok(await openAuthority().finalize(ready, await csrFor(NAMES)));
    expect(await openAuthority().downloadCertificate(valid.certificate ?? '')).toBe(chain);
    expect(auditLines()).toHaveLength(1);
  });

  test('proves many names at once', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `n${index}.many.test`);
    dns.zones.set('*.many.test', { A: ['127.0.0.1'] });
    expect((await readyOrder(openAuthority(), names)).status).toBe('ready');
  });

  test('ends when the client asked it to', async () => {
    const authority = openAuthority();
    const notAfter = new Date(Math.floor(now.getTime() / 1000) * 1000 + 90_000);
    const order = ok(await authority.newOrder(identifiers(['shop.test']), { notAfter }));
    await prove(authority, order);
    const issued = ok(await authority.finalize(order, await csrFor(['shop.test'])));
    const chain = await authority.downloadCertificate(issued.certificate ?? '');
    const [leaf] = splitPem(typeof chain === 'string' ? chain : '');
    expect(leaf === undefined ? null : readCertificate(decodePem(leaf)).notAfter).toEqual(notAfter);
  });
});

describe('what was not proved is not signed', () => {
  test.each<[string, () => void, string, RegExp]>([
    ['no file', () => undefined, 'unauthorized', /404/],
    [
      'another file',
      () => void web.behaviours.set('shop.test', (_request, answer) => answer.end('hello')),
      'unauthorized',
      /something else/,
    ],
    ['a name that is not in DNS', () => void dns.zones.delete('shop.test'), 'dns', /NXDOMAIN/],
    ['a closed port', () => void dns.zones.set('shop.test', { A: ['127.0.0.99'] }), 'connection', /refused/],
  ])('%s', async (_case, arrange, code, detail) => {
    arrange();
    const authority = openAuthority();
    const order = ok(await authority.newOrder(identifiers(['shop.test']), {}));
    const authorization = ok(await authority.readAuthorization(order.authorizations[0] ?? ''));
    expect(await authority.answerChallenge(authorization.challenges[0]?.url ?? '')).toBeUndefined();
    dns.zones.set('shop.test', { A: ['127.0.0.1'] });

    const failed = ok(await authority.readAuthorization(authorization.url));
    expect(failed.status).toBe('invalid');
    expect(failed.challenges[0]?.error).toMatchObject({
      type: `urn:ietf:params:acme:error:${code}`,
      detail: expect.stringMatching(detail),
      identifier: { type: 'dns', value: 'shop.test' },
    });
    expect(ok(await authority.readOrder(order.url)).status).toBe('invalid');
    expect(codeOf(await authority.finalize(order, await csrFor(['shop.test'])))).toBe('orderNotReady');
    // It is not tried again: a new order is.
    await authority.answerChallenge(authorization.challenges[0]?.url ?? '');
    expect(ok(await authority.readAuthorization(authorization.url)).status).toBe('invalid');
  });

  test('an order that was never answered', async () => {
    const authority = openAuthority();
    const order = ok(await authority.newOrder(identifiers(NAMES), {}));
    expect(codeOf(await authority.finalize(order, await csrFor(NAMES)))).toBe('orderNotReady');
    expect(codeOf(await authority.downloadCertificate(order.url.replace('order', 'certificate')))).toBe(
      'malformed',
    );
  });

  test('an order that expired, or whose authorization was given back', async () => {
    const authority = openAuthority();
    const order = await readyOrder(authority);
    now = new Date(now.getTime() + 7 * DAY_MS);
    expect(codeOf(await authority.finalize(order, await csrFor(NAMES)))).toBe('orderNotReady');
    const other = await readyOrder(authority);
    await authority.deactivateAuthorization(other.authorizations[0] ?? '');
    expect(ok(await authority.readOrder(other.url)).status).toBe('invalid');
  });

  test('a fetch that the run’s end cut short leaves the challenge open', async () => {
    const authority = openAuthority();
    const order = ok(await authority.newOrder(identifiers(['shop.test']), {}));
    const controller = new AbortController();
    web.behaviours.set('shop.test', () => controller.abort(new Error('enough')));
    const [url = ''] = order.authorizations;
    const answered = authority.answerChallenge(url.replace('authorization', 'challenge'), controller.signal);
    await expect(answered).rejects.toThrow('enough');
    expect(ok(await authority.readAuthorization(url)).status).toBe('pending');
  });

  test('name servers of this server that are dead are no finding about the name', async () => {
    const gone = await startEmbeddedDns();
    await gone.close();
    const authority = openAuthority(gone.server);
    const order = ok(await authority.newOrder(identifiers(['shop.test']), {}));
    const [url = ''] = order.authorizations;
    await expect(authority.answerChallenge(url.replace('authorization', 'challenge'))).rejects.toMatchObject({
      name: 'ProbeError',
      message: expect.stringContaining('name servers do not answer'),
      advice: expect.stringContaining('/etc/autossl.yaml'),
    });
    expect(ok(await authority.readAuthorization(url)).status).toBe('pending');
  });
});

describe('requests that are refused', () => {
  test.each<[string, () => Promise<Uint8Array>, string]>([
    ['other names', () => csrFor(['other.test']), 'badCSR'],
    ['a name too few', () => csrFor(['shop.test']), 'badCSR'],
    ['a name too many', () => csrFor([...NAMES, 'more.test']), 'badCSR'],
    ['a weak key', () => csrFor(NAMES, newKey('rsa', 1024)), 'badPublicKey'],
    ['no request at all', async () => new Uint8Array([1, 2, 3]), 'badCSR'],
    [
      'a broken signature',
      async () => {
        const der = await csrFor(NAMES);
        der[der.length - 1] = (der.at(-1) ?? 0) ^ 1;
        return der;
      },
      'badCSR',
    ],
  ])('%s', async (_case, makeCsr, code) => {
    const authority = openAuthority();
    const order = await readyOrder(authority);
    expect(codeOf(await authority.finalize(order, await makeCsr()))).toBe(code);
    expect(ok(await authority.readOrder(order.url)).status).toBe('ready');
  });

  const tooMany = Array.from({ length: 101 }, (_, index) => `n${index}.test.test`);
  test.each<[string, { type: 'dns' | 'ip'; value: string }[], string]>([
    ['a wildcard', [{ type: 'dns', value: '*.shop.test' }], 'rejectedIdentifier'],
    ['an address', [{ type: 'ip', value: '127.0.0.1' }], 'rejectedIdentifier'],
    ['a path', [{ type: 'dns', value: '../../etc' }], 'rejectedIdentifier'],
    ['no name', [], 'malformed'],
    ['too many names', identifiers(tooMany), 'malformed'],
  ])('%s in an order', async (_case, asked, code) => {
    expect(codeOf(await openAuthority().newOrder(asked, {}))).toBe(code);
  });
  test('a profile, or an end that is past', async () => {
    const authority = openAuthority();
    expect(codeOf(await authority.newOrder(identifiers(NAMES), { profile: 'shortlived' }))).toBe(
      'invalidProfile',
    );
    expect(codeOf(await authority.newOrder(identifiers(NAMES), { notAfter: now }))).toBe('malformed');
  });

  test.each([
    'local-ca:order/../../account-thumbprint',
    'local-ca:order/0000000000000-0000000000000000',
    'https://ca.example/order/1',
    '',
  ])('the order %j', async (url) => {
    expect(codeOf(await openAuthority().readOrder(url))).toBe('malformed');
  });
});

describe('the authority', () => {
  test('is made once, also by two runs at the same time', async () => {
    const accounts = await Promise.all([openAuthority().openAccount(), openAuthority().openAccount()]);
    const root = readFileSync(join(place.tree.localCa(), 'root.pem'), 'utf8');
    expect(readFileSync(join(place.tree.localCa(), 'authority/root.pem'), 'utf8')).toBe(root);
    expect(readdirSync(place.tree.localCa()).filter((name) => name.startsWith('.'))).toEqual([]);
    expect(accounts[0]).toEqual(accounts[1]);
    expect(await openAuthority().openAccount()).toEqual(accounts[0]);
    expect(readFileSync(join(place.tree.localCa(), 'root.pem'), 'utf8')).toBe(root);
  });
  test('keeps its keys to itself and shows its root', async () => {
    await openAuthority().openAccount();
    const mode = (name: string) => lstatSync(join(place.tree.localCa(), name)).mode & 0o777;
    expect(['root.pem', 'authority/root.key', 'authority/issuing.key'].map(mode)).toEqual([
      0o644, 0o600, 0o600,
    ]);
  });
  test('forgets orders after a month', async () => {
    const authority = openAuthority();
    const order = ok(await authority.newOrder(identifiers(NAMES), {}));
    now = new Date(now.getTime() + 31 * DAY_MS);
    await authority.openAccount();
    expect(codeOf(await authority.readOrder(order.url))).toBe('malformed');
  });
  test('signs nothing after its own end', async () => {
    const authority = openAuthority();
    await authority.openAccount();
    now = new Date(now.getTime() + 3651 * DAY_MS);
    const order = await readyOrder(authority);
    await expect(authority.finalize(order, await csrFor(NAMES))).rejects.toMatchObject({
      code: 'CORRUPT_RECORD',
    });
  });
});
