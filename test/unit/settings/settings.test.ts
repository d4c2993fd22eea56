import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, symlinkSync } from 'node:fs';
import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from '@jest/globals';
import { readSettings } from '../../../src/adapters/store/settings/settings.js';
import { ConfigurationError } from '../../../src/core/domain/autossl-error.js';
import type { ServiceSettings, Settings } from '../../../src/runs/ports/settings.js';
import { aTree, type BuiltTree, type TreeBuilder } from '../../support/tree-builder.js';

let built: BuiltTree | undefined;
afterEach(async () => {
  await built?.cleanUp();
  built = undefined;
});

const FILE = '/etc/autossl.yaml';
async function read(builder: TreeBuilder): Promise<Settings> {
  built = builder.build();
  return readSettings(built.tree);
}
const readYaml = (yaml: string): Promise<Settings> => read(aTree().file(FILE, yaml, 0o600));
async function refusal(reading: Promise<unknown>): Promise<ConfigurationError> {
  const error = await reading.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ConfigurationError);
  if (!(error instanceof ConfigurationError)) throw new Error('nothing was refused');
  return error;
}

const service: ServiceSettings = {
  kind: 'auto',
  testCommand: null,
  reloadCommand: null,
  startCommand: null,
  aliveCommand: null,
  pidFile: null,
  program: null,
  arguments: [],
  timeoutMs: 60_000,
  endpoints: null,
  keyGroup: null,
  sni: true,
};

const defaults: Settings = {
  webServers: [
    {
      kind: 'auto',
      testCommand: null,
      reloadCommand: null,
      startCommand: null,
      aliveCommand: null,
      pidFile: null,
      program: null,
      arguments: [],
      timeoutMs: 60_000,
    },
  ],
  services: { cpanel: service, exim: service, dovecot: service, ftp: service },
  hostnameAddresses: false,
  hooks: { preInstall: null, postInstall: null, rebuildAccount: null, timeoutMs: 60_000 },
  placeholders: true,
  keyGroup: null,
  http: { port: 80, httpsPort: 443, privateNetworks: [] },
  challenges: { method: 'shared-folder' },
  dns: {
    editors: [],
    authoritative: new Map(),
    delegations: [],
    propagationMs: 120_000,
    intervalMs: 2_000,
  },
  preflight: 'gate',
  caa: 'fix',
  resolvers: [],
  addressMap: new Map(),
  concurrency: { orders: 10, lookups: 50, probes: 50 },
  acme: { contacts: [], accountKeyType: 'ecdsa-prime256v1', timeoutMs: 30_000, preferredChain: null },
  mail: { to: 'root', sendmail: null },
  notices: {
    isMailed: true,
    from: null,
    smtp: null,
    webhook: null,
    command: null,
    commandTimeoutMs: 30_000,
    includesUsers: false,
    repeat: 'weekly',
    serviceNames: false,
  },
  providers: new Map(),
  limits: { newOrdersPer3Hours: 150 },
  run: { deadlineMs: 72_000_000, intervalMs: 86_400_000, outageMs: 3_600_000, patienceMs: null },
  trustAnchors: undefined,
  reuseKey: false,
  wildcardReduction: true,
  revocation: 'crl',
};

