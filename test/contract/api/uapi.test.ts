import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SUDO_FUNCTIONS, UAPI_FUNCTIONS } from '../../../src/api/uapi/table.js';
import { buildPrograms, runBin } from '../../support/bin-program.js';
import { shapeFaults } from '../../support/documented-shape.js';
import { type EmbeddedDns, startEmbeddedDns } from '../../support/embedded-dns.js';
import { type EmbeddedWeb, startEmbeddedWeb } from '../../support/embedded-web.js';
import { LOOPBACK } from '../../support/loopback.js';
import { aCertificate, anIntermediate, aRoot, type TestCertificate } from '../../support/pki.js';
import { aTree, type BuiltTree } from '../../support/tree-builder.js';
import { untilGone } from '../../support/until-gone.js';

const ORDER = {
  schemaVersion: 1,
  id: '1764000000000-0123456789abcdef',
  account: 'alice',
  vhost: 'alice.test',
  provider: 'LetsEncrypt',
  directoryUrl: 'https://ca.test/dir',
  acmeAccountUrl: null,
  names: ['alice.test', 'www.alice.test'],
  keyType: 'rsa-2048',
  replaces: null,
  createdAt: '2026-11-22T02:17:05.000Z',
  phase: 'finalized',
  orderUrl: 'https://ca.test/order/1',
  expiresAt: null,
  challenges: [],
  pollAt: '2026-11-22T02:22:05.000Z',
  lastPolledAt: null,
  logStartedAt: null,
  diedOf: null,
  because: ['CERTIFICATE_ABSENT'],
};
const PROBLEM = {
  domain: 'www.alice.test',
  vhost: 'alice.test',
  code: 'NXDOMAIN',
  message: 'www.alice.test does not exist in DNS (NXDOMAIN).',
  advice: 'Create an A record.',
  at: '2026-11-22T02:17:05.000Z',
  logStartedAt: null,
};
const OWN = '/var/cpanel/ssl/autossl';

let dns: EmbeddedDns;
let web: EmbeddedWeb;
let built: BuiltTree;
let pair: TestCertificate;
let other: TestCertificate;

beforeAll(async () => {
  buildPrograms();
  pair = aCertificate({
    names: ['alice.test', 'www.alice.test'],
    keyType: 'rsa-2048',
    notBefore: new Date(Date.now() - 86_400_000),
  });
  other = aCertificate({ names: ['bob.test'], notBefore: new Date(Date.now() - 86_400_000) });
  dns = await startEmbeddedDns([
    ['alice.test', { A: ['127.0.0.1'] }],
    ['www.alice.test', { A: ['127.0.0.1'] }],
  ]);
  const place = { at: (path: string) => built.path(path), challenges: () => built.tree.challenges() };
  web = await startEmbeddedWeb({ tree: { ...place, combined: () => '/nonexistent' } });
  built = aTree()
    .account('alice', { domain: 'alice.test' })
    .account('bob', { domain: 'bob.test', exclude: ['www.bob.test'] })
    .settings({
      resolvers: [dns.server],
      trustAnchors: '/etc/ssl/roots.pem',
      webServer: { kind: 'none' },
      http: { port: web.httpPort, httpsPort: web.httpsPort, privateNetworks: LOOPBACK },
    })
    // Chosen, but without a directory: a check that is started ends at once.
    .autosslJson({ provider: 'CustomACME' })
    .file('/etc/ssl/roots.pem', aRoot().certPem)
    .combined('alice.test', pair.keyPem + pair.chainPem)
    .combined('bob.test', other.keyPem + other.chainPem)
    .file(`${OWN}/orders/${ORDER.id}.json`, JSON.stringify(ORDER), 0o600)
    .file(
      `${OWN}/problems/alice.json`,
      JSON.stringify({ schemaVersion: 1, account: 'alice', problems: [PROBLEM] }),
      0o600,
    )
    .build();
});
afterAll(async () => {
  await untilGone('autossl_check', built.root);
  await web?.close();
  await dns?.close();
  await built?.cleanUp();
});

const word = (name: string, pem: string) => `${name}=${encodeURIComponent(pem)}`;
const certificate = () => word('certificate', pair.chainPem);
const cert = () => word('cert', pair.chainPem);
/** alice's own has to stay. */
const whoCalls = (name: string) => (name.endsWith('_ssl') ? 'bob' : 'alice');

