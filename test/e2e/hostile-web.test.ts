import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildPrograms, runBin } from '../support/bin-program.js';
import { type CaSite, startCaSite } from '../support/ca-site.js';
import type { Behaviour } from '../support/embedded-web.js';
import { hostWebsites } from '../support/hosted-websites.js';
import { faultsOf } from '../support/installed-set.js';
import { leftoversIn } from '../support/leftovers.js';
import { describeWithParts } from '../support/needs.js';

const redirectTo =
  (location: (url: string) => string): Behaviour =>
  (request, response) => {
    response.writeHead(302, { location: location(request.url ?? '') });
    response.end();
  };
/** What a customer’s web server does with whoever comes for a challenge, and what is said of it. */
const WAYS: readonly (readonly [string, Behaviour, RegExp])[] = [
  [
    'sends it to the cloud’s metadata by address',
    redirectTo(() => 'http://169.254.169.254/latest/'),
    /redirect/,
  ],
  [
    'sends it there by a name of its own',
    redirectTo(() => 'http://meta.evil.test/latest/'),
    /169\.254\.169\.254/,
  ],
  ['sends it to the private network', redirectTo(() => 'http://inside.evil.test/'), /10\.0\.0\.1/],
  ['sends it to a file', redirectTo(() => 'file:///etc/shadow'), /scheme file/],
  ['sends it to another port', redirectTo(() => 'http://localhost.evil.test:22/'), /port 22/],
  [
    'sends it round and round',
    redirectTo((url) => (url.endsWith('x') ? url.slice(0, -1) : `${url}x`)),
    /redirect/,
  ],
  ['sends it ever further', redirectTo((url) => `${url}x`), /redirect/],
  [
    'answers without end',
    (_request, response) => {
      response.writeHead(200);
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    },
    /./,
  ],
  [
    'answers a byte a second',
    (_request, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('x'), 1000);
      response.on('close', () => clearInterval(timer));
    },
    /./,
  ],
  ['never answers', () => undefined, /./],
  [
    'answers with headers without end',
    (request) => {
      const { socket } = request;
      socket.write('HTTP/1.1 200 OK\r\n');
      for (let line = 0; line < 10_000; line += 1) socket.write(`x-${line}: ${'y'.repeat(100)}\r\n`);
    },
    /./,
  ],
  ['answers with no HTTP at all', ({ socket }) => socket.end('SSH-2.0-OpenSSH\r\n'), /./],
  ['closes the connection', ({ socket }) => socket.destroy(), /./],
];
/** Of all that is said about a name: its code, and nothing that steers a terminal. */
const STEERING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

interface Reported {
  readonly problems: readonly { readonly vhost: string; readonly fault: string; readonly message: string }[];
}

describeWithParts('hostile web servers of customers', ['pebble', 'openssl'], () => {
  let site: CaSite;
  beforeAll(async () => {
    buildPrograms();
    site = await startCaSite();
  });
  afterAll(() => site?.stop());

  test('cost their owners a line each; the run ends, and the others have their certificates', async () => {
    const hosted = await hostWebsites(site, 'web', { websites: WAYS.length + 2 });
    site.dns.zones.set('meta.evil.test', { A: ['169.254.169.254'] });
    site.dns.zones.set('inside.evil.test', { A: ['10.0.0.1'] });
    site.dns.zones.set('localhost.evil.test', { A: ['127.0.0.1'] });
    const all = [...hosted.names];
    const hostile = all.slice(1, -1);
    for (const [index, [, behave]] of WAYS.entries()) {
      for (const host of hostile[index]?.[1] ?? []) site.web.behaviours.set(host, behave);
    }
    const ended = await runBin('autossl_check', ['--all', '--json'], hosted.root);
    expect([ended.exitCode, ended.stderr]).toEqual([0, '']);
    const { problems } = JSON.parse(ended.stdout) as Reported;
    for (const [index, [way, , why]] of WAYS.entries()) {
      const [vhost = ''] = hostile[index] ?? [];
      const found = problems.filter((problem) => problem.vhost === vhost);
      expect([way, found.map(({ message }) => message).join('\n')]).toEqual([
        way,
        expect.stringMatching(why),
      ]);
      expect(found.filter(({ fault }) => fault !== 'owner')).toEqual([]);
    }
    expect(problems.filter(({ message }) => STEERING.test(message))).toEqual([]);
    for (const [vhost, names] of [...all.slice(0, 1), ...all.slice(-1)]) {
      expect(faultsOf(hosted, vhost, names, hosted.path('/etc/ssl/roots.pem'))).toEqual([]);
    }
    expect(leftoversIn(hosted)).toEqual([]);
  }, 300_000);
});