describe('the settings', () => {
  test.each([
    ['there is no file', aTree()],
    ['the file is empty', aTree().file(FILE, '', 0o600)],
    ['the file is all comments', aTree().file(FILE, '# nothing\n---\n', 0o600)],
    ['sections have comments only', aTree().file(FILE, 'http:\n  # port: 8080\nproviders:\n', 0o600)],
  ])('are the defaults when %s', async (_, builder) => {
    expect(await read(builder)).toEqual(defaults);
  });

  test('take every key', async () => {
    const settings = await read(
      aTree()
        .file('/etc/group', 'root:x:0:\nweb:x:4711:alice\n')
        .settings({
          webServer: {
            kind: 'nginx',
            testCommand: ['/usr/sbin/nginx', '-t'],
            reloadCommand: 'systemctl reload "my nginx"',
            startCommand: 'systemctl start nginx',
            aliveCommand: 'systemctl is-active nginx',
            pidFile: '/run/nginx.pid',
            program: '/opt/nginx/sbin/nginx',
            arguments: ['-p', '/opt/nginx'],
            timeoutSeconds: 1.5,
          },
          services: {
            exim: {
              kind: 'postfix',
              reloadCommand: 'systemctl reload postfix',
              arguments: ['-c', '/etc/postfix-in'],
              endpoints: [
                { address: '192.0.2.1', port: 25, startTls: 'smtp' },
                { address: '::1', port: 465 },
              ],
              keyGroup: 'web',
              timeoutSeconds: 5,
            },
            ftp: { kind: 'none' },
          },
          hooks: {
            preInstall: '/usr/local/sbin/before "an installation"',
            postInstall: ['/usr/local/sbin/after'],
            rebuildAccount: '/usr/local/sbin/rebuild --user',
            timeoutSeconds: 5,
          },
          placeholders: false,
          keyGroup: 'web',
          http: { port: 8080, httpsPort: 8443, privateNetworks: ['10.0.0.0/8', 'fd00::/8', '192.0.2.1'] },
          challenges: { method: 'account-folder' },
          preflight: 'off',
          caa: 'report',
          resolvers: ['127.0.0.1', '127.0.0.1:5353', '::1', '[::1]:5353'],
          addressMap: { '203.0.113.5': '10.0.0.5' },
          concurrency: { orders: 1, lookups: 2, probes: 3 },
          acme: {
            contact: 'mailto:a@example.com',
            accountKeyType: 'ed25519',
            timeoutSeconds: 2.5,
            preferredChain: 'Root X1',
          },
          providers: {
            CustomACME: {
              directoryUrl: 'https://ca.example/dir',
              caBundle: '/etc/ca.pem',
              eabKeyId: 'kid',
              eabHmac: 'c2VjcmV0',
            },
          },
          mail: { to: 'ops@example.com', sendmail: '/opt/mta/sendmail' },
          limits: { newOrdersPer3Hours: 5 },
          run: { deadlineHours: 0.5, patienceSeconds: 0 },
          trustAnchors: '/etc/roots.pem',
          reuseKey: true,
          revocation: 'crl-anywhere',
        }),
    );
    expect(settings).toMatchObject({
      webServers: [
        {
          kind: 'nginx',
          testCommand: ['/usr/sbin/nginx', '-t'],
          reloadCommand: ['systemctl', 'reload', 'my nginx'],
          startCommand: ['systemctl', 'start', 'nginx'],
          aliveCommand: ['systemctl', 'is-active', 'nginx'],
          pidFile: built?.path('/run/nginx.pid'),
          program: '/opt/nginx/sbin/nginx',
          arguments: ['-p', '/opt/nginx'],
          timeoutMs: 1500,
        },
      ],
      services: {
        cpanel: service,
        exim: {
          ...service,
          kind: 'postfix',
          reloadCommand: ['systemctl', 'reload', 'postfix'],
          arguments: ['-c', '/etc/postfix-in'],
          endpoints: [
            { address: '192.0.2.1', port: 25, startTls: 'smtp' },
            { address: '::1', port: 465 },
          ],
          keyGroup: 4711,
          timeoutMs: 5000,
        },
        dovecot: service,
        ftp: { ...service, kind: 'none' },
      },
      hooks: {
        preInstall: ['/usr/local/sbin/before', 'an installation'],
        postInstall: ['/usr/local/sbin/after'],
        rebuildAccount: ['/usr/local/sbin/rebuild', '--user'],
        timeoutMs: 5000,
      },
      placeholders: false,
      keyGroup: 4711,
      http: { port: 8080, httpsPort: 8443, privateNetworks: ['10.0.0.0/8', 'fd00::/8', '192.0.2.1'] },
      challenges: { method: 'account-folder' },
      preflight: 'off',
      caa: 'report',
      resolvers: ['127.0.0.1:53', '127.0.0.1:5353', '[::1]:53', '[::1]:5353'],
      addressMap: new Map([['203.0.113.5', '10.0.0.5']]),
      concurrency: { orders: 1, lookups: 2, probes: 3 },
      acme: {
        contacts: ['a@example.com'],
        accountKeyType: 'ed25519',
        timeoutMs: 2500,
        preferredChain: 'Root X1',
      },
      mail: { to: 'ops@example.com', sendmail: '/opt/mta/sendmail' },
      limits: { newOrdersPer3Hours: 5 },
      run: { deadlineMs: 1_800_000, patienceMs: 0 },
      trustAnchors: built?.path('/etc/roots.pem'),
      reuseKey: true,
    });
    const provider = settings.providers.get('CustomACME');
    expect(provider).toMatchObject({
      directoryUrl: 'https://ca.example/dir',
      caBundle: built?.path('/etc/ca.pem'),
      eabKeyId: 'kid',
    });
    expect(provider?.eabHmac?.reveal()).toBe('c2VjcmV0');
  });

  test('take several web servers', async () => {
    const { webServers } = await readYaml(
      'webServer:\n  - kind: nginx\n  - {kind: nginx, arguments: [-c, /etc/other.conf]}\n  - {kind: apache, timeoutSeconds: 5}\n',
    );
    expect(webServers).toMatchObject([
      { kind: 'nginx', arguments: [], timeoutMs: 60_000 },
      { kind: 'nginx', arguments: ['-c', '/etc/other.conf'] },
      { kind: 'apache', timeoutMs: 5000 },
    ]);
  });

  test.each(['[{kind: none}]', '{kind: none}'])('take %s for no web server', async (none) => {
    expect((await readYaml(`webServer: ${none}\n`)).webServers).toMatchObject([{ kind: 'none' }]);
  });

  test.each([
    ['http:\n  port: abc', 'http.port is “abc”, but must be a whole number from 1 to 65535'],
    ['http:\n  port: 0', 'http.port is 0, but must be a whole number from 1 to 65535'],
    ['http:\n  port: 80.5', 'http.port is 80.5, but must be a whole number from 1 to 65535'],
    [
      'http:\n  privateNetworks: [10.0.0.0/33]',
      'http.privateNetworks.0 is “10.0.0.0/33”, but must be a network such as 10.0.0.0/8 or fd00::/8',
    ],
    ['http: 80', 'http is 80, but must be a mapping of keys'],
    ['caa: maybe', 'caa is “maybe”, but must be one of fix, report'],
    ['preflight: maybe', 'preflight is “maybe”, but must be one of gate, advise, off'],
    ['mail: {to: "a@example.com, b@example.com"}', 'but must be a mail address or the name of a user'],
    ['mail: {to: "-oQ/tmp"}', 'mail.to is “-oQ/tmp”, but must be a mail address or the name of a user'],
    ['mail: {to: "root\\nBcc: x@example.com"}', 'but must be a mail address or the name of a user'],
    ['mail: {sendmail: sendmail}', 'mail.sendmail is “sendmail”, but must be an absolute path'],
    ['revocation: ocsp', 'revocation is “ocsp”, but must be one of crl, crl-anywhere, off'],
    ['reuseKey: "yes"', 'reuseKey is “yes”, but must be true or false'],
    [
      'resolvers: [one.example]',
      'resolvers.0 is “one.example”, but must be an IP address with or without a port',
    ],
    ['resolvers: ["127.0.0.1:99999"]', 'resolvers.0 is “127.0.0.1:99999”, but must be an IP address'],
    ['addressMap: {a: 10.0.0.1}', 'but must be an IP address'],
    ['addressMap: {203.0.113.5: here}', 'addressMap.203.0.113.5 is “here”, but must be an IP address'],
    ['acme: {contact: nobody}', 'acme.contact is “nobody”, but must be a mail address, or a list of them'],
    ['acme: {timeoutSeconds: 0}', 'acme.timeoutSeconds is 0, but must be a number of seconds from 1 to 600'],
    [
      'run: {deadlineHours: 100000}',
      'run.deadlineHours is 100000, but must be a number of hours from 0.01 to 168',
    ],
    ['trustAnchors: roots.pem', 'trustAnchors is “roots.pem”, but must be an absolute path'],
    [
      'webServer: {reloadCommand: "a | b"}',
      'webServer.reloadCommand is “a | b”, but must be a command without shell syntax',
    ],
    [
      'webServer: {kind: iis}',
      'webServer.kind is “iis”, but must be one of auto, nginx, apache, command, none',
    ],
    [
      'webServer: {kind: command}',
      'webServer.kind is “command”, so webServer.reloadCommand must say how to reload',
    ],
    ['webServer: nginx', 'webServer is “nginx”, but must be a mapping of keys, or a list of them'],
    ['webServer: [nginx]', 'webServer.0 is “nginx”, but must be a mapping of keys'],
    ['webServer: []', 'webServer is an empty list; for no web server say “none”'],
    ['webServer: [{kynd: nginx}]', 'there is no setting “webServer.0.kynd”; did you mean “kind”?'],
    [
      'webServer: [{kind: nginx}, {kind: command}]',
      'webServer.1.kind is “command”, so webServer.1.reloadCommand must say how to reload',
    ],
    ['webServer: [{kind: nginx}, {}]', 'webServer.1.kind is “auto”, which must be alone in the list'],
    [
      'webServer: [{kind: none}, {kind: nginx}]',
      'webServer.0.kind is “none”, which must be alone in the list',
    ],
    [
      'webServer: [{kind: nginx}, {kind: apache}, {kind: nginx, timeoutSeconds: 5}]',
      'webServer.0 and webServer.2 are the same server; arguments or pidFile tell two of a kind apart',
    ],
    [
      'services: {imap: {}}',
      'there is no setting “services.imap”; known here: cpanel, exim, dovecot, ftp, ipAddresses',
    ],
    [
      'services: {ipAddresses: perhaps}',
      'services.ipAddresses is “perhaps”, but must be true, false or a list of addresses',
    ],
    [
      'services: {ipAddresses: [host.test]}',
      'services.ipAddresses.0 is “host.test”, but must be an IP address',
    ],
    ['services: {exim: {kynd: exim}}', 'there is no setting “services.exim.kynd”; did you mean “kind”?'],
    [
      'services: {exim: {kind: pure-ftpd}}',
      'services.exim.kind is “pure-ftpd”, but must be one of auto, exim, postfix, command, none',
    ],
    [
      'services: {cpanel: {kind: command}}',
      'services.cpanel.kind is “command”, so services.cpanel.reloadCommand must say how to reload',
    ],
    [
      'services: {ftp: {endpoints: [{address: 127.0.0.1, port: 21, starttls: ftp}]}}',
      'there is no setting “services.ftp.endpoints.0.starttls”; did you mean “startTls”?',
    ],
    [
      'services: {ftp: {endpoints: [{address: localhost, port: 21}]}}',
      'services.ftp.endpoints.0.address is “localhost”, but must be an IP address',
    ],
    [
      'services: {ftp: {keyGroup: no-such-group}}',
      'services.ftp.keyGroup is “no-such-group”, but there is no such group on this server',
    ],
    ['hooks: {preInstall: "a; b"}', 'hooks.preInstall is “a; b”, but must be a command without shell syntax'],
    [
      'hooks: {rebuildAccount: rebuild}',
      'hooks.rebuildAccount is “rebuild”, but must be a command without shell syntax that begins with the absolute path',
    ],
    ['hooks: {timeoutSeconds: 0}', 'hooks.timeoutSeconds is 0, but must be a number of seconds from 1 to'],
    ['keyGroup: a b', 'keyGroup is “a b”, but must be the name of a group'],
    ['keyGroup: no-such-group', 'keyGroup is “no-such-group”, but there is no such group on this server'],
    ['placeholders: none', 'placeholders is “none”, but must be true or false'],
    ['webServer: {pidFile: nginx.pid}', 'webServer.pidFile is “nginx.pid”, but must be an absolute path'],
    [
      'webServer: {program: ./nginx}',
      'webServer.program is “./nginx”, but must be an absolute path or the name',
    ],
    ['webServer: {arguments: -c}', 'webServer.arguments is “-c”, but must be a list of arguments'],
    ['webServer: {reloadCommand: []}', 'webServer.reloadCommand is a list, but must be a command'],
    [
      'webServer: {reloadCommand: [1]}',
      'but must be a command without shell syntax, or a list of program and arguments',
    ],
    [
      'providers: {CustomACME: {directoryUrl: "http://ca.example"}}',
      'providers.CustomACME.directoryUrl is “http://ca.example”, but must be an https:// address',
    ],
    [
      'providers: {LetsEncrypt: {directoryUrl: "https://ca.example/dir"}}',
      'providers.LetsEncrypt.directoryUrl is set, but only Sectigo, SSLcom, DigiCert, CustomACME take the address of a directory',
    ],
    ['providers: {"a/b": {}}', 'but must be a provider name'],
    ['providers: [a]', 'providers is a list, but must be a mapping of provider names'],
    ['- a', 'the file is a list, but must be a mapping of keys'],
    ['http: [1]', 'http is a list, but must be a mapping of keys'],
    ['addressMap: []', 'addressMap is a list, but must be a mapping of public'],
    ['htp: {}', 'there is no setting “htp”; did you mean “http”?'],
    ['http: {prot: 80}', 'there is no setting “http.prot”; did you mean “port”?'],
    ['acme: {Contact: a@b.de}', 'there is no setting “acme.Contact”; did you mean “contact”?'],
    [
      'providers: {CustomACME: {directoryURL: "https://x"}}',
      'there is no setting “providers.CustomACME.directoryURL”; did you mean “directoryUrl”?',
    ],
    ['limits: {zzzzzzzzzzz: 1}', 'there is no setting “limits.zzzzzzzzzzz”; known here: newOrdersPer3Hours'],
    ['__proto__: {port: 1}', 'there is no setting “__proto__”'],
    [
      'providers: {Nope: {}}',
      'there is no provider “Nope” for the setting “providers”; known here: LetsEncrypt',
    ],
    ['http: &a [*a]', 'http.0 refers to itself'],
    ['x: &a {b: *a}', 'x.b refers to itself'],
    ['providers: {constructor: {}}', 'there is no setting “providers.constructor”'],
    ['http: {port: 1', 'is not valid YAML'],
    ['http: 1\nhttp: 2', 'is not valid YAML'],
    ['a\u0000b: 1', 'there is no setting'],
    ['just text', 'the file is “just text”, but must be a mapping of keys'],
  ])('refuse %j in one line that names file, key, value and expectation', async (yaml, sentence) => {
    const error = await refusal(readYaml(yaml));
    expect(error.code).toBe('BAD_SETTING');
    expect(error.message).toContain(`“${built?.path(FILE)}”: `);
    expect(error.message).toContain(sentence);
    expect(error.message).toMatch(/^[^\p{Cc}]+$/u);
  });

  test('say how many things more are wrong', async () => {
    const error = await refusal(readYaml('http: {port: a, httpsPort: b}\nreuseKey: 1\n'));
    expect(error.message).toMatch(/^“.*”: http\.port is “a”.* \(and 2 more\)$/);
  });

  test('refuse a FIFO without waiting for a writer', async () => {
    built = aTree().file('/etc/other', '').build();
    execFileSync('mkfifo', [built.path(FILE)]);
    expect((await refusal(readSettings(built.tree))).message).toContain('it is not a regular file');
  });

  test('refuse a link that leads out of the tree', async () => {
    built = aTree().file('/etc/other', '').build();
    symlinkSync('/etc/hostname', built.path(FILE));
    expect((await refusal(readSettings(built.tree))).message).toContain('leads out of the tree');
  });

  test('are refused when others may write them, for they name commands', async () => {
    built = aTree().file(FILE, '', 0o646).build();
    expect((await refusal(readSettings(built.tree))).code).toBe('UNSAFE_FILE');
  });
});