/** Needs a name server: uapi-dns.test.ts. */
const BY_DNS = 'DCV check_domains_via_dns';

/** Words with which a function answers as documented; those before it prepare that. */
const CALLS: readonly (readonly [string, string, ...(string | (() => string))[]])[] = [
  ['DCV', 'check_domains_via_http', 'domain=alice.test', 'domain-1=www.alice.test'],
  ['SSL', 'add_autossl_excluded_domains', 'domains=www.alice.test,mail.alice.test'],
  ['SSL', 'get_autossl_excluded_domains'],
  ['SSL', 'remove_autossl_excluded_domains', 'domains=www.alice.test'],
  ['SSL', 'set_autossl_excluded_domains'],
  ['SSL', 'get_autossl_pending_queue'],
  ['SSL', 'get_autossl_problems'],
  ['SSL', 'installed_hosts'],
  ['SSL', 'list_certs'],
  ['SSL', 'get_cabundle', cert],
  ['SSL', 'fetch_key_and_cabundle_for_certificate', certificate],
  ['SSL', 'is_autossl_check_in_progress'],
  ['SSL', 'start_autossl_check'],
  ['SSL', 'set_default_key_type', 'type=ecdsa-prime256v1'],
  [
    'SSL',
    'install_ssl',
    'domain=bob.test',
    () => word('cert', other.certPem),
    () => word('key', other.keyPem),
    () => word('cabundle', anIntermediate().certPem),
  ],
  ['SSL', 'delete_ssl', 'domain=bob.test'],
];

async function call(words: readonly string[], user = 'alice') {
  const ended = await runBin('uapi', ['--output=json', `--user=${user}`, ...words], built.root);
  return { ...ended, answer: ended.stdout === '' ? null : JSON.parse(ended.stdout) };
}

test('every function has a documented sample and is called here', () => {
  const names = UAPI_FUNCTIONS.map(({ module, name }) => `${module} ${name}`);
  const called = [BY_DNS, ...CALLS.map(([module, name]) => `${module} ${name}`)];
  expect(called.sort()).toEqual([...names].sort());
  expect(readdirSync('fixtures/api/uapi').sort()).toEqual(
    UAPI_FUNCTIONS.map(({ name }) => `${name}.json`).sort(),
  );
});

test('uapi-root offers this and nothing else', () => {
  expect(SUDO_FUNCTIONS.map(({ module, name }) => `${module} ${name}`)).toEqual([
    'DCV check_domains_via_http',
    'DCV check_domains_via_dns',
    'SSL add_autossl_excluded_domains',
    'SSL get_autossl_excluded_domains',
    'SSL get_autossl_pending_queue',
    'SSL get_autossl_problems',
    'SSL get_cabundle',
    'SSL installed_hosts',
    'SSL is_autossl_check_in_progress',
    'SSL list_certs',
    'SSL remove_autossl_excluded_domains',
    'SSL set_autossl_excluded_domains',
    'SSL set_default_key_type',
    'SSL start_autossl_check',
  ]);
});

describe('answers as documented', () => {
  test.each(CALLS.map((one) => [`${one[0]} ${one[1]}`, one] as const))(
    '%s',
    async (_, [module, name, ...rest]) => {
      const words = rest.map((word) => (typeof word === 'string' ? word : word()));
      const { exitCode, stderr, answer } = await call([module, name, ...words], whoCalls(name));
      const sample = JSON.parse(readFileSync(`fixtures/api/uapi/${name}.json`, 'utf8'));
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(shapeFaults(sample, answer)).toEqual([]);
      expect(answer).toMatchObject({ apiversion: 3, module, func: name });
      expect(answer.result).toMatchObject({ status: 1, errors: null, metadata: {} });
      expect(answer.result.data === null).toBe(sample.result.data === null);
      if (name.includes('start') || name.includes('key_type')) await untilGone('autossl_check', built.root);
    },
  );
});

