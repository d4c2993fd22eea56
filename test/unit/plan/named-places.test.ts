import { describe, expect, test } from '@jest/globals';
import { namedPlacesOf } from '../../../src/core/plan/served/named-places.js';

const BASE = '/var/cpanel/ssl/apache_tls';
const site = (certificateFile: string, keyFile = certificateFile) => ({
  certificates: [{ certificateFile, keyFile, isVariable: certificateFile.includes('$') }],
});

describe('what a site names', () => {
  test.each<[string, ReturnType<typeof site>, readonly string[], readonly string[]]>([
    ['a file', site('/x/a.pem'), ['/x/a.pem'], []],
    ['a certificate and its key', site('/x/a.pem', '/y/a.key'), ['/x/a.pem', '/y/a.key'], []],
    ['a file for each name', site(`${BASE}/$ssl_server_name/combined`), [], [BASE]],
    ['a part of a name', site(`${BASE}/pre-$name/combined`), [], [BASE]],
    ['a variable alone: anything', site('$certificate'), [], ['/']],
    ['a variable of Apache that nobody set', site(`\${TLS}/a/combined`), [], ['/']],
    ['a variable right below the root', site('/$x'), [], ['/']],
    ['a certificate that is no file', site('data:$certificate'), [], []],
    ['a key in a token', site('/x/a.pem', 'engine:pkcs11:token'), ['/x/a.pem'], []],
  ])('%s', (_, given, files, folders) => {
    const places = namedPlacesOf([given], []);
    expect([[...places.files], [...places.folders]]).toEqual([files, folders]);
  });
});

describe('what the text of a configuration mentions', () => {
  test.each<[string, string, readonly string[]]>([
    ['a path of nginx', `ssl_certificate ${BASE}/a.test/combined;`, ['apache_tls/a.test']],
    ['a stream’s', `stream { server { ssl_certificate "${BASE}/a.test/combined"; } }`, ['apache_tls/a.test']],
    [
      'a copy under a name',
      '/var/cpanel/ssl/domain_tls/_wildcard_.a.test/combined',
      ['domain_tls/_wildcard_.a.test'],
    ],
    ['a path through a link', '/etc/ssl/apache_tls//a.test/combined', ['apache_tls/a.test']],
    ['the folder as such', `SSLCACertificatePath ${BASE}\n`, ['apache_tls/']],
    ['the folder with a slash', `Define TLS "${BASE}/"`, ['apache_tls/']],
    ['an argument of a macro', `SSLCertificateFile ${BASE}/$domain/combined`, ['apache_tls/']],
    ['another kind of macro argument', `SSLCertificateFile ${BASE}/%domain/combined`, ['apache_tls/']],
    ['a pattern', `include ${BASE}/*/site.conf;`, ['apache_tls/']],
    ['a comment on a line of its own', `  # ssl_certificate ${BASE}/a.test/combined;\nroot /x;`, []],
    ['a folder that ends so', '/srv/my_apache_tls/a.test', []],
    ['nothing of ours', 'ssl_certificate /etc/letsencrypt/live/a.test/fullchain.pem;', []],
  ])('%s', (_, text, mentions) => {
    expect([...namedPlacesOf([], [text]).mentions]).toEqual(mentions);
  });
});