describe('settings from an editor that marks its files', () => {
  test('are read without the mark', async () => {
    expect((await readYaml('\uFEFFpreflight: off\n')).preflight).toBe('off');
  });
});

describe('a secret', () => {
  const withSecret = (eabHmac: string, mode = 0o600): TreeBuilder =>
    aTree().file(FILE, `providers: {CustomACME: {eabKeyId: k, eabHmac: ${JSON.stringify(eabHmac)}}}`, mode);

  test('comes from the file that is named, without the line’s end', async () => {
    const settings = await read(withSecret('file:/root/eab', 0o644).file('/root/eab', 'hunter2\n', 0o600));
    expect(settings.providers.get('CustomACME')?.eabHmac?.reveal()).toBe('hunter2');
  });

  test('is never printed', async () => {
    const settings = await read(withSecret('hunter2'));
    expect(settings.providers.get('CustomACME')?.eabHmac?.reveal()).toBe('hunter2');
    expect(inspect(settings, { depth: 9, showHidden: true })).not.toContain('hunter2');
    expect(JSON.stringify([...settings.providers])).not.toContain('hunter2');
  });

  test.each([
    ['its group', 0o640],
    ['everybody', 0o604],
    ['a writing group', 0o620],
  ])('in a file open to %s is refused', async (_, mode) => {
    const error = await refusal(read(withSecret('file:/root/eab').file('/root/eab', 'hunter2', mode)));
    expect(error.code).toBe('SECRET_EXPOSED');
    expect(error.message).toContain(built?.path('/root/eab'));
    expect(error.message).not.toContain('hunter2');
  });

  test('in settings that others may read is refused', async () => {
    expect((await refusal(read(withSecret('hunter2', 0o644)))).code).toBe('SECRET_EXPOSED');
  });

  test.each([
    ['names no file that exists', withSecret('file:/root/none'), 'providers.CustomACME.eabHmac names'],
    ['names a relative path', withSecret('file:eab'), 'by an absolute path'],
    ['names an empty file', withSecret('file:/root/eab').file('/root/eab', '\n', 0o600), 'which is empty'],
  ])('that %s is refused', async (_, builder, sentence) => {
    const error = await refusal(read(builder));
    expect(error.code).toBe('BAD_SETTING');
    expect(error.message).toContain(sentence);
  });

  test('that is no text is refused without being shown', async () => {
    const error = await refusal(readYaml('providers: {CustomACME: {eabHmac: 1234567}}'));
    expect(error.message).toContain('providers.CustomACME.eabHmac is ***, but must be the secret itself');
    expect(error.message).not.toContain('1234567');
  });

  test('of somebody else is refused as root', async () => {
    built = withSecret('file:/root/eab').file('/root/eab', 'hunter2', 0o600).build();
    if (process.getuid?.() === 0) execFileSync('chown', ['1', built.path('/root/eab')]);
    else chmodSync(built.path('/root/eab'), 0o644);
    expect((await refusal(readSettings(built.tree))).code).toBe('SECRET_EXPOSED');
    expect(readFileSync(built.path(FILE), 'utf8')).toContain('file:');
  });
});
