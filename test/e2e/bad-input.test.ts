import { chmodSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ProgramResult } from '../demo/program.js';
import { buildPrograms, runBin } from '../support/bin-program.js';
import { listTree } from '../support/file-tree.js';
import { aCertificate } from '../support/pki.js';
import { runAsNobody, runShell } from '../support/shell.js';
import { aTree, type BuiltTree, type TreeBuilder } from '../support/tree-builder.js';

const built: BuiltTree[] = [];
beforeAll(() => buildPrograms());
afterAll(async () => {
  for (const tree of built) await tree.cleanUp();
});

const plant = (builder: TreeBuilder): BuiltTree => {
  const tree = builder.build();
  built.push(tree);
  return tree;
};
const someTree = (): TreeBuilder => aTree().account('alice', { domain: 'alice.test' });
/** A tree on which AutoSSL would run. */
const chosenTree = (): TreeBuilder => someTree().autosslJson({ provider: 'LocalCA' });
const isRoot = process.getuid?.() === 0;

/** One clear line on stderr, nothing on stdout, that exit code. */
function expectOneLine(ended: ProgramResult, exitCode: number, line: string | RegExp): void {
  expect(ended.stderr).toMatch(line);
  expect(ended.stderr.split('\n')).toHaveLength(2);
  expect(ended.stderr).toMatch(/^autossl(_check)?: [^\p{Cc}]+\n$/u);
  expect(ended.stderr).not.toMatch(/ {2}|internal error|undefined|\[object| at .*\.js/);
  expect(ended).toMatchObject({ exitCode, stdout: '' });
}

describe('a command line that says nothing useful', () => {
  test.each<[string, string, string[], string]>([
    ['no scope', 'autossl_check', [], 'nothing to check: give --all or --user NAME'],
    [
      'both scopes',
      'autossl_check',
      ['--all', '--user', 'alice'],
      'give either --all or --user NAME, not both',
    ],
    [
      'an unknown option',
      'autossl_check',
      ['--all', '--al'],
      "unknown option '--al' (Did you mean --all?). See",
    ],
    ['a word too many', 'autossl_check', ['--all', 'now'], 'too many arguments'],
    ['an option without its value', 'autossl_check', ['--user'], "option '--user <name>' argument missing"],
    [
      'an unknown user',
      'autossl_check',
      ['--user', 'nobody'],
      'there is no user “nobody” on this server. See',
    ],
    [
      'the same, dry',
      'autossl_check',
      ['--user', 'nobody', '--dry-run', '--json'],
      'there is no user “nobody”',
    ],
    ['a user that is a path', 'autossl_check', ['--user', '../alice'], '“../alice” is not an account name'],
    [
      'a user with an escape sequence',
      'autossl_check',
      ['--user', '\u001b[31mx'],
      '“\\u{1b}[31mx” is not an account',
    ],
    [
      'an option with an escape sequence',
      'autossl_check',
      ['--\u001b[31m'],
      "unknown option '--\\u{1b}[31m'. See",
    ],
    ['an empty user', 'autossl_check', ['--user', ''], '“” is not an account name'],
    [
      'an unknown subcommand',
      'autossl',
      ['provide'],
      "unknown command 'provide' (Did you mean provider?). See",
    ],
    ['an unknown sub-subcommand', 'autossl', ['provider', 'choose'], "unknown command 'choose'"],
    ['no file to inspect', 'autossl', ['inspect'], "missing required argument 'file'"],
    ['no provider to use', 'autossl', ['provider', 'use'], "missing required argument 'name'"],
    ['no provider to show', 'autossl', ['provider', 'show', 'a', 'b'], "too many arguments for 'show'"],
    ['CustomACME without a directory', 'autossl', ['provider', 'use', 'CustomACME'], 'Give --directory URL.'],
    [
      'a directory that is no address',
      'autossl',
      ['provider', 'use', 'CustomACME', '--directory', 'ca.example'],
      '--directory must be an https:// address, not “ca.example”',
    ],
    [
      'a directory for a provider that has its own',
      'autossl',
      ['provider', 'use', 'LetsEncrypt', '--directory', 'https://ca.example/dir'],
      'LetsEncrypt has a directory of its own and takes no --directory. For another authority: autossl provider use CustomACME --directory URL.',
    ],
    [
      'a directory for the local authority',
      'autossl',
      ['provider', 'use', 'LocalCA', '--directory', 'https://ca.example/dir'],
      'LocalCA is on this server and takes no --directory',
    ],
    [
      'half an external account',
      'autossl',
      ['provider', 'use', 'LetsEncrypt', '--eab-kid', 'x'],
      'external account binding needs both',
    ],
    [
      'a secret in the command line',
      'autossl',
      ['provider', 'use', 'LetsEncrypt', '--eab-kid', 'x', '--eab-hmac', 'c2VjcmV0'],
      '--eab-hmac takes file:PATH',
    ],
  ])('%s: exit 2, and nothing is touched', async (_, program, words, line) => {
    const tree = plant(chosenTree());
    const before = listTree(tree.root);
    const ended = await runBin(program, words, tree.root);
    expectOneLine(ended, 2, new RegExp(escaped(line)));
    expect(ended.stderr).not.toContain('c2VjcmV0');
    expect(listTree(tree.root)).toEqual(before);
  });

  test.each(['autossl', 'autossl provider'])('%s alone shows its help on stderr: exit 2', async (line) => {
    const [program = '', ...words] = line.split(' ');
    const ended = await runBin(program, words, plant(someTree()).root);
    expect(ended).toMatchObject({ exitCode: 2, stdout: '' });
    expect(ended.stderr).toMatch(/^Usage: autossl/);
  });
});

describe('a tree that cannot be worked on', () => {
  const damaged = (damage: (tree: BuiltTree) => void) => (): BuiltTree => {
    const tree = plant(chosenTree());
    damage(tree);
    return tree;
  };
  const withoutUsers = damaged((tree) => rmSync(tree.tree.users(), { recursive: true }));
  const withFileForUsers = damaged((tree) => {
    rmSync(tree.tree.users(), { recursive: true });
    writeFileSync(tree.tree.users(), '');
  });
  const withJson = (text: string) => (): BuiltTree =>
    plant(someTree().file('/var/cpanel/autossl.json', text, 0o600));

  test.each<[string, () => BuiltTree, string]>([
    ['no /var/cpanel/users', withoutUsers, '/var/cpanel/users”: there is no such folder. Run as root.'],
    ['a file in its place', withFileForUsers, '/var/cpanel/users”: it is not a folder. Run as root.'],
    [
      'no provider ever chosen',
      () => plant(someTree()),
      'no provider is chosen yet. Run: autossl provider list',
    ],
    [
      'an autossl.json that is cut short',
      withJson('{"provider":"Lo'),
      'autossl.json” is not valid JSON at position 15',
    ],
    ['an autossl.json that is a list', withJson('[]'), 'autossl.json” does not hold a JSON object'],
    [
      'a provider that is a number',
      withJson('{"provider":5}'),
      'autossl.json”: provider must be a name or null',
    ],
    [
      'an unknown provider',
      withJson('{"provider":"Acme"}'),
      'there is no provider “Acme”. There are: LetsEncrypt',
    ],
    [
      'the retired provider',
      withJson('{"provider":"cPanel"}'),
      'the provider “cPanel” works only with a cPanel licence. Use LetsEncrypt: autossl provider use LetsEncrypt',
    ],
    [
      'a flag that is neither 0 nor 1',
      withJson('{"provider":"LocalCA","metadata":{"clobber_externally_signed":"maybe"}}'),
      'metadata.clobber_externally_signed must be 0 or 1',
    ],
    ['a CustomACME without a directory', withJson('{"provider":"CustomACME"}'), 'CustomACME'],
  ])('%s: exit 3, nothing but a log is left', async (_, make, line) => {
    const tree = make();
    for (const words of [
      ['--all'],
      ['--all', '--json'],
      ['--all', '--dry-run', '--json'],
      ['--user', 'alice'],
    ]) {
      const before = withoutLogs(tree);
      expectOneLine(await runBin('autossl_check', words, tree.root), 3, new RegExp(escaped(line)));
      expect(withoutLogs(tree)).toEqual(before);
    }
  });

  test.each([null, ''])('AutoSSL disabled (provider %j): exit 0, one line, no output', async (provider) => {
    const tree = plant(someTree().autosslJson({ provider }));
    const before = listTree(tree.root);
    const ended = await runBin('autossl_check', ['--all', '--json'], tree.root);
    expectOneLine(ended, 0, /AutoSSL is disabled on this server, nothing was checked/);
    expect(listTree(tree.root)).toEqual(before);
  });

  test.each<[string, string, string]>([
    ['a root that does not exist', '/nonexistent/tree', 'there is no such folder'],
    ['a root that is not absolute', 'tree', 'it is not an absolute path'],
  ])('%s: exit 3', async (_, root, line) => {
    expectOneLine(await runBin('autossl_check', ['--all'], root), 3, line);
  });

  (isRoot ? test : test.skip)('a root that others may write to is not root’s to trust: exit 3', async () => {
    const tree = plant(chosenTree());
    chmodSync(tree.root, 0o777);
    expectOneLine(await runBin('autossl_check', ['--all'], tree.root), 3, 'others than root may write to it');
  });

  test('the whole server for somebody who is not root: exit 3', () => {
    const ended = runAsNobody('autossl_check', ['--all'], {});
    expectOneLine(ended, 3, 'only root may do this on a whole server. Run it as root, or name a tree');
  });
});

describe('a wrong /etc/autossl.yaml', () => {
  const SECRET = 'providers: { CustomACME: { eabKeyId: x, eabHmac: c2VjcmV0 } }\n';
  test.each<[string, string, string, number?]>([
    ['an unknown key', 'prefligth: gate\n', 'there is no setting “prefligth”; did you mean “preflight”?'],
    [
      'an unknown key inside',
      'http: { prot: 80 }\n',
      'there is no setting “http.prot”; did you mean “port”?',
    ],
    ['a wrong choice', 'preflight: never\n', 'preflight is “never”, but must be one of gate, advise, off'],
    [
      'a wrong type',
      'http: { port: eighty }\n',
      'http.port is “eighty”, but must be a whole number from 1 to 65535',
    ],
    ['a list for a mapping', 'http: [80]\n', 'http is a list, but must be'],
    [
      'a number out of range',
      'limits: { newOrdersPer3Hours: 0 }\n',
      'limits.newOrdersPer3Hours is 0, but must be',
    ],
    [
      'a resolver that is a name',
      'resolvers: [ns.test]\n',
      'resolvers.0 is “ns.test”, but must be an IP address',
    ],
    ['shell syntax in a command', 'webServer: { reloadCommand: "a; b" }\n', 'webServer.reloadCommand is'],
    ['two faults at once', 'preflight: never\nhttp: { port: 0 }\n', '(and 1 more)'],
    ['broken YAML', 'http: { port: 80\n', 'autossl.yaml”: it is not valid YAML'],
    ['the same key twice', 'preflight: gate\npreflight: off\n', 'autossl.yaml”: it is not valid YAML'],
    ['not a mapping at all', '- gate\n', 'the file is a list, but must be a mapping of keys'],
    ['a secret that others may read', SECRET, 'autossl.yaml” holds a secret and is open to others', 0o644],
    [
      'a file that everybody may write',
      'preflight: gate\n',
      'autossl.yaml” may be written by others than root',
      0o666,
    ],
    [
      'a secret file that is not there',
      'providers: { CustomACME: { eabKeyId: x, eabHmac: "file:/etc/none" } }\n',
      'providers.CustomACME.eabHmac names',
    ],
  ])('%s: exit 3, nothing is touched, for every program', async (_, text, line, mode = 0o600) => {
    const tree = plant(chosenTree().file('/etc/autossl.yaml', text, mode));
    const before = listTree(tree.root);
    for (const [program, ...words] of [
      ['autossl_check', '--all', '--json'],
      ['autossl_check', '--all', '--dry-run'],
      ['autossl', 'provider', 'list'],
      ['autossl', 'provider', 'use', 'LocalCA'],
    ] as const) {
      const ended = await runBin(program, words, tree.root);
      expectOneLine(ended, 3, new RegExp(escaped(line)));
      expect(ended.stderr).toContain(tree.path('/etc'));
      expect(ended.stderr).not.toContain('c2VjcmV0');
    }
    expect(listTree(tree.root)).toEqual(before);
  });
});

describe('autossl provider', () => {
  test('list: all there are, the active one marked, in text and JSON', async () => {
    const tree = plant(someTree().autosslJson({ provider: 'localca' }));
    const text = await runBin('autossl', ['provider', 'list'], tree.root);
    expect(text).toMatchObject({ exitCode: 0, stderr: '' });
    expect(text.stdout.match(/^[*\w]+(?= +\S.*\d\/9)/gm)).toEqual([
      ...['LetsEncrypt', 'LetsEncryptStaging', 'GoogleTrustServices', 'ZeroSSL', 'Sectigo', 'SSLcom'],
      ...['Actalis', 'DigiCert', 'CustomACME', '*LocalCA'],
    ]);
    const json = await runBin('autossl', ['provider', 'list', '--json'], tree.root);
    const document = JSON.parse(json.stdout);
    expect(document).toMatchObject({ schemaVersion: 1, active: 'LocalCA', broken: [] });
    expect(document.providers.slice(0, 1)).toMatchObject([
      {
        name: 'LetsEncrypt',
        isActive: false,
        maxNamesPerCertificate: 100,
        daysToReplace: 29,
        usability: { stars: 6 },
      },
    ]);
  });

  test('show: the active one without a name, another by its name in any case, as JSON', async () => {
    const tree = plant(chosenTree());
    const active = await runBin('autossl', ['provider', 'show'], tree.root);
    expect(active).toMatchObject({ exitCode: 0, stderr: '' });
    expect(active.stdout).toMatch(/^Provider: +LocalCA \(.*\), active$/m);
    expect(active.stdout).toMatch(/^Directory: +none, it is on this server$/m);
    expect(active.stdout).toMatch(/^CAA identities: +none$/m);
    const other = await runBin('autossl', ['provider', 'show', 'letsencrypt', '--json'], tree.root);
    expect(JSON.parse(other.stdout)).toMatchObject({ name: 'LetsEncrypt', isActive: false, chosen: null });
  });

  test.each<[string, Record<string, unknown>, string[], number, string]>([
    [
      'show without a name when none is chosen',
      {},
      ['show'],
      2,
      'no provider is chosen, so name the one to show. See',
    ],
    [
      'show of an unknown one',
      {},
      ['show', 'Acme'],
      2,
      'there is no provider “Acme”. There are: LetsEncrypt',
    ],
    ['show when an unknown one is active', { provider: 'Acme' }, ['show'], 3, 'there is no provider “Acme”'],
    ['use of an unknown one', {}, ['use', 'Acme'], 2, 'there is no provider “Acme”. There are: LetsEncrypt'],
    [
      'use of the retired one',
      {},
      ['use', 'cPanel'],
      2,
      'the provider “cPanel” works only with a cPanel licence. Use',
    ],
    [
      'use of a CA that does not answer',
      {},
      ['use', 'CustomACME', '--directory', 'https://127.0.0.1:1/dir'],
      1,
      'the CA at 127.0.0.1:1 cannot be reached (GET /dir): the connection is refused. CustomACME was not chosen, and what was chosen before stays',
    ],
    [
      'use with roots that are not there',
      {},
      ['use', 'CustomACME', '--directory', 'https://127.0.0.1:1/dir', '--ca-bundle', '/nonexistent'],
      3,
      'the CA bundle “/nonexistent” cannot be read or holds no certificate',
    ],
    [
      'use with a password in the address, which is not said again',
      {},
      ['use', 'CustomACME', '--directory', 'https://u:secret@ca.example/dir'],
      2,
      '--directory holds a user name or password, which no CA takes there',
    ],
    [
      'use over plain HTTP',
      {},
      ['use', 'CustomACME', '--directory', 'http://ca.example/dir'],
      3,
      'http://ca.example/dir',
    ],
  ])('%s: one line, and what was chosen stays', async (_, json, words, exitCode, line) => {
    const tree = plant(someTree().autosslJson(json));
    const before = listTree(tree.root);
    expectOneLine(
      await runBin('autossl', ['provider', ...words], tree.root),
      exitCode,
      new RegExp(escaped(line)),
    );
    expect(listTree(tree.root)).toEqual(before);
  });

  test.each(['cPanel', 'Acme'])('when %s is active, list says so and use mends it', async (provider) => {
    const tree = plant(someTree().autosslJson({ provider, keep: 'me' }));
    const list = await runBin('autossl', ['provider', 'list'], tree.root);
    expect(list.exitCode).toBe(0);
    expect(list.stderr).toBe(
      `autossl: the active provider is “${provider}”, which is none of these. Choose one: autossl provider use NAME\n`,
    );
    const use = await runBin('autossl', ['provider', 'use', 'LocalCA'], tree.root);
    expect(use).toMatchObject({ exitCode: 0, stderr: '' });
    expect(use.stdout).toMatch(/ is the provider now; our account there: \S+\n$/);
    const show = await runBin('autossl', ['provider', 'show', '--json'], tree.root);
    expect(JSON.parse(show.stdout)).toMatchObject({ name: 'LocalCA', isActive: true });
  });
});

describe('autossl inspect on odd files', () => {
  const CERTIFICATE = aCertificate();

  test.each<[string, string | Uint8Array | null, string]>([
    ['nothing there', null, 'there is no such file'],
    ['an empty file', '', 'the file is empty'],
    ['plain text', 'hello\n', 'there is no certificate in it'],
    ['bytes of no meaning', new Uint8Array(4096).fill(0x30), 'it is not a certificate: '],
    ['a key alone', CERTIFICATE.keyPem, 'there is no certificate in it'],
    [
      'a certificate cut short',
      CERTIFICATE.certPem.slice(0, 300),
      'the certificate is damaged: its end line is missing',
    ],
    [
      'a block whose contents are not base64',
      '-----BEGIN CERTIFICATE-----\n%%%\n-----END CERTIFICATE-----\n',
      '',
    ],
  ])('%s: said in text and in one JSON object, exit 1', async (_, contents, why) => {
    const tree = plant(aTree());
    const path = tree.path('/odd.pem');
    if (contents !== null) writeFileSync(path, contents);
    const text = await runBin('autossl', ['inspect', path], tree.root);
    expect(text).toMatchObject({ exitCode: 1, stderr: '' });
    expect(text.stdout).toContain(`${path}\n  error  ${why}`);
    const json = await runBin('autossl', ['inspect', '--json', path], tree.root);
    expect(json).toMatchObject({ exitCode: 1, stderr: '' });
    expect(JSON.parse(json.stdout)).toMatchObject({
      path,
      error: expect.stringContaining(why),
      dnsNames: [],
    });
  });

  test('folders, devices and FIFOs are not waited for', async () => {
    const tree = plant(aTree());
    const fifo = tree.path('/fifo');
    expect(runShell(`mkfifo "${fifo}"`, {}).exitCode).toBe(0);
    const ended = await runBin('autossl', ['inspect', '--json', tree.root, '/dev/zero', fifo], tree.root);
    expect(ended.exitCode).toBe(1);
    const found = ended.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(found).toHaveLength(3);
    for (const { error } of found) expect(error).toContain('is not a regular file');
  });

  test('a good file among bad ones is shown all the same; a name cannot steer the terminal', async () => {
    const tree = plant(aTree());
    const good = tree.path('/good\u001b[31m.pem');
    writeFileSync(good, CERTIFICATE.combined);
    const text = await runBin('autossl', ['inspect', '/nonexistent', good], tree.root);
    expect(text.exitCode).toBe(1);
    expect(text.stdout).toContain('the private key belongs to it');
    expect(text.stdout).not.toContain('\u001b');
    const alone = await runBin('autossl', ['inspect', '--json', good], tree.root);
    expect(alone).toMatchObject({ exitCode: 0, stderr: '' });
    expect(JSON.parse(alone.stdout)).toMatchObject({ error: null, keyMatches: true });
  });
});

describe('the streams', () => {
  test('a reader that has seen enough is no error', async () => {
    const { root } = plant(chosenTree());
    const script = '(autossl provider list --json; echo "exit $?" >&2) | head -n 1';
    expect(runShell(script, { AUTOSSL_ROOT: root })).toEqual({
      exitCode: 0,
      stdout: '{\n',
      stderr: 'exit 0\n',
    });
  });

  test('output that cannot be written is a failure with one line', async () => {
    const { root } = plant(chosenTree());
    const ended = runShell('autossl provider list > /dev/full', { AUTOSSL_ROOT: root });
    expectOneLine(ended, 1, /the output cannot be written: no space is left/);
  });

  test('a closed stdin and closed outputs are no error', async () => {
    const { root } = plant(chosenTree());
    const script = 'autossl provider show <&- && autossl provider show >&- && autossl provider show 2>&-';
    const ended = runShell(script, { AUTOSSL_ROOT: root });
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
    expect(ended.stdout.match(/^Provider:/gm)).toHaveLength(2);
  });

  test.each<[string, NodeJS.ProcessEnv]>([
    ['NO_COLOR', { NO_COLOR: '1' }],
    ['no terminal', {}],
    ['no terminal, whatever is claimed', { TERM: 'xterm-256color', COLORTERM: 'truecolor' }],
  ])('%s: no escape sequence anywhere', async (_, environment) => {
    const tree = plant(chosenTree().settings({ preflight: 'gate', resolvers: ['127.0.0.1:1'] }));
    const ended = runShell(
      'autossl_check --all --dry-run --verbose; autossl provider list; autossl_check --help',
      {
        AUTOSSL_ROOT: tree.root,
        ...environment,
      },
    );
    expect(ended.stdout + ended.stderr).not.toContain('\u001b');
    expect(ended.exitCode).toBe(0);
  });

  test('--json prints one document; --verbose keeps to stderr', async () => {
    const tree = plant(chosenTree().settings({ resolvers: ['127.0.0.1:1'] }));
    const dry = await runBin('autossl_check', ['--all', '--dry-run', '--json', '--verbose'], tree.root);
    expect(JSON.parse(dry.stdout)).toMatchObject({
      exitCode: 0,
      plan: { actions: [{ vhost: 'alice.test' }] },
    });
    expect(dry.stderr).toContain('alice.test');
    const real = await runBin('autossl_check', ['--all', '--json'], tree.root);
    expect(real.stderr).toBe('');
    expect(JSON.parse(real.stdout)).toMatchObject({ exitCode: real.exitCode, counts: { websites: 1 } });
  });
});

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** What a run may leave although it did nothing: its log and its locks' folder. */
function withoutLogs(tree: BuiltTree): string[] {
  const logs = tree.tree.logs();
  rmSync(tree.path('/var/cpanel/logs'), { recursive: true, force: true });
  rmSync(join(logs, '..'), { recursive: true, force: true });
  rmSync(tree.tree.locks(), { recursive: true, force: true });
  const own = tree.tree.own();
  try {
    if (readdirSync(own).length === 0) rmSync(join(own, '..'), { recursive: true });
  } catch {
    // There is nothing of ours at all.
  }
  return listTree(tree.root);
}
