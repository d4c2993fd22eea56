import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { readJsonSync } from 'fs-extra/esm';
import { PATHS } from '../support/acme-proxy.js';
import { buildPrograms } from '../support/bin-program.js';
import { type CaSite, type HostedTree, PEBBLE_TERMS, startCaSite } from '../support/ca-site.js';
import { listTree } from '../support/file-tree.js';
import { faultsOf, installedSet } from '../support/installed-set.js';
import { describeWithParts } from '../support/needs.js';
import { holdInProcessing } from '../support/slow-ca.js';

const ACCOUNT = '/var/cpanel/ssl/autossl/accounts/CustomACME';
const JSON_FILE = '/var/cpanel/autossl.json';
const NEW_TERMS = 'https://ca.example/terms-2';
/** More than any test asks for. */
const ALWAYS = 9999;
const KID = 'kid-1';
const HMAC = createHash('sha256').update('a shared secret').digest('base64url');

describeWithParts('our registration with a CA', ['pebble', 'openssl'], () => {
  let site: CaSite;
  let serial = 0;
  beforeAll(async () => {
    buildPrograms();
    site = await startCaSite();
  });
  afterEach(() => site?.proxy.clear());
  afterAll(async () => site?.stop());

  const aServer = async (options: Parameters<CaSite['host']>[1] = {}): Promise<HostedTree> => {
    serial += 1;
    const domain = `registered${serial}.test`;
    return site.host({ alice: { domain, keyType: 'ecdsa-prime256v1' } }, options);
  };
  const aChosenServer = async (options?: Parameters<CaSite['host']>[1]): Promise<HostedTree> => {
    const hosted = await aServer(options);
    expect(await site.choose(hosted)).toMatchObject({ exitCode: 0, stderr: '' });
    return hosted;
  };
  const expectInstalled = (hosted: HostedTree): void => {
    for (const [vhost, names] of hosted.names)
      expect(faultsOf(hosted, vhost, names, hosted.path('/etc/ssl/roots.pem'))).toEqual([]);
  };
  const keyOf = (hosted: HostedTree): string => readFileSync(hosted.path(`${ACCOUNT}/key.pem`), 'utf8');
  const urlOf = (hosted: HostedTree): string => readJsonSync(hosted.path(`${ACCOUNT}/account.json`)).url;
  const archivesOf = (hosted: HostedTree): readonly string[] =>
    existsSync(hosted.path(`${ACCOUNT}/archive`)) ? readdirSync(hosted.path(`${ACCOUNT}/archive`)) : [];
  const registrations = (): number =>
    site.proxy.requests.filter(
      ({ path, payload }) =>
        path === PATHS.newAccount &&
        (payload as { onlyReturnExisting?: boolean }).onlyReturnExisting !== true,
    ).length;
  /** `whmapi1`, its answer's metadata and data. */
  const whm = async (hosted: HostedTree, ...words: string[]) => {
    const ended = await hosted.run('whmapi1', '--output=json', ...words);
    return { exitCode: ended.exitCode, stderr: ended.stderr, ...JSON.parse(ended.stdout) };
  };
  const changeTerms = (): void => {
    const members = { meta: { termsOfService: NEW_TERMS } };
    site.proxy.fault(PATHS.directory, { kind: 'change', members }, ALWAYS);
  };

  describe('terms that change', () => {
    test('stop the run, are named with the command, and go on once accepted', async () => {
      const hosted = await aChosenServer();
      changeTerms();
      const stopped = await hosted.run('autossl_check', '--all');
      expect(stopped.exitCode).toBe(3);
      expect(stopped.stderr).toContain(`--accept-terms ${NEW_TERMS}`);
      expect(site.proxy.newOrders()).toBe(0);

      const before = readFileSync(hosted.path(JSON_FILE), 'utf8');
      const asked = await hosted.run('autossl', 'provider', 'use', 'CustomACME');
      expect(asked).toMatchObject({ exitCode: 3, stdout: '' });
      expect(asked.stderr).toContain(`are at ${NEW_TERMS} (not “${PEBBLE_TERMS}”) and are not accepted yet`);
      expect(readFileSync(hosted.path(JSON_FILE), 'utf8')).toBe(before);

      const key = keyOf(hosted);
      const accepted = await hosted.run(
        'autossl',
        'provider',
        'use',
        'CustomACME',
        '--accept-terms',
        NEW_TERMS,
      );
      expect(accepted).toMatchObject({ exitCode: 0, stderr: '' });
      expect(keyOf(hosted)).toBe(key);
      expect(await hosted.run('autossl_check', '--all')).toMatchObject({ exitCode: 0, stderr: '' });
      expectInstalled(hosted);
    });

    test('are known to whoever looks, once the directory was asked', async () => {
      const hosted = await aChosenServer();
      changeTerms();
      const before = await hosted.run('autossl', 'provider', 'show');
      expect(before.stdout).toMatch(new RegExp(`^Terms of service: +${PEBBLE_TERMS}$`, 'm'));
      const asked = await hosted.run('autossl', 'provider', 'show', '--ask');
      expect(asked.stdout).toMatch(new RegExp(`^Terms of service: +${NEW_TERMS}$`, 'm'));
      expect(asked.stdout).toMatch(new RegExp(`^Terms accepted: +${PEBBLE_TERMS}$`, 'm'));
      const { data } = await whm(hosted, 'get_autossl_providers');
      const row = data.payload.find((one: { module_name: string }) => one.module_name === 'CustomACME');
      expect(row).toMatchObject({
        enabled: 1,
        x_account_id: urlOf(hosted),
        x_terms_of_service: NEW_TERMS,
        x_terms_of_service_accepted: PEBBLE_TERMS,
      });
    });
  });

  describe('switched off', () => {
    test('nothing is ordered; chosen again without a further word, all is as before', async () => {
      const hosted = await aChosenServer();
      const key = keyOf(hosted);
      expect(await hosted.run('autossl', 'provider', 'disable')).toMatchObject({ exitCode: 0, stderr: '' });
      expect(readJsonSync(hosted.path(JSON_FILE)).provider).toBeNull();
      site.proxy.clear();
      const run = await hosted.run('autossl_check', '--all');
      expect(run).toMatchObject({ exitCode: 0, stdout: '', stderr: expect.stringContaining('disabled') });
      expect(site.proxy.requests).toEqual([]);

      const again = await hosted.run('autossl', 'provider', 'use', 'CustomACME');
      expect(again).toMatchObject({ exitCode: 0, stderr: '' });
      expect(registrations()).toBe(0);
      expect(keyOf(hosted)).toBe(key);
      expect(await hosted.run('autossl_check', '--all')).toMatchObject({ exitCode: 0, stderr: '' });
      expectInstalled(hosted);
    });

    test('by the API too, and on again', async () => {
      const hosted = await aChosenServer();
      expect(await whm(hosted, 'disable_autossl')).toMatchObject({ exitCode: 0, metadata: { reason: 'OK' } });
      const rows = (await whm(hosted, 'get_autossl_providers')).data.payload;
      expect(rows.some(({ enabled }: { enabled: number }) => enabled === 1)).toBe(false);
      const on = await whm(hosted, 'set_autossl_provider', 'provider=CustomACME');
      expect(on).toMatchObject({ exitCode: 0, metadata: { reason: 'OK', result: 1 } });
      expect(readJsonSync(hosted.path(JSON_FILE)).provider).toBe('CustomACME');
    });
  });

  describe('exchanged for another CA', () => {
    test('what nobody trusts, of a rehearsal, is replaced at once; what is trusted stays', async () => {
      const hosted = await aChosenServer();
      expect(await hosted.run('autossl_check', '--all')).toMatchObject({ exitCode: 0, stderr: '' });
      const roots = readFileSync(hosted.path('/etc/ssl/roots.pem'), 'utf8');
      writeFileSync(hosted.path('/etc/ssl/roots.pem'), site.pebble.transport.caPem);
      expect((await hosted.run('autossl_check', '--all')).stdout).toContain('nothing to do');

      expect(await hosted.run('autossl', 'provider', 'use', 'LocalCA')).toMatchObject({ exitCode: 0 });
      writeFileSync(hosted.path('/etc/ssl/roots.pem'), roots);
      expect((await hosted.run('autossl_check', '--all')).stdout).toContain('nothing to do');
      writeFileSync(hosted.path('/etc/ssl/roots.pem'), site.pebble.transport.caPem);
      expect(await hosted.run('autossl_check', '--all')).toMatchObject({ exitCode: 0, stderr: '' });
      const [vhost = ''] = hosted.names.keys();
      expect(installedSet(hosted, vhost).leaf.issuer).toContain('AutoSSL Local CA');
    });
  });

  describe('by the API', () => {
    test.each<[string, string[], string]>([
      ['no provider', ['set_autossl_provider'], 'The parameter “provider” is required.'],
      ['an unknown one', ['set_autossl_provider', 'provider=Acme'], 'there is no provider “Acme”'],
      ['the retired one', ['set_autossl_provider', 'provider=cPanel'], 'autossl provider use LetsEncrypt'],
      [
        'no directory',
        ['set_autossl_provider', 'provider=CustomACME'],
        'needs the address of its ACME directory',
      ],
      [
        'no yes to the terms',
        ['set_autossl_provider', 'provider=CustomACME', 'x_directory=DIR', 'x_ca_bundle=BUNDLE'],
        PEBBLE_TERMS,
      ],
      [
        'a yes to nothing in particular',
        [
          'set_autossl_provider',
          'provider=CustomACME',
          'x_directory=DIR',
          'x_ca_bundle=BUNDLE',
          'x_terms_of_service_accepted=1',
        ],
        '(not “1”)',
      ],
      [
        'a secret in the call',
        ['set_autossl_provider', 'provider=CustomACME', 'x_eab_kid=k', 'x_eab_hmac=c2VjcmV0'],
        '--eab-hmac takes file:PATH',
      ],
      [
        'a property',
        ['set_autossl_provider', 'provider=LocalCA', 'x_folder=/x'],
        'LocalCA has no property “folder”',
      ],
      ['nothing to reset', ['reset_autossl_provider', 'provider=LocalCA'], 'no registration to reset'],
    ])('%s: result 0, a reason that names it, and nothing is changed', async (_, words, reason) => {
      const hosted = await aServer();
      const before = listTree(hosted.root);
      const filled = words.map((word) =>
        word
          .replace('DIR', site.proxy.directoryUrl)
          .replace('BUNDLE', hosted.path('/etc/ssl/ca-transport.pem')),
      );
      const answer = await whm(hosted, ...filled);
      expect(answer).toMatchObject({ exitCode: 1, stderr: '', metadata: { result: 0 } });
      expect(decodeURIComponent(answer.metadata.reason)).toContain(decodeURIComponent(reason));
      expect(answer.metadata.reason).not.toContain('c2VjcmV0');
      expect(listTree(hosted.root)).toEqual(before);
    });

    test('a provider is chosen with the documented parameter, and orders', async () => {
      const hosted = await aServer();
      const answer = await whm(
        hosted,
        ...['set_autossl_provider', 'provider=customacme', `x_directory=${site.proxy.directoryUrl}`],
        `x_ca_bundle=${hosted.path('/etc/ssl/ca-transport.pem')}`,
        `x_terms_of_service_accepted=${PEBBLE_TERMS.replaceAll('%', '%25')}`,
      );
      expect(answer).toMatchObject({ exitCode: 0, metadata: { reason: 'OK', result: 1 } });
      expect(await hosted.run('autossl_check', '--all')).toMatchObject({ exitCode: 0, stderr: '' });
      expectInstalled(hosted);
    });
  });

  describe('made anew', () => {
    test('has another key and account; the former key is archived, the next run orders there', async () => {
      const hosted = await aChosenServer();
      const former = { key: keyOf(hosted), url: urlOf(hosted) };
      const reset = await hosted.run('autossl', 'provider', 'reset');
      expect(reset).toMatchObject({ exitCode: 0, stderr: '' });
      expect(keyOf(hosted)).not.toBe(former.key);
      expect(urlOf(hosted)).not.toBe(former.url);
      expect(reset.stdout).toContain(former.url);
      const [archive = ''] = archivesOf(hosted);
      const archived = hosted.path(`${ACCOUNT}/archive/${archive}/key.pem`);
      expect(readFileSync(archived, 'utf8')).toBe(former.key);
      expect(lstatSync(archived).mode & 0o7777).toBe(0o600);
      expect(lstatSync(hosted.path(`${ACCOUNT}/archive`)).mode & 0o7777).toBe(0o700);
      expect(readdirSync(hosted.path(ACCOUNT)).sort()).toEqual(['account.json', 'archive', 'key.pem']);
      expect(await hosted.run('autossl_check', '--all')).toMatchObject({ exitCode: 0, stderr: '' });
      expectInstalled(hosted);
    });

    test('refused by the CA, the former one stays, and a repetition goes on with the same new key', async () => {
      const hosted = await aChosenServer();
      const former = {
        key: keyOf(hosted),
        url: urlOf(hosted),
        json: readFileSync(hosted.path(JSON_FILE), 'utf8'),
      };
      const fault = { kind: 'problem', status: 403, type: 'unauthorized', detail: 'not today' } as const;
      site.proxy.fault(PATHS.newAccount, fault);
      const refused = await hosted.run('autossl', 'provider', 'reset');
      expect(refused).toMatchObject({ exitCode: 1, stdout: '' });
      expect(refused.stderr).toContain('not today');
      expect([keyOf(hosted), urlOf(hosted)]).toEqual([former.key, former.url]);
      expect(readFileSync(hosted.path(JSON_FILE), 'utf8')).toBe(former.json);
      expect(archivesOf(hosted)).toEqual([]);
      const next = readFileSync(hosted.path(`${ACCOUNT}/next/key.pem`), 'utf8');
      expect(await hosted.run('autossl', 'provider', 'reset')).toMatchObject({ exitCode: 0, stderr: '' });
      expect(keyOf(hosted)).toBe(next);
    });

    test('interrupted after the CA took it: repeated, it is not registered twice', async () => {
      const hosted = await aChosenServer();
      site.proxy.fault(PATHS.newAccount, { kind: 'lose-answer' }, ALWAYS);
      expect((await hosted.run('autossl', 'provider', 'reset')).exitCode).toBe(1);
      const next = readFileSync(hosted.path(`${ACCOUNT}/next/key.pem`), 'utf8');
      site.proxy.clear();
      expect(await hosted.run('autossl', 'provider', 'reset')).toMatchObject({ exitCode: 0, stderr: '' });
      expect(keyOf(hosted)).toBe(next);
      expect(registrations()).toBe(0);
    });

    test('interrupted between the key and its record: the CA knows the account by its key', async () => {
      const hosted = await aChosenServer();
      const record = readFileSync(hosted.path(`${ACCOUNT}/account.json`), 'utf8');
      expect((await hosted.run('autossl', 'provider', 'reset')).exitCode).toBe(0);
      const present = urlOf(hosted);
      renameSync(hosted.path(`${ACCOUNT}/account.json`), hosted.path(`${ACCOUNT}/account.lost`));
      writeFileSync(hosted.path(`${ACCOUNT}/account.json`), record, { mode: 0o600 });
      site.proxy.clear();
      expect(await hosted.run('autossl_check', '--all')).toMatchObject({ exitCode: 0, stderr: '' });
      expect([urlOf(hosted), registrations()]).toEqual([present, 0]);
      expectInstalled(hosted);
    });

    test('orders under way at the former account are told, dropped and made again', async () => {
      const hosted = await aChosenServer({ settings: { run: { patienceSeconds: 1 } } });
      holdInProcessing(site.proxy);
      await hosted.run('autossl_check', '--all');
      const orders = hosted.path('/var/cpanel/ssl/autossl/orders');
      expect(readdirSync(orders)).toHaveLength(1);
      site.proxy.clear();
      const reset = await hosted.run('autossl', 'provider', 'reset');
      expect(reset.stdout).toContain('1 order of the former account');
      const [file = ''] = readdirSync(orders);
      const record = readJsonSync(`${orders}/${file}`);
      writeFileSync(`${orders}/${file}`, JSON.stringify({ ...record, pollAt: record.createdAt }));
      const run = await hosted.run('autossl_check', '--all');
      expect(run).toMatchObject({ exitCode: 0, stderr: '' });
      expect(readdirSync(orders)).not.toContain(file);
      // The run's patience is short; the CA may take longer on a busy machine.
      while (readdirSync(orders).length > 0) await hosted.run('autossl_check_queue', '--force');
      expectInstalled(hosted);
    });

    test('what is not chosen stays so', async () => {
      const hosted = await aChosenServer();
      await hosted.run('autossl', 'provider', 'disable');
      expect(await whm(hosted, 'reset_autossl_provider', 'provider=CustomACME')).toMatchObject({
        exitCode: 0,
        metadata: { reason: 'OK' },
      });
      expect(readJsonSync(hosted.path(JSON_FILE)).provider).toBeNull();
      expect(archivesOf(hosted)).toHaveLength(1);
    });
  });
});

