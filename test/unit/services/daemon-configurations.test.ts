import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { optionIn } from '../../../src/adapters/services/daemon-programs.js';
import { directivesWithIncludes } from '../../../src/adapters/services/directives.js';
import { readerNamed } from '../../../src/adapters/services/file-reader.js';
import { dovecot, listenersIn } from '../../../src/adapters/services/kinds/dovecot.js';
import { portsIn } from '../../../src/adapters/services/kinds/exim.js';
import { pairsIn, smtpPortsIn } from '../../../src/adapters/services/kinds/postfix.js';
import { proftpd } from '../../../src/adapters/services/kinds/proftpd.js';
import { pureFtpd } from '../../../src/adapters/services/kinds/pure-ftpd.js';
import { vsftpd } from '../../../src/adapters/services/kinds/vsftpd.js';
import { type MasterProcess, usersIn } from '../../../src/adapters/system/daemon/process-table.js';
import { scratchTree } from '../../support/scratch.js';

const removals: (() => void)[] = [];
afterEach(() => {
  for (const remove of removals.splice(0)) remove();
});

/** A folder with these files. */
function files(texts: Readonly<Record<string, string>>): string {
  const { root, remove } = scratchTree();
  removals.push(remove);
  for (const [path, text] of Object.entries(texts)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

/** Nothing of the program is run where only files are read. */
const control = undefined as never;

describe('a process of Dovecot’s program', () => {
  test.each<[string, readonly string[], boolean]>([
    ['serves', ['/usr/sbin/dovecot'], true],
    ['serves in the foreground', ['/usr/sbin/dovecot', '-F'], true],
    ['serves another configuration', ['dovecot', '-F', '-c', '/etc/other/dovecot.conf'], true],
    ['prints its version', ['dovecot', '--version'], false],
    ['prints its configuration', ['dovecot', '-n'], false],
    ['prints another one', ['dovecot', '-c', '/etc/other/dovecot.conf', '-a'], false],
    ['tells another one to reload', ['dovecot', '-c', '/etc/dovecot/dovecot.conf', 'reload'], false],
    ['is just being begun', [], false],
  ])('that %s', (_case, commandLine, isMain) => {
    const process = { commandLine } as MasterProcess;
    expect(dovecot.isMain(process)).toBe(isMain);
  });
});

test('Dovecot’s listeners, as doveconf prints them', () => {
  const text = `service imap-login {
  inet_listener imap {
    address =
    port = 143
    ssl = no
  }
  inet_listener imaps {
    port = 993
    ssl = yes
  }
  inet_listener {
    port = 0
    ssl = yes
  }
  unix_listener x {
    mode = 0600
  }
}
`;
  expect(listenersIn(text)).toEqual([
    { port: 143, isTls: false },
    { port: 993, isTls: true },
  ]);
});

test('Postfix’s ports, as postconf -M prints them', () => {
  const text = `smtp       inet  n       -       y       -       1       postscreen
smtpd      pass  -       -       y       -       -       smtpd
127.0.0.1:10025 inet n - y - - smtpd
submission inet  n       -       y       -       -       smtpd
    -o syslog_name=postfix/submission
    -o smtpd_tls_security_level=encrypt
submissions inet n       -       y       -       -       smtpd
    -o smtpd_tls_wrappermode=yes
[::1]:2525 inet  n       -       y       -       -       smtpd
    -o smtpd_tls_security_level=none
628        inet  n       -       y       -       -       qmqpd
pickup     unix  n       -       y       60      1       pickup
`;
  expect([...smtpPortsIn(text)]).toEqual([
    [25, 'smtp'],
    [10_025, 'smtp'],
    [587, 'smtp'],
    [465, 'tls'],
  ]);
});

test.each<[string, readonly string[], readonly string[]]>([
  ['a file with all', ['/a.pem', '/old', '/old', '', ''], ['/a.pem /a.pem']],
  ['two such files', ['/rsa.pem, /ec.pem', '', '', '', ''], ['/rsa.pem /rsa.pem', '/ec.pem /ec.pem']],
  ['a key and its chain', ['/a.key /a.crt', '', '', '', ''], ['/a.crt /a.key']],
  ['the older settings', ['', '/c', '/k', '/ec', ''], ['/c /k', '/ec /ec']],
  ['nothing', ['', '', '', '', ''], []],
])('Postfix’s certificate: %s', (_, values, expected) => {
  expect(pairsIn(values).map(({ certificateFile, keyFile }) => `${certificateFile} ${keyFile}`)).toEqual(
    expected,
  );
});

test.each([
  ['465', [465]],
  ['465 : 2465', [465, 2465]],
  ['<; 465 ; smtps', [465]],
  ['submissions', [465]],
  ['', []],
])('Exim’s ports with TLS on connect: %j', (list, expected) => {
  expect([...portsIn(list)]).toEqual(expected);
});

describe('ProFTPD’s configuration', () => {
  test('is read with what it includes', async () => {
    const root = files({
      'proftpd.conf': 'Port 21\n# TLSRSACertificateFile /no\nInclude conf.d/*.conf\nInclude tls.conf\n',
      'conf.d/a.conf': '<IfModule mod_tls.c>\n  TLSECCertificateFile "/ec.pem"\n</IfModule>\n',
      'conf.d/b.txt': 'TLSOptions UseImplicitSSL\n',
      'tls.conf': 'tlsrsacertificatefile /rsa.crt\nTLSRSACertificateKeyFile /rsa.key\nInclude tls.conf\n',
    });
    const tls = await proftpd.readTls({ control, arguments: ['-c', join(root, 'proftpd.conf')] });
    expect(tls).toMatchObject({
      certificates: [
        { certificateFile: '/rsa.crt', keyFile: '/rsa.key' },
        { certificateFile: '/ec.pem', keyFile: '/ec.pem' },
      ],
      taking: 'by itself',
    });
    expect('beginsAt' in tls && tls.beginsAt(21)).toBe('ftp');
  });

  test('may begin with TLS', async () => {
    const root = files({ 'p.conf': 'TLSOptions NoSessionReuseRequired UseImplicitSSL\n' });
    const tls = await proftpd.readTls({ control, arguments: ['-c', join(root, 'p.conf')] });
    expect('beginsAt' in tls && tls.beginsAt(990)).toBe('tls');
  });

  test('that is not there is a fault', async () => {
    expect(await proftpd.readTls({ control, arguments: ['-c', '/no/such/file'] })).toHaveProperty('fault');
    expect(directivesWithIncludes('/no/such/file')).toBeUndefined();
  });
});

test.each<[string, string, object]>([
  [
    'with TLS',
    'ssl_enable=YES\nrsa_cert_file=/a.pem\n',
    { certificates: [{ certificateFile: '/a.pem', keyFile: '/a.pem' }] },
  ],
  [
    'with a key apart',
    'ssl_enable=yes\nrsa_cert_file=/a\nrsa_private_key_file=/k',
    { certificates: [{ keyFile: '/k' }] },
  ],
  ['without TLS', 'rsa_cert_file=/a.pem\n', { certificates: [] }],
])('vsftpd’s configuration: %s', async (_, text, expected) => {
  const root = files({ 'v.conf': text });
  expect(await vsftpd.readTls({ control, arguments: [join(root, 'v.conf')] })).toMatchObject(expected);
});

test.each<[string, readonly string[], object]>([
  [
    'its option',
    ['-S', '21', '-2', '/a.pem'],
    { certificates: [{ certificateFile: '/a.pem', keyFile: '/a.pem' }], taking: 'restart' },
  ],
  [
    'its long option',
    ['--certfile=/a.crt,/a.key'],
    { certificates: [{ certificateFile: '/a.crt', keyFile: '/a.key' }] },
  ],
  [
    'a program that is asked',
    ['-3', '/run/certd.sock', '-2', '/a'],
    { certificates: [{ isVariable: true }], taking: 'by itself' },
  ],
])('Pure-FTPd’s certificate: by %s', async (_, words, expected) => {
  expect(await pureFtpd.readTls({ control, arguments: words })).toMatchObject(expected);
});

test('Pure-FTPd’s certificate: by the file that it is given', async () => {
  const root = files({ 'p.conf': '# CertFile /no\nCertFileAndKey "/a.crt" "/a.key"\n' });
  expect(await pureFtpd.readTls({ control, arguments: [join(root, 'p.conf')] })).toMatchObject({
    certificates: [{ certificateFile: '/a.crt', keyFile: '/a.key' }],
  });
});

test.each<[readonly string[], string | undefined]>([
  [['-bd', '-C', '/f'], '/f'],
  [['-C/f'], '/f'],
  [['--config=/f'], '/f'],
  [['--config', '/f'], '/f'],
  [['-bd'], undefined],
])('the option in %j', (words, expected) => {
  expect(optionIn(words, '-C', '--config')).toBe(expected);
});

test('a user has the groups that name it', () => {
  const passwd = 'root:x:0:0::/root:\nmail:x:8:12::/:\n';
  const group = 'mail:x:12:\nssl-cert:x:110:www,mail\nother:x:111:mailer\n';
  expect(readerNamed('mail', passwd, group)).toEqual({ uid: 8, gids: new Set([12, 110]) });
  expect(readerNamed('8', passwd, group)).toEqual({ uid: 8, gids: new Set([12, 110]) });
  expect(readerNamed('nobody', passwd, group)).toBeUndefined();
});

test('a process has a real and an effective user', () => {
  expect(usersIn('Name:\texim4\nUid:\t1000\t0\t0\t0\nGid:\t1\t1\t1\t1\n')).toEqual([1000, 0]);
  expect(usersIn('')).toBeUndefined();
});
