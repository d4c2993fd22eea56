import { chownSync, existsSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readJsonSync } from 'fs-extra/esm';
import { buildPrograms } from '../support/bin-program.js';
import { type CaSite, type HostedTree, startCaSite } from '../support/ca-site.js';
import { installedSet } from '../support/installed-set.js';
import { describeWithParts } from '../support/needs.js';

const MODULES = '/var/cpanel/autossl-providers';
const EXAMPLE = readFileSync('fixtures/providers/ExampleCA.mjs', 'utf8');
const TERMS = 'https://ca.example/terms';
/** Long enough for openssl on a busy machine, short enough to wait for what hangs. */
const TIMEOUT_SECONDS = 20;
/** The same where every second is waited for. */
const HANGING_SECONDS = 4;
const NOBODY = 65_534;

describeWithParts('providers of third parties', ['pebble', 'openssl'], () => {
  let site: CaSite;
  let serial = 0;
  beforeAll(async () => {
    buildPrograms();
    site = await startCaSite();
  });
  afterAll(async () => site?.stop());

  const aServer = (modules: Readonly<Record<string, string>>, timeoutSeconds = TIMEOUT_SECONDS) => {
    serial += 1;
    return site.host(
      { alice: { domain: `third${serial}.test`, keyType: 'ecdsa-prime256v1' } },
      {
        settings: { acme: { timeoutSeconds } },
        furnish: (builder) =>
          Object.entries(modules).reduce(
            (one, [file, source]) => one.file(`${MODULES}/${file}`, source, 0o644),
            builder,
          ),
      },
    );
  };
  const choose = (hosted: HostedTree, ...words: string[]) =>
    hosted.run('autossl', 'provider', 'use', 'ExampleCA', '--accept-terms', TERMS, ...words);
  const chooseWithFolder = (hosted: HostedTree) =>
    choose(hosted, '--set', `folder=${hosted.path('/root/ca')}`);
  const check = (hosted: HostedTree) => hosted.run('autossl_check', '--all');
  const vhostOf = (hosted: HostedTree): string => [...hosted.names.keys()][0] ?? '';
  const issuerOf = (hosted: HostedTree): string => installedSet(hosted, vhostOf(hosted)).leaf.issuer;
  const replaceModule = (hosted: HostedTree, source: string): void =>
    hosted.write(`${MODULES}/ExampleCA.mjs`, source);
  const aChosenServer = async (source = EXAMPLE): Promise<HostedTree> => {
    const hosted = await aServer({ 'ExampleCA.mjs': EXAMPLE });
    expect(await chooseWithFolder(hosted)).toMatchObject({ exitCode: 0, stderr: '' });
    // Trusted on this server, as a CA of one's own is.
    const roots = hosted.path('/etc/ssl/roots.pem');
    writeFileSync(roots, readFileSync(roots, 'utf8') + readFileSync(hosted.path('/root/ca/ca.pem'), 'utf8'));
    replaceModule(hosted, source);
    return hosted;
  };
  /** The example with another issue(). */
  const issuing = (body: string): string =>
    `${EXAMPLE.replace('export function issue(', 'export function sign(')}\nexport async function issue(request) { ${body} }\n`;

  describe('the worked example', () => {
    test('is listed, asks for its terms and its folder, is chosen, issues, and has nothing more to do', async () => {
      const hosted = await aServer({ 'ExampleCA.mjs': EXAMPLE });
      const list = await hosted.run('autossl', 'provider', 'list');
      expect(list).toMatchObject({ exitCode: 0, stderr: '' });
      expect(list.stdout).toMatch(/^ExampleCA +Example CA /m);
      const asked = await hosted.run('autossl', 'provider', 'use', 'exampleca');
      expect(asked).toMatchObject({ exitCode: 3, stdout: '' });
      expect(asked.stderr).toContain(`autossl provider use ExampleCA --accept-terms ${TERMS}`);
      const refused = await choose(hosted);
      expect(refused).toMatchObject({ exitCode: 1, stdout: '' });
      expect(refused.stderr).toContain('say where its CA is kept');
      const mistyped = await choose(hosted, '--set', 'fodler=/x');
      expect(mistyped).toMatchObject({ exitCode: 2 });
      expect(mistyped.stderr).toContain(
        'ExampleCA has no property “fodler”. Its own are: folder; all providers know x_directory',
      );
      expect(existsSync(hosted.path('/var/cpanel/autossl.json'))).toBe(false);

      expect(await chooseWithFolder(hosted)).toMatchObject({ exitCode: 0, stderr: '' });
      const run = await check(hosted);
      expect(run).toMatchObject({ exitCode: 0, stderr: '' });
      expect(issuerOf(hosted)).toContain('Example CA');
      const { names } = installedSet(hosted, vhostOf(hosted));
      expect(names).toEqual([...(hosted.names.get(vhostOf(hosted)) ?? [])].sort());
      const issued = readJsonSync(hosted.path(`/var/cpanel/ssl/autossl/issued/${vhostOf(hosted)}.json`));
      expect(issued.records).toMatchObject([{ provider: 'ExampleCA' }]);
      const second = await check(hosted);
      expect(second.stdout).toContain('nothing to do');
    });

    test('shows itself by the API, and is registered anew by it', async () => {
      const hosted = await aChosenServer();
      const url = `${hosted.path('/var/cpanel/ssl/autossl/accounts/ExampleCA')}/account.json`;
      const { keyThumbprint } = readJsonSync(url);
      const listed = await hosted.run('whmapi1', '--output=json', 'get_autossl_providers');
      const row = JSON.parse(listed.stdout).data.payload.at(-1);
      expect(row).toMatchObject({
        module_name: 'ExampleCA',
        display_name: 'Example CA',
        enabled: 1,
        specs: { DCV_METHODS: ['http'], DELIVERY_METHOD: 'api', VALIDITY_PERIOD: 7_776_000 },
        x_terms_of_service: TERMS,
        x_terms_of_service_accepted: TERMS,
        x_folder: hosted.path('/root/ca'),
      });
      const reset = await hosted.run(
        'whmapi1',
        '--output=json',
        'reset_autossl_provider',
        'provider=ExampleCA',
      );
      expect(JSON.parse(reset.stdout).metadata).toMatchObject({ result: 1, reason: 'OK' });
      expect(readJsonSync(url).keyThumbprint).not.toBe(keyThumbprint);
    });
  });

  describe('what a module does with an order', () => {
    test('not ready yet: the order is parked, polled, and installed once it is there', async () => {
      const pending = issuing(
        `return { pending: { reference: JSON.stringify(request.names), retryAfterSeconds: 0 } };`,
      );
      const collect = `export async function collect(request) {
        if (request.reference !== JSON.stringify(request.names)) throw new Error('not its own words');
        return sign(request);
      }`;
      const hosted = await aChosenServer(
        `${pending}\nexport async function collect() { return { pending: { retryAfterSeconds: 3600 } }; }\n`,
      );
      replaceModule(
        hosted,
        `${pending.replace('displayName', "deliveryMethod: 'queue', displayName")}\n${collect}`,
      );
      const run = await check(hosted);
      expect(run).toMatchObject({ exitCode: 0, stderr: '' });
      const queue = await hosted.run('autossl_check_queue', '--force', '--json');
      expect(queue).toMatchObject({ exitCode: 0, stderr: '' });
      expect(issuerOf(hosted)).toContain('Example CA');
    });

    test('one name refused: the order is made again without it', async () => {
      const hosted = await aChosenServer(
        issuing(`
          const names = request.names.filter((name) => name.startsWith('mail.'));
          return names.length === 0 ? sign(request) : { refused: { why: 'no mail here', names } };`),
      );
      expect(await check(hosted)).toMatchObject({ exitCode: 0, stderr: '' });
      const { names } = installedSet(hosted, vhostOf(hosted));
      expect(names).toEqual(
        (hosted.names.get(vhostOf(hosted)) ?? []).filter((name) => !name.startsWith('mail.')).sort(),
      );
    });

    test('names proved by files: it finds token and thumbprint where a CA looks', async () => {
      const hosted = await aChosenServer(`${EXAMPLE}
        import { randomBytes } from 'node:crypto';
        import http from 'node:http';
        export function order({ names }) {
          return {
            reference: 'r1',
            challenges: names.map((name) => ({ name, token: randomBytes(16).toString('hex') })),
          };
        }
        export async function validate({ name, token, account }) {
          const path = '/.well-known/acme-challenge/' + token;
          const options = { host: '127.0.0.1', port: ${site.pebble.httpPort}, path, headers: { host: name } };
          const body = await new Promise((resolve, reject) => {
            http.get(options, (answer) => {
              let text = '';
              answer.on('data', (part) => { text += part; });
              answer.on('end', () => resolve(text));
            }).on('error', reject);
          });
          const isRight = body === token + '.' + account.keyThumbprint;
          return isRight ? true : { refused: { why: 'the file holds ' + body } };
        }`);
      expect(await check(hosted)).toMatchObject({ exitCode: 0, stderr: '' });
      expect(issuerOf(hosted)).toContain('Example CA');
    });

    test('a rate limit stops the account, as that of any CA', async () => {
      const hosted = await aChosenServer(
        `${EXAMPLE}\nexport function order() { return { refused: { why: 'enough', type: 'rateLimited', retryAfterSeconds: 7200 } }; }`,
      );
      const run = await check(hosted);
      expect(run.stdout).toContain('enough');
      replaceModule(hosted, EXAMPLE);
      const second = await check(hosted);
      expect(second.stdout).toContain('enough');
      expect(
        readJsonSync(hosted.path('/var/cpanel/ssl/autossl/ledger/ExampleCA.json')).stoppedUntil,
      ).not.toBeNull();
    });

    test.each([
      ['throws', `throw new Error('no\\u001b[2J paper\\nleft')`, 'failed in issue(): no'],
      [
        'prints and throws',
        `console.log('x'.repeat(1e6)); throw new Error('no paper')`,
        'failed in issue(): no paper',
      ],
      ['exits', `process.exit(0)`, 'failed in issue(): it ended without an answer'],
      ['answers nothing', ``, 'its answer is garbage'],
      ['answers garbage', `return { chainPem: 'hello' }`, 'its chainPem is no chain of certificates'],
      [
        'answers with its key',
        `return { chainPem: (await import('node:fs')).readFileSync(request.properties.folder + '/ca.key', 'utf8') }`,
        'its chainPem is no chain of certificates',
      ],
      [
        'answers for other names',
        `return sign({ ...request, names: ['other.test'] })`,
        'its certificate is for other names',
      ],
    ])(
      '%s: one clear line, the website keeps what it has, and once mended all goes on',
      async (_, body, line) => {
        const hosted = await aChosenServer(issuing(body));
        const run = await check(hosted);
        expect(run.stderr).toBe('');
        const lines = run.stdout.split('\n').filter((one) => one.includes('failed in issue()'));
        expect(lines).toHaveLength(1);
        expect(lines[0]).toContain(line);
        expect(run.stdout).not.toContain('\u001b');
        expect(run.stdout).not.toContain('xxxxxxxxxx');
        expect(issuerOf(hosted)).not.toContain('Example CA');
        replaceModule(hosted, EXAMPLE);
        expect(await hosted.run('autossl_check_queue', '--force')).toMatchObject({ exitCode: 0, stderr: '' });
        expect(issuerOf(hosted)).toContain('Example CA');
      },
    );

    test('prints, and answers: what it prints is nobody’s', async () => {
      const hosted = await aChosenServer(
        issuing(`
          console.log('{"state":"done","value":{"chainPem":"x"}}');
          process.stdout.write('noise');
          (await import('node:fs')).writeSync(1, 'noise');
          return sign(request);`),
      );
      const run = await check(hosted);
      expect(run).toMatchObject({ exitCode: 0, stderr: '' });
      expect(run.stdout).not.toContain('noise');
      expect(issuerOf(hosted)).toContain('Example CA');
    });

    test('hangs, even so that nothing else can run in its process: it is ended', async () => {
      const hosted = await aServer({ 'ExampleCA.mjs': EXAMPLE });
      await chooseWithFolder(hosted);
      replaceModule(hosted, issuing(`for (;;);`));
      const settings = readFileSync(hosted.path('/etc/autossl.yaml'), 'utf8');
      hosted.write(
        '/etc/autossl.yaml',
        settings.replace(/timeoutSeconds: \d+/, `timeoutSeconds: ${HANGING_SECONDS}`),
        0o600,
      );
      const run = await check(hosted);
      expect(run.stderr).toBe('');
      expect(run.stdout).toContain(`failed in issue(): it took longer than ${HANGING_SECONDS} seconds`);
    });
  });

  describe('what a module is told and asked', () => {
    /** The example, which writes down each of its calls. */
    const telling = (hosted: HostedTree, more = ''): string => `${EXAMPLE}
      import { appendFileSync } from 'node:fs';
      const tell = (call, { account, properties, ...rest }) =>
        appendFileSync('${hosted.path('/told')}', JSON.stringify([call, rest]) + '\\n');
      export const onStartCheck = (said) => tell('start', said);
      export const onFinishCheck = (said) => tell('finish', said);
      export const onAccountRename = (said) => tell('rename', said);
      export const onAccountTermination = (said) => tell('termination', said);
      ${more}`;
    const told = (hosted: HostedTree): readonly unknown[] =>
      readFileSync(hosted.path('/told'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));

    test('runs, and accounts that are gone or called otherwise, each once', async () => {
      const hosted = await aChosenServer();
      replaceModule(hosted, telling(hosted));
      expect(await check(hosted)).toMatchObject({ exitCode: 0, stderr: '' });
      await hosted.run('autossl_check', '--user=alice');
      expect(told(hosted)).toEqual([
        ['start', { username: null }],
        ['finish', { username: null }],
        ['start', { username: 'alice' }],
        ['finish', { username: 'alice' }],
      ]);
      rmSync(hosted.path('/told'));
      rmSync(hosted.path('/var/cpanel/users/alice'));
      await check(hosted);
      await check(hosted);
      expect(told(hosted).filter((one) => JSON.stringify(one).includes('termination'))).toEqual([
        ['termination', { formerUsername: 'alice' }],
      ]);
    });

    test('names that passed here: what it would refuse is left out, and its owner told', async () => {
      const hosted = await aChosenServer();
      const errors = `export const getVhostDcvErrors = ({ username, domains, dcvMethod }) =>
        domains.map((one) => (one.startsWith('mail.') ? ['no mail for ' + username + ' by ' + dcvMethod[one]] : []));`;
      replaceModule(hosted, `${EXAMPLE}\n${errors}`);
      const run = await check(hosted);
      expect(run).toMatchObject({ exitCode: 0, stderr: '' });
      expect(run.stdout).toContain('no mail for alice by http');
      const { names } = installedSet(hosted, vhostOf(hosted));
      expect(names.some((name) => name.startsWith('mail.'))).toBe(false);
      expect(names.length).toBeGreaterThan(0);
    });

    test.each([
      ['onStartCheck', `throw new Error('no coffee')`, 'failed in onStartCheck(): no coffee'],
      ['getVhostDcvErrors', `return [['one list too few']].slice(1)`, 'failed in getVhostDcvErrors()'],
    ])('%s() that fails: one line, and the run goes on', async (call, body, line) => {
      const hosted = await aChosenServer();
      replaceModule(hosted, `${EXAMPLE}\nexport function ${call}() { ${body} }\n`);
      const run = await check(hosted);
      expect(run).toMatchObject({ exitCode: 0, stderr: '' });
      expect(issuerOf(hosted)).toContain('Example CA');
      const log = await hosted.run('whmapi1', '--output=json', 'get_autossl_logs_catalog');
      const [{ start_time: started }] = JSON.parse(log.stdout).data.payload;
      const text = readFileSync(hosted.path(`/var/cpanel/logs/autossl/${started}/txt`), 'utf8');
      expect(text.split('\n').filter((one) => one.includes(line))).toHaveLength(1);
    });
  });

  describe('modules that are none', () => {
    test.each([
      ['is no JavaScript', 'export function', 'failed in describe()'],
      ['throws when loaded', `throw new Error('not today'); export const x = 1;`, 'not today'],
      ['exits when loaded', 'process.exit(3);', 'it ended without an answer (code 3)'],
      ['never ends loading', 'await new Promise(() => {});', 'it ended without an answer (code 13)'],
      ['has no describe()', 'export const x = 1;', 'it exports no describe()'],
      ['hangs', 'export function describe() { for (;;); }', `it took longer than ${HANGING_SECONDS} seconds`],
      [
        'describes a circle',
        'export function describe() { const a = {}; a.a = a; return a; }',
        'failed in describe()',
      ],
      ['describes nothing', 'export function describe() {}', 'its describe() gives no object'],
    ])('%s: one line, and the others are as they are', async (_, source, line) => {
      const hosted = await aServer(
        { 'Bad.mjs': source },
        source.includes('for (;;)') ? HANGING_SECONDS : undefined,
      );
      const list = await hosted.run('autossl', 'provider', 'list');
      expect(list.exitCode).toBe(1);
      expect(list.stderr.trimEnd().split('\n')).toEqual([expect.stringContaining(line)]);
      expect(list.stderr).toContain('Bad');
      expect(list.stdout).toContain('LetsEncrypt');
      const use = await hosted.run('autossl', 'provider', 'use', 'Bad');
      expect(use).toMatchObject({ exitCode: 3, stdout: '' });
      expect(use.stderr).toContain(line);
      // A run with another provider is not held up by it.
      await hosted.run('autossl', 'provider', 'use', 'LocalCA');
      expect(await check(hosted)).toMatchObject({ exitCode: 0, stderr: '' });
    });

    test.each<[string, (hosted: HostedTree) => void, string]>([
      [
        'of another user',
        (hosted) => chownSync(hosted.path(`${MODULES}/ExampleCA.mjs`), NOBODY, NOBODY),
        'belongs to uid 65534, not to root',
      ],
      [
        'writable by others',
        (hosted) => hosted.write(`${MODULES}/ExampleCA.mjs`, EXAMPLE, 0o666),
        'may be written by others than its owner',
      ],
      [
        'a link',
        (hosted) => {
          const path = hosted.path(`${MODULES}/ExampleCA.mjs`);
          renameSync(path, hosted.path('/root-module.mjs'));
          symlinkSync(hosted.path('/root-module.mjs'), path);
        },
        'is a link',
      ],
      [
        'in a folder of another user',
        (hosted) => chownSync(hosted.path(MODULES), NOBODY, NOBODY),
        'belongs to uid 65534, not to root',
      ],
    ])('%s: it is not run', async (_, spoil, why) => {
      const hosted = await aServer({ 'ExampleCA.mjs': EXAMPLE });
      const mark = hosted.path('/was-run');
      hosted.write(
        `${MODULES}/ExampleCA.mjs`,
        `import { writeFileSync } from 'node:fs'; writeFileSync('${mark}', '');\n`,
      );
      spoil(hosted);
      const list = await hosted.run('autossl', 'provider', 'list');
      expect(list.exitCode).toBe(1);
      expect(list.stderr).toContain(why);
      expect(existsSync(mark)).toBe(false);
    });

    test('with the name of a built-in one: that one stays what it is', async () => {
      const hosted = await aServer({ 'localca.mjs': EXAMPLE, 'cPanel.mjs': EXAMPLE });
      const list = await hosted.run('autossl', 'provider', 'list');
      expect(list.exitCode).toBe(1);
      expect(list.stderr.match(/has a name that is taken/g)).toHaveLength(2);
      const shown = await hosted.run('autossl', 'provider', 'show', 'localca', '--json');
      expect(JSON.parse(shown.stdout)).toMatchObject({ name: 'LocalCA', kind: 'local' });
      expect((await hosted.run('autossl', 'provider', 'use', 'cPanel')).stderr).toContain(
        'autossl provider use LetsEncrypt',
      );
    });
  });
});
