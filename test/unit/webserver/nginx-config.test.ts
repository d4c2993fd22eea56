import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readNginxDump } from '../../../src/adapters/webserver/nginx/nginx-config.js';
import { parseNginxDirectives } from '../../../src/adapters/webserver/nginx/nginx-directives.js';
import { splitNginxDump } from '../../../src/adapters/webserver/nginx/nginx-files.js';
import { whereServed } from '../../../src/core/plan/served/served-places.js';
import type { ServerSite } from '../../../src/core/plan/served/server-site.js';
import { printedFile } from '../../support/readme-blocks.js';

const MAIN = '/etc/nginx/nginx.conf';

/** What `nginx -T` prints of these files. */
function dumpOf(main: string, files: Readonly<Record<string, string>> = {}): string {
  return Object.entries({ [MAIN]: main, ...files })
    .map(([path, text]) => `# configuration file ${path}:\n${text}\n\n`)
    .join('');
}

function sitesOf(main: string, files: Readonly<Record<string, string>> = {}): readonly ServerSite[] {
  const sites = readNginxDump(dumpOf(main, files), '/usr/share/nginx');
  if ('fault' in sites) throw new Error(sites.fault);
  return sites;
}

const inServer = (text: string): ServerSite => sitesOf(`http {\nserver {\n${text}\n}\n}`)[0]!;

