import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { WHM_FUNCTIONS } from '../../../src/api/whm/tables/table.js';
import { buildPrograms, runBin } from '../../support/bin-program.js';
import { shapeFaults } from '../../support/documented-shape.js';
import { aCertificate, anIntermediate, aRoot } from '../../support/pki.js';
import { aTree, type BuiltTree } from '../../support/tree-builder.js';
import { untilGone } from '../../support/until-gone.js';

const STARTED = '2026-03-03T23:26:01Z';
const RECORD = {
  timestamp: '2026-03-03T23:26:05Z',
  type: 'out',
  indent: 2,
  pid: 29189,
  partial: 0,
  contents: 'Analyzing “alice.test” (website) …\n',
};

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

const PROBLEMS = {
  schemaVersion: 1,
  account: 'alice',
  problems: [
    {
      domain: 'www.alice.test',
      vhost: 'alice.test',
      code: 'NXDOMAIN',
      message: 'the name does not exist',
      advice: null,
      at: '2026-03-03T23:27:00.000Z',
      logStartedAt: STARTED,
    },
  ],
};
/** A provider that can be registered with without a network. */
const MODULE = `export const describe = () => ({ displayName: 'Third' });
export const issue = () => null;
export const reset = () => null;
`;
/** Of 90 days, for every name of alice's website; issuers are to be found by whoever installs it. */
const given = aCertificate({
  names: ['alice.test', 'www.alice.test', 'elsewhere.test'],
  notBefore: new Date(Date.now() - 86_400_000),
});
const forServices = aCertificate({
  names: ['host.alice.test'],
  notBefore: new Date(Date.now() - 86_400_000),
});
const bundle = anIntermediate().certPem;
// What answers to fetchsslinfo and restartservice hold is [memory].
const word = (name: string, pem: string): string => `${name}=${encodeURIComponent(pem)}`;

/** Words with which a function answers as documented; those before it prepare that. */
const CALLS: readonly (readonly [string, ...string[]])[] = [
  ['get_autossl_metadata'],
  ['set_autossl_metadata', 'metadata_json=%7B%22notify_autossl_expiry%22%3A1%7D'],
  ['set_autossl_metadata_key', 'key=notify_autossl_expiry', 'value=1'],
  [
    'add_autossl_user_excluded_domains',
    'username=alice',
    'domain=www.alice.test',
    'domain-1=mail.alice.test',
  ],
  ['get_autossl_user_excluded_domains', 'username=alice'],
  ['remove_autossl_user_excluded_domains', 'username=alice', 'domain=www.alice.test'],
  ['set_autossl_user_excluded_domains', 'username=alice'],
  ['get_autossl_providers'],
  ['applist'],
  ['gethostname'],
  ['is_sni_supported'],
  ['enable_mail_sni', 'domain=alice.test', 'domain-1=nobodys.test'],
  ['disable_mail_sni', 'domain=alice.test', 'domain-1=www.alice.test'],
  ['rebuildinstalledssldb'],
  ['get_feature_names'],
  ['add_override_features_for_user', 'user=alice', 'features={"autossl":1}'],
  ['remove_override_features_for_user', 'user=alice', 'features=["autossl"]'],
  ['get_autossl_pending_queue'],
  ['get_autossl_pending_queue_for_domain', 'domain=WWW.alice.test'],
  ['get_autossl_pending_queue_for_user', 'username=alice'],
  ['get_autossl_problems_for_user', 'username=alice'],
  ['get_autossl_problems_for_domain', 'domain=WWW.alice.test'],
  ['get_autossl_check_schedule'],
  ['get_autossl_logs_catalog'],
  ['get_autossl_log', `start_time=${STARTED}`],
  ['start_autossl_check_for_one_user', 'username=alice'],
  ['start_autossl_check_for_all_users'],
  ['set_autossl_provider', 'provider=LocalCA'],
  ['reset_autossl_provider', 'provider=ThirdParty'],
  ['disable_autossl'],
  // These begin logs of their own, and drop the order that pends.
  [
    'installssl',
    'domain=www.alice.test',
    word('crt', given.certPem),
    word('key', given.keyPem),
    word('cab', bundle),
    'ip=192.0.2.10',
  ],
  [
    'enqueue_deferred_ssl_installations',
    'username=alice',
    'vhost_name=alice.test',
    word('crt', given.certPem),
    word('key', given.keyPem),
    'cab=',
  ],
  ['fetch_ssl_vhosts'],
  ['fetch_vhost_ssl_components'],
  ['fetchsslinfo', 'domain=alice.test'],
  ['listcrts', 'user=alice'],
  ['generatessl', 'domains=example.com,www.example.com', 'countryName=US', 'emailAddress=a@example.com'],
  ['delete_ssl_vhost', 'host=alice.test'],
  [
    'install_service_ssl_certificate',
    'service=exim',
    word('crt', forServices.certPem),
    word('key', forServices.keyPem),
    word('cabundle', bundle),
  ],
  ['fetch_service_ssl_components'],
  ['get_best_ssldomain_for_service', 'service=exim'],
  ['reset_service_ssl_certificate', 'service=exim'],
  ['restartservice', 'service=exim'],
];

