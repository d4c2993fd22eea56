import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ProgramResult } from '../demo/program.js';
import { PATHS } from '../support/acme-proxy.js';
import { buildPrograms, runBin } from '../support/bin-program.js';
import { type CaSite, PEBBLE_TERMS, startCaSite } from '../support/ca-site.js';
import type { Behaviour } from '../support/embedded-web.js';
import { listTree } from '../support/file-tree.js';
import { type HostedWebsites, hostWebsites } from '../support/hosted-websites.js';
import { faultsOf, installedSet } from '../support/installed-set.js';
import { describeWithParts } from '../support/needs.js';
import { logFolders } from '../support/run-logs.js';

/** What steers a terminal or turns text around: C0 and C1 controls, DEL, bidirectional and other format characters. */
const STEERING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
/** Text that would, if it were let through. */
const ESCAPES =
  '\u001b[31mred\u001b]0;title\u0007 \u009b2J \u202Egnihtemos\u202C \u2028next\nFAULT  root  all is lost\r';

const EVIL_NAMES = [
  '../../../../etc/victim',
  'a\nb.evil.test',
  'a;touch /tmp/x.evil.test',
  'nul\u0000.evil.test',
  `${'a'.repeat(300)}.evil.test`,
  `${'a.'.repeat(150)}evil.test`,
  '__proto__',
  'constructor',
  '__proto__.evil.test',
  'constructor.evil.test',
  '$(id).evil.test',
  '-rf.evil.test',
  '*.*.evil.test',
  '127.0.0.1',
  ESCAPES,
  '\u202Etset.live',
  'xn--.evil.test',
  '',
];