describe('a site of nginx', () => {
  test('is read with everything that installing needs', () => {
    expect(
      sitesOf('events {}\nhttp {\n  include sites/*.conf;\n}\n', {
        '/etc/nginx/sites/a.conf': [
          '# a comment with { and ;',
          'server {',
          '  listen 80;',
          '  listen 192.0.2.1:443 ssl http2 default_server;',
          '  server_name A.test www.a.test *.b.test;',
          '  ssl_certificate tls/a.pem;',
          '  ssl_certificate_key /keys/a.key;',
          '  root /srv/a;',
          '}',
        ].join('\n'),
      }),
    ).toEqual([
      {
        server: 'nginx',
        names: ['a.test', 'www.a.test', '*.b.test'],
        isDefault: true,
        listens: [
          { address: '0.0.0.0', port: 80, isTls: false, isDefault: true, wantsProxyHeader: false },
          { address: '192.0.2.1', port: 443, isTls: true, isDefault: true, wantsProxyHeader: false },
        ],
        certificates: [
          { certificateFile: '/etc/nginx/tls/a.pem', keyFile: '/keys/a.key', isVariable: false },
        ],
        documentRoot: '/srv/a',
        file: '/etc/nginx/sites/a.conf',
        line: 2,
      },
    ]);
  });

  test.each<[string, string, readonly [string, number, boolean][]]>([
    ['has port 80 of every IPv4 address without listen', '', [['0.0.0.0', 80, false]]],
    ['listens on a port alone', 'listen 8443 ssl;', [['0.0.0.0', 8443, true]]],
    ['listens on an asterisk', 'listen *:443 ssl;', [['0.0.0.0', 443, true]]],
    ['listens on an address alone', 'listen 127.0.0.1;', [['127.0.0.1', 80, false]]],
    ['listens on every IPv6 address', 'listen [::]:443 ssl;', [['::', 443, true]]],
    ['listens on both families', 'listen [::]:443 ssl ipv6only=off;', [['*', 443, true]]],
    ['listens on an IPv6 address alone', 'listen [2001:DB8::1];', [['2001:db8::1', 80, false]]],
    ['listens on a host name', 'listen localhost:8000;', [['localhost', 8000, false]]],
    [
      'listens on a few ports',
      'listen 8001-8003;',
      [8001, 8002, 8003].map((port) => ['0.0.0.0', port, false]),
    ],
    ['listens on a Unix socket only', 'listen unix:/run/nginx.sock ssl;', []],
    ['listens for QUIC only', 'listen 443 quic reuseport;', []],
    ['has the old way of switching TLS on', 'listen 443; ssl on;', [['0.0.0.0', 443, true]]],
    ['has a port that is none', 'listen 99999;', []],
  ])('%s', (_, text, expected) => {
    expect(inServer(text).listens.map(({ address, port, isTls }) => [address, port, isTls])).toEqual(
      expected,
    );
  });

  test.each<[string, string, readonly string[]]>([
    ['a leading dot is the name and all below it', 'server_name .a.test;', ['a.test', '*.a.test']],
    ['several directives add up', 'server_name a.test; server_name b.test;', ['a.test', 'b.test']],
    ['the empty name and the underscore are no names', 'server_name "" _;', []],
    ['an expression stays as it is', String.raw`server_name ~^(?<n>\D+)\.A$;`, [String.raw`~^(?<n>\D+)\.A$`]],
    ['an expression with a brace is quoted', String.raw`server_name "~^x{2}\.a$";`, [String.raw`~^x{2}\.a$`]],
    ['a trailing wildcard stays', 'server_name www.a.*;', ['www.a.*']],
  ])('%s', (_, text, expected) => {
    expect(inServer(text).names).toEqual(expected);
  });

  test('chooses its certificate by a variable', () => {
    const { certificates } = inServer(
      `listen 443 ssl; ssl_certificate /tls/$ssl_server_name/combined; ssl_certificate_key /tls/\${ssl_server_name}/combined;`,
    );
    expect(certificates).toEqual([
      {
        certificateFile: '/tls/$ssl_server_name/combined',
        keyFile: `/tls/\${ssl_server_name}/combined`,
        isVariable: true,
      },
    ]);
  });

  test('has two certificates, paired in their order', () => {
    const { certificates } = inServer(
      'ssl_certificate /r.pem; ssl_certificate /e.pem; ssl_certificate_key /r.key; ssl_certificate_key /e.key;',
    );
    expect(certificates.map(({ certificateFile, keyFile }) => [certificateFile, keyFile])).toEqual([
      ['/r.pem', '/r.key'],
      ['/e.pem', '/e.key'],
    ]);
  });

  test('inherits certificate and root from http, wherever they stand there', () => {
    const [site] = sitesOf(
      'http { server { listen 443 ssl; } ssl_certificate /h.pem; ssl_certificate_key /h.key; root html; }',
    );
    expect(site).toMatchObject({
      certificates: [{ certificateFile: '/h.pem', keyFile: '/h.key' }],
      documentRoot: '/usr/share/nginx/html',
    });
  });

  test.each([
    ['the root of its location / counts', 'location / { root /srv/x; }', '/srv/x'],
    ['another location does not', 'location /img { root /srv/x; }', null],
    ['a root of variables is none', 'root /srv/$host;', null],
  ])('%s', (_, text, expected) => {
    expect(inServer(text).documentRoot).toBe(expected);
  });

  test('shares what its socket has with the others there', () => {
    const sites = sitesOf(
      'http { server { listen 443; server_name a.test; } server { listen 443 ssl default_server proxy_protocol; server_name b.test; } }',
    );
    expect(sites.map(({ listens: [listen] }) => listen)).toEqual([
      { address: '0.0.0.0', port: 443, isTls: true, isDefault: false, wantsProxyHeader: true },
      { address: '0.0.0.0', port: 443, isTls: true, isDefault: true, wantsProxyHeader: true },
    ]);
  });

  test('is found behind Lua, maps, conditions and quotes that hide braces', () => {
    const sites = sitesOf(
      [
        'http {',
        '  map $host $x { default "}"; ~^a\\{b 1; "quo\\"ted;" 2; }',
        '  init_by_lua_block {',
        '    local s = "}" -- } not the end',
        "    local t = '}' --[[ } ]] local u = [==[ }}} ]==] local v = {1, {2}}",
        '  }',
        '  server {',
        '    server_name a.test;',
        '    if ($host != "a;{test") { return 301 https://a.test$request_uri; }',
        "    add_header X 'a } b; {' always;",
        `    set $y \${host}x;`,
        '  }',
        '  server { server_name b.test; }',
        '}',
        'stream { server { listen 443; } }',
      ].join('\n'),
    );
    expect(sites.map(({ names, line }) => [names, line])).toEqual([
      [['a.test'], 7],
      [['b.test'], 13],
    ]);
  });

  test('lies in files that include each other', () => {
    const sites = sitesOf('http { include a.conf; include sites.d/[ab]*; include nothing/*; }', {
      '/etc/nginx/a.conf': 'include /etc/nginx/deep/x.conf;',
      '/etc/nginx/deep/x.conf': 'server { include common.conf; server_name a.test; }',
      '/etc/nginx/common.conf': 'listen 443 ssl;',
      '/etc/nginx/sites.d/b': 'server { server_name b.test; }',
      '/etc/nginx/sites.d/c': 'server { server_name not.test; }',
      '/etc/nginx/sites.d/.a': 'server { server_name hidden.test; }',
    });
    expect(sites.map(({ names, file }) => [names[0], file])).toEqual([
      ['a.test', '/etc/nginx/deep/x.conf'],
      ['b.test', '/etc/nginx/sites.d/b'],
    ]);
    expect(sites[0]?.listens).toMatchObject([{ port: 443, isTls: true }]);
  });

  test('may be certbot’s work', () => {
    const [site, redirect, fallback] = sitesOf(
      'user www-data;\nhttp {\n\tinclude /etc/nginx/sites-enabled/*;\n}\n',
      {
        '/etc/nginx/sites-enabled/shop': `server {
    root /var/www/shop;
    index index.html;
    server_name shop.test www.shop.test;

    location / { try_files $uri $uri/ =404; }

    listen [::]:443 ssl ipv6only=on; # managed by Certbot
    listen 443 ssl; # managed by Certbot
    ssl_certificate /etc/letsencrypt/live/shop.test/fullchain.pem; # managed by Certbot
    ssl_certificate_key /etc/letsencrypt/live/shop.test/privkey.pem; # managed by Certbot
    include /etc/letsencrypt/options-ssl-nginx.conf; # managed by Certbot
    ssl_dhparam /etc/letsencrypt/ssl-dhparams.pem; # managed by Certbot
}
server {
    if ($host = www.shop.test) {
        return 301 https://$host$request_uri;
    } # managed by Certbot
    listen 80;
    listen [::]:80;
    server_name shop.test www.shop.test;
    return 404; # managed by Certbot
}
`,
        '/etc/nginx/sites-enabled/zz-default':
          'server { listen 443 ssl default_server; ssl_reject_handshake on; server_name _; }',
        '/etc/letsencrypt/options-ssl-nginx.conf':
          'ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers "ECDHE-ECDSA-AES128-GCM-SHA256:DHE";\n',
      },
    );
    expect(site).toMatchObject({
      names: ['shop.test', 'www.shop.test'],
      documentRoot: '/var/www/shop',
      listens: [
        { address: '::', port: 443, isTls: true, isDefault: true },
        { address: '0.0.0.0', port: 443, isTls: true, isDefault: false },
      ],
      certificates: [
        {
          certificateFile: '/etc/letsencrypt/live/shop.test/fullchain.pem',
          keyFile: '/etc/letsencrypt/live/shop.test/privkey.pem',
        },
      ],
    });
    expect(redirect).toMatchObject({
      names: ['shop.test', 'www.shop.test'],
      certificates: [],
      documentRoot: null,
    });
    expect(redirect?.listens.every(({ isTls }) => !isTls)).toBe(true);
    expect(fallback).toMatchObject({ names: [], isDefault: true, certificates: [] });
  });

  test('includes that go round end', () => {
    expect(
      sitesOf('http { include a; }', {
        '/etc/nginx/a': 'include a; include a; server { server_name a.test; }',
      }).length,
    ).toBeGreaterThan(0);
  });
});