/** No daemon of this machine is asked or told anything. */
const SETTINGS = `trustAnchors: /etc/ssl/roots.pem
webServer: { kind: none }
services:
  cpanel: { kind: none }
  exim: { kind: command, reloadCommand: [/bin/true] }
  dovecot: { kind: none }
  ftp: { kind: none }
`;

let built: BuiltTree;
beforeAll(() => {
  buildPrograms();
  const log = `/var/cpanel/logs/autossl/${STARTED}`;
  built = aTree()
    .account('alice', { domain: 'alice.test' })
    .file('/var/cpanel/autossl-providers/ThirdParty.mjs', MODULE)
    // Chosen, but without a directory: a check that is started ends at once.
    .autosslJson({ provider: 'CustomACME' })
    .file('/etc/hostname', 'host.alice.test\n')
    .file('/etc/ssl/roots.pem', aRoot().certPem)
    .file('/etc/autossl.yaml', SETTINGS, 0o600)
    .file(`${log}/json`, `${JSON.stringify(RECORD)}\n{"cut off`)
    .file(`/var/cpanel/ssl/autossl/orders/${ORDER.id}.json`, JSON.stringify(ORDER), 0o600)
    .file('/var/cpanel/ssl/autossl/problems/alice.json', JSON.stringify(PROBLEMS), 0o600)
    .file('/etc/cron.d/cpanel_autossl', '14 2 * * * root /x/autossl_check --all\n')
    .build();
  symlinkSync('LetsEncrypt', join(built.path(log), 'provider'));
  symlinkSync('*', join(built.path(log), 'username'));
});
afterAll(async () => {
  await untilGone('autossl_check', built.root);
  await built.cleanUp();
});

test('every function has a documented sample and is called here', () => {
  const names = WHM_FUNCTIONS.map(({ name }) => name);
  expect([...new Set(CALLS.map(([name]) => name))].sort()).toEqual([...names].sort());
  for (const name of names) expect(readdirSync('fixtures/api')).toContain(`${name}.json`);
});

describe('answers as documented', () => {
  test.each(CALLS.map((call) => [call[0], call] as const))('%s', async (name, words) => {
    const { exitCode, stdout, stderr } = await runBin('whmapi1', ['--output=json', ...words], built.root);
    const sample = JSON.parse(readFileSync(`fixtures/api/${name}.json`, 'utf8'));
    const { result } = sample.metadata;
    const answer = JSON.parse(stdout);
    const { reason } = answer.metadata;
    expect({ exitCode, stderr, reason }).toEqual({ exitCode: result === 1 ? 0 : 1, stderr: '', reason });
    expect(shapeFaults(sample, answer)).toEqual([]);
    expect(answer.metadata).toMatchObject({ command: name, result, version: 1 });
    expect(answer.metadata.reason === 'OK').toBe(result === 1);
    expect('data' in answer).toBe('data' in sample);
  });
});

test('enable_mail_sni names the domains that nobody here has, and no others', async () => {
  const words = ['enable_mail_sni', 'domain=ALICE.test', 'domain-1=nobodys.test', 'domain-2=no name'];
  const { stdout } = await runBin('whmapi1', ['--output=json', ...words], built.root);
  const { data } = JSON.parse(stdout);
  expect(data.updated_domains).toEqual({});
  expect(Object.keys(data.failed_domains)).toEqual(['no name', 'nobodys.test']);
});

describe('parameters from standard input', () => {
  const withInput = (name: string, input: object) => {
    const words = ['bin/whmapi1', name, '--input=json', '--output=json'];
    const options = { input: JSON.stringify(input), encoding: 'utf8', maxBuffer: 1 << 26 } as const;
    const env = { ...process.env, AUTOSSL_ROOT: built.root };
    return JSON.parse(spawnSync(process.execPath, words, { ...options, env }).stdout);
  };

  test('are those of the function', () => {
    expect(withInput('set_autossl_metadata_key', { key: 'notify_autossl_expiry', value: 1 })).toEqual({
      metadata: { command: 'set_autossl_metadata_key', reason: 'OK', result: 1, version: 1 },
    });
    expect(
      withInput('add_autossl_user_excluded_domains', { username: 'alice', domain: ['a%.test'] }),
    ).toEqual({
      metadata: expect.objectContaining({ result: 0, reason: expect.stringContaining('“a%.test”') }),
    });
  });

  test('a certificate of 5 MB is refused for its length', () => {
    const crt = 'x'.repeat(5 * 1024 * 1024);
    const { metadata } = withInput('installssl', { domain: 'alice.test', crt, key: 'k' });
    expect(metadata).toMatchObject({ result: 0, reason: expect.stringContaining('“crt” is longer than') });
  });
});

test('a property that a provider does not have is answered with those that there are', async () => {
  const words = ['set_autossl_provider', 'provider=CustomACME', 'x_directory_url=https://ca.test/dir'];
  const { stdout } = await runBin('whmapi1', ['--output=json', ...words], built.root);
  expect(JSON.parse(stdout).metadata).toMatchObject({
    result: 0,
    reason: expect.stringMatching(/no property “directory_url”.*x_directory \(--directory\)/),
  });
});
