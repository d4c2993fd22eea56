import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  listeningSocketsOf,
  parseSocketTable,
} from '../../../src/adapters/system/daemon/listening-sockets.js';
import { childrenOf, masterAt, unitOf } from '../../../src/adapters/system/daemon/process-table.js';
import { meaningfulLine } from '../../../src/adapters/system/daemon/server-output.js';
import { Tree } from '../../../src/adapters/system/tree.js';
import {
  isSameApache,
  parseApacheArguments,
  renderApacheArguments,
} from '../../../src/adapters/webserver/apache/apache-invocation.js';
import { detectWebServers } from '../../../src/adapters/webserver/detection.js';
import {
  isSameNginx,
  nginxArgumentsOf,
  parseNginxArguments,
  renderNginxArguments,
} from '../../../src/adapters/webserver/nginx/nginx-invocation.js';
import type { WebServerSettings } from '../../../src/runs/ports/settings.js';
import { scratchTree } from '../../support/scratch.js';

describe('how nginx was started', () => {
  test.each<[string, readonly string[], readonly string[]]>([
    [
      'is its own title',
      ['nginx: master process /usr/sbin/nginx -p /r -c conf/n.conf'],
      ['-p', '/r', '-c', 'conf/n.conf'],
    ],
    [
      'has directives with blanks',
      ['nginx: master process nginx -g daemon on; master_process on; -c /n.conf'],
      ['-g', 'daemon on; master_process on;', '-c', '/n.conf'],
    ],
    ['has no arguments', ['nginx: master process nginx'], []],
    ['is the command line where no title is written', ['nginx', '-c', '/n.conf'], ['-c', '/n.conf']],
  ])('%s', (_, commandLine, expected) => {
    expect(nginxArgumentsOf(commandLine)).toEqual(expected);
  });

  test('is told again with absolute paths, without what keeps it in the foreground', () => {
    const invocation = parseNginxArguments(['-pR', '-c', 'n.conf', '-g', 'daemon off; pid /x;', '-q'], '/w');
    expect(renderNginxArguments(invocation)).toEqual([
      '-p',
      '/w/R',
      '-c',
      '/w/R/n.conf',
      '-g',
      'daemon off; pid /x;',
    ]);
    expect(renderNginxArguments(invocation, true)).toEqual([
      '-p',
      '/w/R',
      '-c',
      '/w/R/n.conf',
      '-g',
      'pid /x;',
    ]);
  });

  test.each([
    ['the same paths written otherwise are the same', ['-p', '/r/'], ['-p', 'r'], true],
    ['another prefix is another', ['-p', '/r'], ['-p', '/q'], false],
    ['another file is another', ['-c', '/a'], [], false],
  ])('%s', (_, a, b, expected) => {
    expect(isSameNginx(parseNginxArguments(a, '/'), parseNginxArguments(b, '/'))).toBe(expected);
  });
});

describe('how Apache was started', () => {
  test('is told again without what only says how it runs', () => {
    const invocation = parseApacheArguments(
      ['-d', 'R', '-f', 'conf/h.conf', '-D', 'SSL', '-DFOREGROUND', '-k', 'start', '-C', 'Define A'],
      '/w',
    );
    expect(renderApacheArguments(invocation)).toEqual([
      ...['-d', '/w/R', '-f', '/w/R/conf/h.conf', '-D', 'SSL', '-C', 'Define A'],
    ]);
  });
  test('is the same by root and file', () => {
    const one = parseApacheArguments(['-d', '/r', '-k', 'start'], '/');
    expect(isSameApache(one, parseApacheArguments(['-d/r', '-D', 'X'], '/'))).toBe(true);
    expect(isSameApache(one, parseApacheArguments([], '/'))).toBe(false);
  });
});

describe('what a server says', () => {
  test.each<[string, string, string | undefined]>([
    [
      'of nginx: the reason with its file',
      'nginx: [warn] odd in /a:1\nnginx: [emerg] unknown directive "x" in /etc/nginx/b.conf:2\nnginx: configuration file /etc/nginx/nginx.conf test failed\n',
      'unknown directive "x" in /etc/nginx/b.conf:2',
    ],
    [
      'of Apache: where and what in one line',
      "AH00558: apache2: Could not reliably determine the server's name\nAH00526: Syntax error on line 3 of /etc/a.conf:\nInvalid command 'X'\nAction '-t' failed.\nThe Apache error log may have more information.\n",
      "AH00526: Syntax error on line 3 of /etc/a.conf: Invalid command 'X'",
    ],
    [
      'in Apache’s log: the cause and not what follows from it',
      '[Sun Nov 22 04:09:04.352609 2026] [ssl:emerg] [pid 1:tid 1] AH02565: Certificate and private key a do not match\n[Sun Nov 22 04:09:04 2026] [:emerg] [pid 1:tid 1] AH00020: Configuration Failed, exiting\n',
      'AH02565: Certificate and private key a do not match',
    ],
    ['with control characters made visible', '[emerg] \u001b[31mred\u202e', '\\u{1b}[31mred\\u{202e}'],
    ['nothing', 'Syntax OK\n\n', undefined],
  ])('%s', (_, output, expected) => {
    expect(meaningfulLine(output)).toBe(expected);
  });
  test('at most 300 characters of it', () => {
    expect(meaningfulLine('x'.repeat(5000))).toHaveLength(301);
  });
});