test('an output that is no configuration is a fault', () => {
  expect(readNginxDump('nginx: [emerg] no', '/')).toEqual({
    fault: 'the server did not print its configuration',
  });
});

describe('whatever the text', () => {
  const fragments = fc.array(
    fc.oneof(
      fc.constantFrom(
        ...['{', '}', ';', '"', "'", '\\', '#', '$', '${', '\n', ' ', '[', '[[', ']]', '--', '--[==['],
        ...[
          'http',
          'server',
          'listen',
          'server_name',
          'include',
          '*',
          'x_by_lua_block',
          '[::]:443',
          'ssl',
          'a.test',
        ],
        '# configuration file /a:\n',
      ),
      fc.string({ maxLength: 6 }),
    ),
    { maxLength: 200 },
  );

  test('reading ends, throws nothing and gives sites with real ports', () => {
    fc.assert(
      fc.property(fragments, (parts) => {
        const sites = readNginxDump(dumpOf(parts.join('')), '/');
        if ('fault' in sites) return;
        for (const { listens } of sites) {
          for (const { port } of listens) expect(port > 0 && port < 65_536).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('words survive being quoted', () => {
    const quoted = (word: string) => `"${word.replace(/["\\]/g, '\\$&')}"`;
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 5 }), (words) => {
        const [directive] = parseNginxDirectives(`x ${words.map(quoted).join(' ')};`, '/f');
        expect(directive?.words).toEqual(words);
      }),
      { numRuns: 500 },
    );
  });

  test('a dump gives back its files', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 4 }), (texts) => {
        const files = Object.fromEntries(texts.map((text, index) => [`/f${index}`, text]));
        const found = splitNginxDump(dumpOf('main', files));
        expect(found.map(({ path }) => path)).toEqual([MAIN, ...Object.keys(files)]);
        expect(found.slice(1).map(({ text }) => text)).toEqual(texts.map((text) => `${text}\n\n`));
      }),
    );
  });
});

test('the block of README.md for every website is asked for each name of a website', () => {
  const files = ['conf.d/alice-tls.conf', 'conf.d/every-website.conf', 'snippets/autossl.conf'];
  const sites = sitesOf(
    'http {\n include conf.d/*.conf;\n}\n',
    Object.fromEntries(files.map((name) => [`/etc/nginx/${name}`, printedFile(`/etc/nginx/${name}`)])),
  );
  const asked = (names: readonly string[]) =>
    whereServed(names, sites).places.map(({ name, site }) => [name, site.certificates[0]?.isVariable]);
  expect(asked(['new.test', 'www.new.test'])).toEqual([
    ['new.test', true],
    ['www.new.test', true],
  ]);
  expect(asked(['example.com', 'www.example.com'])).toEqual([['example.com', false]]);
});
