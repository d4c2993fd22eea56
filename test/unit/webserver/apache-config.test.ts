import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readApacheSites } from '../../../src/adapters/webserver/apache/apache-config.js';
import { parseApacheDirectives } from '../../../src/adapters/webserver/apache/apache-directives.js';
import { parseApacheDump } from '../../../src/adapters/webserver/apache/apache-dump.js';

const DUMP = `Included configuration files:
  (*) /etc/apache2/apache2.conf
    (23) /etc/apache2/sites-enabled/a.conf
    (23) /etc/apache2/ports.conf
    (9) /etc/letsencrypt/options.conf
VirtualHost configuration:
[2001:db8::1]:8443     b.test (/etc/apache2/sites-enabled/a.conf:9)
192.0.2.1:443          is a NameVirtualHost
         default server a.test (/etc/apache2/sites-enabled/a.conf:1)
         port 443 namevhost a.test (/etc/apache2/sites-enabled/a.conf:1)
                 alias www.a.test
                 wild alias *.a.test
         port 443 namevhost m.test (macro 'vh' (defined on line 24 of "/etc/x") used on line 29 of "/etc/x":1)
*:443                  is a NameVirtualHost
         default server b.test (/etc/apache2/sites-enabled/a.conf:9)
         port 443 namevhost b.test (/etc/apache2/sites-enabled/a.conf:9)
         port 443 namevhost c.test (/etc/apache2/sites-enabled/a.conf:22)
ServerRoot: "/etc/apache2"
Main DocumentRoot: "/var/www/html"
Main ErrorLog: "/var/log/apache2/error.log"
Mutex default: dir="/run/lock/apache2" mechanism=default
PidFile: "/run/apache2.pid"
Define: DUMP_VHOSTS
Define: TLS=/etc/tls
Loaded Modules:
 core_module (static)
 ssl_module (shared)
 mpm_event_module (shared)
`;

const SITES = `<VirtualHost 192.0.2.1:443>
  ServerName a.test
  SSLEngine On
  <IfModule mod_ssl.c>
    SSLCertificateFile "\${TLS}/a b.pem"
  </IfModule>
  <IfModule !event.c>
    SSLCertificateKeyFile /never.key
  </IfModule>
</VirtualHost>
`;
const SITE_B = `<VirtualHost [2001:db8::1]:8443 *:443>
  ServerName https://b.test:443
  serveralias \\
    www.b.test extra.test
  DocumentRoot /srv/b
  Include /etc/letsencrypt/options.conf
  SSLCertificateFile tls/b.pem
  SSLCertificateKeyFile \${NOWHERE}/\${KEYS}/b.key
  <Directory /srv/b>
    SSLCertificateFile /not/here.pem
  </Directory>
</VirtualHost>
# <VirtualHost *:443>
<IfDefine Missing>
<VirtualHost *:443>
</VirtualHost>
</IfDefine>
`;

const texts = new Map([
  [
    '/etc/apache2/apache2.conf',
    'ServerRoot /etc/apache2\nIncludeOptional sites-enabled/*.conf\nInclude ports.conf\n',
  ],
  ['/etc/apache2/ports.conf', 'Listen 443\nListen 8443 https\nListen 192.0.2.1:443\nListen [::1]:443\n'],
  ['/etc/letsencrypt/options.conf', 'SSLEngine on\n'],
]);