describe('what the functions do', () => {
  test('names are looked at as a check does, and told in the order given, each once', async () => {
    const words = ['domain=mail.alice.test', 'domain-1=WWW.alice.test', 'domain-2=www.alice.test'];
    const { answer } = await call(['DCV', 'check_domains_via_http', ...words]);
    const [mail, www, ...more] = answer.result.data;
    expect(more).toEqual([]);
    expect(mail).toMatchObject({ domain: 'mail.alice.test', succeeded: 0, redirects: [] });
    expect(mail.failure_reason).toContain('NXDOMAIN');
    expect(www).toEqual({ domain: 'www.alice.test', succeeded: 1, failure_reason: null, redirects: [] });
    expect(readdirSync(built.tree.challenges())).toEqual([]);
  });

  test('redirects are told up to the one too many', async () => {
    web.behaviours.set('www.alice.test', (request, response) => {
      const step = Number(/step=(\d+)/.exec(request.url ?? '')?.[1] ?? 0) + 1;
      response.writeHead(302, { location: `http://www.alice.test/?step=${step}` }).end();
      return true;
    });
    const { answer } = await call([
      ...['DCV', 'check_domains_via_http', 'domain=www.alice.test', 'dcv_max_redirects=1'],
      'dcv_file_relative_path=/etc',
    ]);
    web.behaviours.delete('www.alice.test');
    const [row] = answer.result.data;
    expect(row.succeeded).toBe(0);
    expect(row.redirects).toEqual(['http://www.alice.test/?step=1', 'http://www.alice.test/?step=2']);
    expect(answer.result.warnings).toHaveLength(1);
  });

  test('a key type tells what it costs, and a check follows only a change', async () => {
    const issued = {
      ...{ fingerprint: createHash('sha256').update(derOf(pair)).digest('hex'), account: 'alice' },
      ...{ vhost: 'alice.test', provider: 'LetsEncrypt', directoryUrl: 'https://ca.test/dir' },
      ...{ acmeAccountUrl: null, orderUrl: null, orderId: 'x', names: ['alice.test'], because: [] },
      ...{ ariCertificateId: null, serial: '01', issuedAt: PROBLEM.at, notBefore: PROBLEM.at },
      notAfter: PROBLEM.at,
    };
    const file = { schemaVersion: 1, vhost: 'alice.test', records: [issued] };
    built.write(`${OWN}/issued/alice.test.json`, JSON.stringify(file), 0o600);
    await call(['SSL', 'set_default_key_type', 'type=rsa-4096']);
    await untilGone('autossl_check', built.root);
    const same = await call(['SSL', 'set_default_key_type', 'type=rsa-4096']);
    expect(same.answer.result.messages).toEqual([
      expect.stringMatching(
        /^New keys are rsa-4096\. This costs 1 certificate: [^\n]+ the last from \d{4}-\d\d-\d\d on\.$/,
      ),
    ]);
    const back = await call(['SSL', 'set_default_key_type', 'type=rsa-2048']);
    await untilGone('autossl_check', built.root);
    expect(back.answer.result.messages).toEqual(['No certificate is touched: new keys are rsa-2048.']);
    const users = readFileSync(built.path('/var/cpanel/users/alice'), 'utf8');
    expect(users).toContain('\nSSL_DEFAULT_KEY_TYPE=rsa-2048\n');
    expect(users).toContain('\nnotify_autossl_expiry=1\n');
  });

  test('the key and the bundle belong to the certificate', async () => {
    const { answer } = await call(['SSL', 'fetch_key_and_cabundle_for_certificate', certificate()]);
    const { key, crt, cab } = answer.result.data;
    expect(pair.keyPem).toContain(key.trim());
    expect(pair.chainPem).toBe(crt + cab);
  });
});

