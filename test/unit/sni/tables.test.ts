import { describe, expect, test } from '@jest/globals';
import { parseHostName } from '../../../src/core/domain/name/names.js';
import { certdScript } from '../../../src/core/sni/certd-script.js';
import { configurationLines, type SniDaemonKind } from '../../../src/core/sni/configuration-lines.js';
import { dovecotInclude, hasNewSettingNames } from '../../../src/core/sni/dovecot-include.js';
import { eximCertificate } from '../../../src/core/sni/exim-certificate.js';
import type { NameOffer } from '../../../src/core/sni/offer.js';
import { postfixMap } from '../../../src/core/sni/postfix-map.js';

const FOLDER = '/var/cpanel/ssl/sni/pairs';
const offersOf = (...words: readonly string[]): readonly NameOffer[] =>
  words.map((word) => {
    const [name = '', pair = ''] = word.split('=');
    return { name: parseHostName(name), source: parseHostName(name), pair };
  });

describe('what Dovecot includes', () => {
  test('has a block for each certificate, and wildcards behind', () => {
    const offers = offersOf('*.a.test=1', 'a.test=1', 'b.test=2', 'mail.a.test=1');
    expect(dovecotInclude(offers, { folder: FOLDER, hasNewNames: false }).split('\n').slice(1)).toEqual([
      'local_name "a.test mail.a.test" {',
      `  ssl_cert = <${FOLDER}/1.pem`,
      `  ssl_key = <${FOLDER}/1.pem`,
      '}',
      'local_name b.test {',
      `  ssl_cert = <${FOLDER}/2.pem`,
      `  ssl_key = <${FOLDER}/2.pem`,
      '}',
      'local_name "*.a.test" {',
      `  ssl_cert = <${FOLDER}/1.pem`,
      `  ssl_key = <${FOLDER}/1.pem`,
      '}',
      '',
    ]);
  });

  test('has the settings of version 2.4 by their names, one name a block', () => {
    const text = dovecotInclude(offersOf('a.test=1', 'mail.a.test=1'), { folder: FOLDER, hasNewNames: true });
    expect(text.match(/^local_name .*$/gm)).toEqual(['local_name a.test {', 'local_name mail.a.test {']);
    expect(text).toContain(
      `  ssl_server_cert_file = ${FOLDER}/1.pem\n  ssl_server_key_file = ${FOLDER}/1.pem\n`,
    );
    expect(text).not.toContain('ssl_cert');
  });

  test('is valid for every version when it is empty', () => {
    const [old, newer] = [false, true].map((hasNewNames) =>
      dovecotInclude([], { folder: FOLDER, hasNewNames }),
    );
    expect(old).toBe(newer);
    expect(old).toMatch(/^#.*\n$/);
  });

  test.each([
    ['2.3.19.1 (9b53102964)', false],
    ['2.2.36', false],
    ['2.4.0 (abc)', true],
    ['2.10.1', true],
    ['3.0', true],
    ['', false],
    ['what', false],
  ])('knows of the version “%s” whether it has the new names: %s', (version, expected) => {
    expect(hasNewSettingNames(version)).toBe(expected);
  });
});

test('what Postfix looks up has a dot in front instead of a wildcard', () => {
  const text = postfixMap(offersOf('*.a.test=1', 'a.test=1', 'xn--mnchen-3ya.test=2'), FOLDER);
  expect(text.split('\n').slice(1)).toEqual([
    `.a.test ${FOLDER}/1.pem`,
    `a.test ${FOLDER}/1.pem`,
    `xn--mnchen-3ya.test ${FOLDER}/2.pem`,
    '',
  ]);
});

test('what Exim is to say is one line, with as many braces opened as closed', () => {
  const text = eximCertificate('/var/cpanel/ssl/sni/exim', '/var/cpanel/ssl/exim/exim.pem');
  expect(text).not.toContain('\n');
  expect(text.split('{').length).toBe(text.split('}').length);
  expect(text.match(/\/var\/cpanel\/ssl\/exim\/exim\.pem/g)).toHaveLength(2);
});

describe('a tree with an odd path', () => {
  test.each(['/a b', '/a{b', '/a$b', "/a'b", '/a\nb', '/a>b', 'relative', '/a/', '/a//b'])(
    'is written into nobody’s configuration: %j',
    (folder) => {
      const offers = offersOf('a.test=1');
      const renderings = [
        () => dovecotInclude(offers, { folder, hasNewNames: false }),
        () => postfixMap(offers, folder),
        () => eximCertificate(folder, '/x'),
        () => eximCertificate('/x', folder),
        () => certdScript(folder),
        ...(['exim', 'postfix', 'dovecot', 'pure-ftpd'] satisfies SniDaemonKind[]).map(
          (kind) => () => configurationLines(kind, folder, '/x'),
        ),
      ];
      for (const render of renderings) expect(render).toThrow('cannot be written into the configuration');
    },
  );
});