describeWithParts('hostile words', ['pebble', 'openssl'], () => {
  let site: CaSite;
  beforeAll(async () => {
    buildPrograms();
    site = await startCaSite();
  });
  afterAll(() => site?.stop());

  const check = ({ root }: HostedWebsites, ...words: string[]): Promise<ProgramResult> =>
    runBin('autossl_check', words.length === 0 ? ['--all'] : words, root);

  function faultsOfHonest(hosted: HostedWebsites): string[] {
    const root = hosted.path('/etc/ssl/roots.pem');
    return [...hosted.names].flatMap(([vhost, names]) => faultsOf(hosted, vhost, names, root));
  }

  /** Lines of anything printed or logged that hold what steers a terminal. */
  function steeringLines(hosted: HostedWebsites, ...ends: readonly ProgramResult[]): string[] {
    const logs = logFolders(hosted).flatMap((folder) =>
      ['txt', 'json'].map((file) => readFileSync(join(folder, file), 'utf8')),
    );
    return [...ends.flatMap(({ stdout, stderr }) => [stdout, stderr]), ...logs]
      .flatMap((text) => text.split('\n'))
      .filter((line) => STEERING.test(line));
  }

  /** An account beside the honest ones whose files say the given things. */
  function writeAccount(
    hosted: HostedWebsites,
    account: string,
    files: Readonly<Record<string, string>>,
    user = 'DNS=evil.test\n',
  ): void {
    const folder = hosted.path(`/var/cpanel/userdata/${account}`);
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    writeFileSync(join(hosted.path('/var/cpanel/users'), account), user);
  }
  const yaml = (value: unknown): string => JSON.stringify(value);
  const vhostFile = (account: string, over: object): string =>
    yaml({ servername: 'evil.test', documentroot: `/home/${account}/public_html`, serveralias: '', ...over });

  test('as names, in every documented file, cost at most their own account and reach no path', async () => {
    const hosted = await hostWebsites(site, 'names', { websites: 2 });
    mkdirSync(hosted.path('/etc/victim'));
    for (const [index, name] of EVIL_NAMES.entries()) {
      const main = { main_domain: 'evil.test', addon_domains: {}, parked_domains: [], sub_domains: [] };
      const account = (kind: string): string => `${kind}${index}`;
      const alias = { main: yaml(main), 'evil.test': vhostFile(account('a'), { serveralias: name }) };
      writeAccount(hosted, account('a'), alias);
      writeAccount(hosted, account('m'), { main: yaml({ ...main, main_domain: name }) }, `DNS=${name}\n`);
      writeAccount(hosted, account('s'), { main: yaml({ ...main, sub_domains: [name] }) });
      writeAccount(hosted, account('p'), { main: yaml({ ...main, parked_domains: [name] }) });
      writeAccount(hosted, account('d'), { main: yaml({ ...main, addon_domains: { [name]: name } }) });
      const home = { documentroot: name, homedir: name };
      writeAccount(hosted, account('h'), { main: yaml(main), 'evil.test': vhostFile('h', home) });
      const user = `DNS=evil.test\nOWNER=${name}\nPLAN=${name}\nFEATURELIST=${name}\nSSL_DEFAULT_KEY_TYPE=${name}\nCONTACTEMAIL=${name}\nUSER=u${index}\n`;
      writeAccount(hosted, account('u'), { main: yaml(main) }, user);
      const excludes = hosted.path('/var/cpanel/ssl/autossl/excludes');
      mkdirSync(excludes, { recursive: true, mode: 0o700 });
      writeFileSync(join(excludes, `x${index}.json`), JSON.stringify({ excluded_domains: [name] }), {
        mode: 0o600,
      });
      writeAccount(hosted, account('x'), { main: yaml(main), 'evil.test': vhostFile('x', {}) });
    }
    for (const name of ['__proto__', 'constructor', 'a\nb', '..x', '-rf', ESCAPES.replaceAll('/', '')]) {
      writeFileSync(join(hosted.path('/var/cpanel/users'), name), 'DNS=evil.test\n');
      mkdirSync(join(hosted.path('/var/cpanel/userdata'), name), { recursive: true });
      writeFileSync(join(hosted.path('/var/cpanel/userdata'), name, '__proto__'), vhostFile('x', {}));
    }
    const rows = EVIL_NAMES.map(
      (name) => `${name}: evil==root==main==${name}==${name}==192.0.2.10:80==192.0.2.10:443====0==`,
    );
    const index = hosted.path('/etc/userdatadomains');
    writeFileSync(
      index,
      `${readFileSync(index, 'utf8')}${rows.join('\n')}\n__proto__: __proto__==__proto__==main==x==x\n`,
    );
    const isOurs = /^(?:var\/cpanel\/(?:ssl|logs|acme-challenge|\.autossl_state)|var\/cpanel )/;
    const untouched = (): string[] => listTree(hosted.root).filter((line) => !isOurs.test(line));
    const before = untouched();

    const dry = await check(hosted, '--all', '--dry-run');
    const ended = await check(hosted, '--all', '--verbose');
    expect([0, 1]).toContain(ended.exitCode);
    expect(faultsOfHonest(hosted)).toEqual([]);
    expect(untouched()).toEqual(before);
    expect(steeringLines(hosted, dry, ended, await check(hosted, '--all', '--json'))).toEqual([]);
    const made = ['apache_tls', 'domain_tls', 'autossl/issued', 'autossl/problems', 'autossl/locks'].flatMap(
      (folder) => readdirSync(hosted.path(`/var/cpanel/ssl/${folder}`)),
    );
    expect(made.filter((name) => !/^[A-Za-z0-9_][A-Za-z0-9_.:-]*$/.test(name))).toEqual([]);
  }, 300_000);

  test('as keys of our settings are refused or passed over, and change nothing of any object', async () => {
    const hosted = await hostWebsites(site, 'keys', { websites: 1 });
    const properties = { terms_of_service_accepted: PEBBLE_TERMS, directory_url: site.proxy.directoryUrl };
    const json = JSON.stringify({
      provider: 'CustomACME',
      provider_properties: { CustomACME: properties, constructor: { prototype: { polluted: 1 } } },
      metadata: { constructor: 1 },
    }).replace('{', '{"__proto__":{"provider":"LocalCA","polluted":1},');
    writeFileSync(hosted.path('/var/cpanel/autossl.json'), json, { mode: 0o600 });
    const ended = await check(hosted);
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
    expect(faultsOfHonest(hosted)).toEqual([]);
    const settings = readFileSync(hosted.path('/etc/autossl.yaml'), 'utf8');
    for (const key of ['__proto__', 'constructor', 'prototype']) {
      for (const text of [`${settings}\n${key}: { x: 1 }\n`, `${settings}\nrun: { ${key}: { x: 1 } }\n`]) {
        writeFileSync(hosted.path('/etc/autossl.yaml'), text, { mode: 0o600 });
        const refused = await check(hosted);
        expect(refused).toMatchObject({ exitCode: 3, stdout: '' });
        expect(refused.stderr).toMatch(
          new RegExp(`^autossl_check: [^\\n]*no setting [^\\n]*${key}[^\\n]*\\n$`),
        );
      }
    }
  });

  test('of the CA never reach a terminal or a log as they are', async () => {
    const hosted = await hostWebsites(site, 'ca', { websites: 4 });
    const subproblems = [{ type: 'caa', detail: ESCAPES, name: 'www.site1.ca.test' }];
    const problem = { kind: 'problem', detail: ESCAPES } as const;
    site.proxy.fault(PATHS.newOrder, { ...problem, status: 403, type: 'rejectedIdentifier', subproblems });
    site.proxy.fault(PATHS.newOrder, { ...problem, status: 400, type: ESCAPES });
    site.proxy.fault(PATHS.finalize, { ...problem, status: 403, type: 'badCSR' });
    site.proxy.fault(PATHS.certificate, { kind: 'garbage', body: ESCAPES, contentType: `text/plain` });
    const ended = await check(hosted, '--all', '--verbose');
    expect(ended.exitCode).toBe(1);
    expect(ended.stdout).toContain('\\u{1b}[31mred');
    site.proxy.fault(PATHS.newOrder, { ...problem, status: 429, type: 'rateLimited', retryAfter: '120' });
    const again = await check(hosted, '--all', '--json');
    expect(steeringLines(hosted, ended, again)).toEqual([]);
    site.proxy.clear();
  });

  test('two thousand aliases end in bounded time; the provider’s limit is said', async () => {
    const hosted = await hostWebsites(site, 'many', { websites: 2 });
    const aliases = Array.from({ length: 2000 }, (_, number) => `alias${number}.many.test`);
    const folder = hosted.path('/var/cpanel/userdata/user1');
    const path = join(folder, 'site1.many.test');
    const text = readFileSync(path, 'utf8').replace(
      /serveralias: (.*)/,
      `serveralias: $1 ${aliases.join(' ')}`,
    );
    writeFileSync(path, text);
    writeFileSync(hosted.path('/etc/userdatadomains'), '');
    const serve: Behaviour = (request, response) => {
      const token = request.url?.split('/').at(-1) ?? '';
      response.end(readFileSync(join(hosted.tree.challenges(), token)));
    };
    for (const name of aliases.flatMap((alias) => [alias, `www.${alias}`, `mail.${alias}`])) {
      site.dns.zones.set(name, { A: ['127.0.0.1'] });
      site.web.behaviours.set(name, serve);
    }
    const ended = await check(hosted);
    expect([ended.exitCode, ended.stderr]).toEqual([0, '']);
    expect(ended.stdout).toContain('2 certificates installed');
    expect(ended.stdout).toMatch(
      /More names than the provider takes in one certificate; left out: .* and 58\d\d more/,
    );
    expect(installedSet(hosted, 'site1.many.test').names).toHaveLength(100);
    expect(installedSet(hosted, 'site1.many.test').names).toContain('site1.many.test');
  }, 300_000);
});