describeWithParts('our registration with a CA that wants external accounts', ['pebble'], () => {
  test('is made anew with the binding that was said, or another, by the API; the key stays secret', async () => {
    buildPrograms();
    const site = await startCaSite({ eab: { [KID]: HMAC } });
    try {
      const hosted = await site.host({ alice: { domain: 'bound.test', keyType: 'ecdsa-prime256v1' } });
      writeFileSync(hosted.path('/etc/hmac'), `${HMAC}\n`, { mode: 0o600 });
      const file = `file:${hosted.path('/etc/hmac')}`;
      expect(await site.choose(hosted, '--eab-kid', KID, '--eab-hmac', file)).toMatchObject({ exitCode: 0 });
      const key = (): string => readFileSync(hosted.path(`${ACCOUNT}/key.pem`), 'utf8');
      const first = key();
      expect(await hosted.run('autossl', 'provider', 'reset')).toMatchObject({ exitCode: 0, stderr: '' });
      const second = key();
      const words = ['provider=CustomACME', `x_eab_kid=${KID}`, `x_eab_hmac=${file}`];
      const answer = await hosted.run('whmapi1', '--output=json', 'reset_autossl_provider', ...words);
      expect(answer).toMatchObject({ exitCode: 0, stderr: '' });
      expect(new Set([first, second, key()]).size).toBe(3);
      const wrong = ['provider=CustomACME', 'x_eab_kid=kid-9', `x_eab_hmac=${file}`];
      const refused = await hosted.run('whmapi1', '--output=json', 'reset_autossl_provider', ...wrong);
      expect(JSON.parse(refused.stdout).metadata).toMatchObject({
        result: 0,
        reason: expect.stringContaining('kid-9'),
      });
      expect(readFileSync(hosted.path(JSON_FILE), 'utf8')).not.toContain('kid-9');
      expect(readFileSync(hosted.path(JSON_FILE), 'utf8')).not.toContain(HMAC);
      expect(await hosted.run('autossl_check', '--all')).toMatchObject({ exitCode: 0, stderr: '' });
      const shown = await hosted.run('autossl', 'provider', 'show');
      expect(shown.stdout).toMatch(new RegExp(`^External account: +${KID}$`, 'm'));
    } finally {
      await site.stop();
    }
  });
});