describe('a process', () => {
  const servers: ReturnType<typeof createServer>[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  test('listens on what it opened, in both families', async () => {
    const ports: string[] = [];
    for (const host of ['127.0.0.1', '::1']) {
      const server = createServer().listen({ host, port: 0 });
      servers.push(server);
      await once(server, 'listening');
      const { port } = server.address() as { port: number };
      ports.push(host === '::1' ? `[::1]:${port}` : `127.0.0.1:${port}`);
    }
    expect(listeningSocketsOf(process.pid)).toEqual(expect.arrayContaining(ports));
  });

  test('is no web server because a pid file says so', () => {
    expect(masterAt(process.pid, ['nginx'])).toBeUndefined();
    expect(masterAt(2 ** 22 + 1, ['node'])).toBeUndefined();
  });

  test('that is no parent has no children', () => {
    expect(childrenOf(2 ** 22 + 1)).toEqual(new Map());
  });

  test('has its sockets in the kernel’s words', () => {
    const table = [
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
      '   0: 0100007F:57AB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 77 1 0 100',
      '   1: 0100007F:57AC 00000000:0000 01 00000000:00000000 00:00000000 00000000     0        0 77 1 0 100',
      '   2: 0100007F:57AD 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 78 1 0 100',
      '   0: B80D0120000000000000000001000000:01BB 0:0 0A 0:0 00:0 0     0        0 77 1 0 100',
    ].join('\n');
    expect(parseSocketTable(table, new Set(['77']))).toEqual(['127.0.0.1:22443', '[2001:db8::1]:443']);
  });

  test.each([
    ['in version 2', '0::/system.slice/nginx.service\n', 'nginx.service'],
    ['below its unit', '0::/system.slice/apache2.service/x\n', 'apache2.service'],
    ['in version 1', '4:memory:/x.service\n1:name=systemd:/system.slice/httpd.service\n', 'httpd.service'],
    ['in a session', '0::/user.slice/user-0.slice/session-1.scope\n', null],
  ])('has its unit in control groups %s', (_, text, expected) => {
    expect(unitOf(text)).toBe(expected);
  });
});

describe('detection', () => {
  const scratch = scratchTree();
  afterEach(() => scratch.remove());
  const settings: WebServerSettings = {
    kind: 'auto',
    testCommand: null,
    reloadCommand: null,
    startCommand: null,
    aliveCommand: null,
    pidFile: null,
    program: null,
    arguments: [],
    timeoutMs: 5000,
  };
  const kinds = (more: Partial<WebServerSettings>) =>
    detectWebServers([{ ...settings, ...more }], scratch.tree).map(({ kind }) => kind);

  test.each<[string, Partial<WebServerSettings>, readonly string[]]>([
    ['finds nothing in a private tree', {}, []],
    [
      'is the reload command alone in a private tree where one is set',
      { reloadCommand: ['true'] },
      ['command'],
    ],
    ['is switched off', { kind: 'none', reloadCommand: ['true'] }, []],
    ['is nginx when it is named', { kind: 'nginx', pidFile: '/nowhere' }, ['nginx']],
    ['is Apache when it is named', { kind: 'apache', pidFile: '/nowhere' }, ['apache']],
    ['is commands when they are named', { kind: 'command' }, ['command']],
  ])('%s', (_, more, expected) => {
    expect(kinds(more)).toEqual(expected);
  });
  test('keeps the order of the settings', () => {
    const servers = (['command', 'apache', 'nginx'] as const).map((kind) => ({ ...settings, kind }));
    const found = detectWebServers(servers, scratch.tree);
    expect(found.map(({ kind }) => kind)).toEqual(['command', 'apache', 'nginx']);
  });

  test('is the reload command alone where nothing runs', () => {
    const own = [{ ...settings, reloadCommand: ['true'] }];
    expect(detectWebServers(own, new Tree('/'), () => []).map(({ kind }) => kind)).toEqual(['command']);
  });
});