describe('refuses, with nothing changed', () => {
  test.each([
    ['a name of another account', ['SSL', 'add_autossl_excluded_domains', 'domains=bob.test'], 'bob.test'],
    ['what is no name', ['SSL', 'set_autossl_excluded_domains', 'domains=alice.test,a b'], 'a b'],
    [
      'names by DNS where no zone is edited',
      ['DCV', 'check_domains_via_dns', 'domain=alice.test'],
      'no zones',
    ],
    ['no names to add', ['SSL', 'add_autossl_excluded_domains'], 'domains'],
    ['an unknown parameter', ['SSL', 'set_autossl_excluded_domains', 'domain=alice.test'], 'domain'],
    ['a key type that there is not', ['SSL', 'set_default_key_type', 'type=rsa-1024'], 'rsa-1024'],
    ['a name to look at that others have', ['DCV', 'check_domains_via_http', 'domain=bob.test'], 'bob.test'],
    [
      'too many redirects',
      ['DCV', 'check_domains_via_http', 'domain=alice.test', 'dcv_max_redirects=99'],
      '10',
    ],
    ['a certificate that is none', ['SSL', 'get_cabundle', 'cert=x'], '“cert”'],
    [
      'more names than anybody has',
      ['SSL', 'set_autossl_excluded_domains', `domains=${manyNames()}`],
      '2000',
    ],
  ] as const)('%s', async (_, words, named) => {
    const before = filesOf('alice');
    const { exitCode, answer } = await call(words);
    expect(exitCode).toBe(1);
    expect(answer.result).toMatchObject({ status: 0, data: null });
    expect(answer.result.errors).toHaveLength(1);
    expect(answer.result.errors[0]).toContain(named);
    expect(filesOf('alice')).toEqual(before);
  });

  test('a website of another account is given nothing, and nothing of it is taken', async () => {
    const before = readFileSync(built.path('/var/cpanel/ssl/apache_tls/bob.test/combined'), 'utf8');
    const words = ['domain=bob.test', word('cert', other.certPem), word('key', other.keyPem)];
    for (const [name, ...rest] of [
      ['install_ssl', ...words],
      ['delete_ssl', 'domain=bob.test'],
    ] as const) {
      const { exitCode, answer } = await call(['SSL', name, ...rest]);
      expect({ exitCode, ...answer.result }).toMatchObject({ exitCode: 1, status: 0, data: null });
      expect(answer.result.errors[0]).toContain('bob.test');
    }
    expect(readFileSync(built.path('/var/cpanel/ssl/apache_tls/bob.test/combined'), 'utf8')).toBe(before);
  });

  test('what root excludes on behalf of an account is root’s doing, and what was not excluded is told', async () => {
    const own = built.path(`${OWN}/excludes/alice.json`);
    await call(['SSL', 'set_autossl_excluded_domains', 'domains=ftp.alice.test']);
    expect(JSON.parse(readFileSync(own, 'utf8')).autossl_origins).toMatchObject({
      'ftp.alice.test': { by: 'root' },
    });
    const removed = await call(['SSL', 'remove_autossl_excluded_domains', 'domains=ftp.alice.test,x.test']);
    expect(removed.answer.result).toMatchObject({
      status: 1,
      warnings: ['x.test was not excluded: there was nothing to remove.'],
    });
  });

  test('a certificate of another account has no bundle and no key here', async () => {
    for (const [name, parameter] of [
      ['get_cabundle', 'cert'],
      ['fetch_key_and_cabundle_for_certificate', 'certificate'],
    ] as const) {
      const foreign = aCertificate({ names: ['bob.test'], issuer: 'self' });
      const { result } = (await call(['SSL', name, word(parameter, foreign.chainPem)])).answer;
      expect(result).toMatchObject({ status: 0, data: null });
      expect(result.errors[0]).not.toContain('is not known');
    }
  });

  test.each([
    ['no account', ['SSL', 'installed_hosts'], undefined],
    ['an account that there is not', ['SSL', 'installed_hosts'], 'nobody-here'],
    ['what is no account’s name', ['SSL', 'installed_hosts'], '../alice'],
    ['a function that there is not', ['SSL', 'toString'], 'alice'],
    ['a module that there is not', ['Email', 'list_pops'], 'alice'],
    ['a format that there is not', ['--output=xml', 'SSL', 'installed_hosts'], 'alice'],
  ] as const)('%s: exit status 2 and no answer', async (_, words, user) => {
    const all = user === undefined ? words : [`--user=${user}`, ...words];
    const { exitCode, stdout, stderr } = await runBin('uapi', all, built.root);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(/^uapi: [^\n]+\n$/);
  });
});

function derOf({ chainPem }: TestCertificate): Buffer {
  return Buffer.from(chainPem.split('-----')[2] ?? '', 'base64');
}

function manyNames(): string {
  return Array.from({ length: 2001 }, (_, index) => `n${index}.alice.test`).join(',');
}

function filesOf(account: string): readonly string[] {
  return [`/var/cpanel/users/${account}`, `${OWN}/excludes/${account}.json`].map((path) =>
    readFileSync(built.path(path), 'utf8'),
  );
}