describe('Apache', () => {
  test('says what it has in its dump', () => {
    const dump = parseApacheDump(DUMP);
    expect(dump).toMatchObject({
      serverRoot: '/etc/apache2',
      pidFile: '/run/apache2.pid',
      errorLog: '/var/log/apache2/error.log',
      defines: new Map([
        ['DUMP_VHOSTS', ''],
        ['TLS', '/etc/tls'],
      ]),
      modules: new Set(['core_module', 'ssl_module', 'mpm_event_module']),
    });
    expect(dump.files).toHaveLength(4);
    expect(
      dump.vhosts.map(({ address, port, serverName, isDefault }) => [address, port, serverName, isDefault]),
    ).toEqual([
      ['2001:db8::1', 8443, 'b.test', true],
      ['192.0.2.1', 443, 'a.test', true],
      ['192.0.2.1', 443, 'm.test', false],
      ['*', 443, 'b.test', true],
      ['*', 443, 'c.test', false],
    ]);
  });

  test('has sites with names, sockets, certificates and roots', () => {
    const shifted = DUMP.replaceAll('a.conf:9)', 'b.conf:1)').replace(
      'a.conf\n',
      'a.conf\n    (23) /etc/apache2/sites-enabled/b.conf\n',
    );
    const sites = readApacheSites(
      parseApacheDump(shifted),
      new Map([
        ...texts,
        ['/etc/apache2/sites-enabled/a.conf', SITES],
        ['/etc/apache2/sites-enabled/b.conf', SITE_B],
      ]),
      { KEYS: 'keys' },
    );
    const listen = (address: string, port: number, isTls: boolean, isDefault: boolean) => ({
      address,
      port,
      isTls,
      isDefault,
      wantsProxyHeader: false,
    });
    expect(sites).toEqual([
      {
        server: 'apache',
        names: ['b.test', 'www.b.test', 'extra.test'],
        isDefault: true,
        listens: [
          listen('2001:db8::1', 8443, true, true),
          listen('*', 443, true, true),
          listen('::1', 443, true, true),
        ],
        certificates: [
          {
            certificateFile: '/etc/apache2/tls/b.pem',
            keyFile: `/etc/apache2/\${NOWHERE}/keys/b.key`,
            isVariable: false,
          },
        ],
        documentRoot: '/srv/b',
        file: '/etc/apache2/sites-enabled/b.conf',
        line: 1,
      },
      {
        server: 'apache',
        names: ['a.test', 'www.a.test', '*.a.test'],
        isDefault: true,
        listens: [listen('192.0.2.1', 443, true, true)],
        certificates: [
          { certificateFile: '/etc/tls/a b.pem', keyFile: '/etc/tls/a b.pem', isVariable: false },
        ],
        documentRoot: null,
        file: '/etc/apache2/sites-enabled/a.conf',
        line: 1,
      },
      expect.objectContaining({
        names: ['m.test'],
        certificates: [],
        listens: [listen('192.0.2.1', 443, false, false)],
      }),
      expect.objectContaining({ names: ['c.test'], certificates: [] }),
    ]);
  });

  test.each([
    ['an engine that is off is no TLS', 'SSLEngine off\nSSLCertificateFile /a', false],
    ['an engine that is on needs no certificate', 'SSLEngine on', true],
    ['a certificate on an https port is TLS without an engine', 'SSLCertificateFile /a', true],
    ['nothing said is no TLS', '', false],
    ['an optional engine is no TLS', 'SSLEngine optional\nSSLCertificateFile /a', false],
  ])('%s', (_, text, isTls) => {
    const dump = parseApacheDump(
      'Included configuration files:\n  (*) /f\nVirtualHost configuration:\n*:443   a.test (/f:2)\n',
    );
    const [site] = readApacheSites(
      dump,
      new Map([['/f', `Listen 443\n<VirtualHost *:443>\n${text}\n</VirtualHost>`]]),
    );
    expect(site?.listens).toMatchObject([{ address: '*', port: 443, isTls }]);
  });
});

describe('whatever the text', () => {
  const fragments = fc
    .array(
      fc.oneof(
        fc.constantFrom(
          ...[
            '<VirtualHost *:443>\n',
            '</VirtualHost>\n',
            '<IfModule !x>',
            '\n',
            '"',
            "'",
            '\\',
            '\\\n',
            '${',
            '}',
            '#',
          ],
          ...[
            'Include ',
            '*',
            '/f',
            ' ',
            'ServerName a',
            '         port 443 namevhost a (/f:1)\n',
            '*:443  is a NameVirtualHost\n',
          ],
          '*:443   a (/f:1)\n',
        ),
        fc.string({ maxLength: 8 }),
      ),
      { maxLength: 100 },
    )
    .map((parts) => parts.join(''));

  test('reading ends and throws nothing', () => {
    fc.assert(
      fc.property(fragments, fragments, (dump, file) => {
        const head = 'Included configuration files:\n  (*) /f\n';
        readApacheSites(parseApacheDump(head + dump), new Map([['/f', file]]));
      }),
      { numRuns: 500 },
    );
  });

  test('words survive being quoted', () => {
    const quoted = (word: string) => `"${word.replace(/["\\]/g, '\\$&')}"`;
    const word = fc.string().filter((text) => !/[\n\r]/.test(text) && !/['\\]/.test(text));
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), (words) => {
        const [directive] = parseApacheDirectives(`X ${words.map(quoted).join(' ')}`, '/f');
        expect(directive?.words).toEqual(words);
      }),
      { numRuns: 500 },
    );
  });
});
