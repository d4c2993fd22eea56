import { describe, expect, test } from '@jest/globals';
import { nothingSaid, type ProviderChoice, resaid } from '../../../src/core/provider/choice.js';
import { parseSaid } from '../../../src/runs/manage/provider-choice.js';

const BEFORE: ProviderChoice = {
  name: 'CustomACME',
  acceptedTermsUrl: 'https://ca.example/terms-1',
  directoryUrl: 'https://ca.example/dir',
  caBundlePath: '/etc/ca.pem',
  eabKeyId: 'kid-1',
  eabHmacPath: '/etc/hmac',
  profile: null,
  properties: { a: '1', b: '2' },
};

describe('what is said again about a provider', () => {
  test.each([
    ['nothing: all stays', {}, {}],
    ['other terms', { acceptedTermsUrl: 'urn:2' }, { acceptedTermsUrl: 'urn:2' }],
    ['the same directory: all stays', { directoryUrl: BEFORE.directoryUrl }, {}],
    ['taken back', { eabKeyId: null, eabHmacPath: null }, { eabKeyId: null, eabHmacPath: null }],
    ['a profile', { profile: 'tlsserver' }, { profile: 'tlsserver' }],
    ['a property', { properties: { b: '3', c: '4' } }, { properties: { a: '1', b: '3', c: '4' } }],
    ['a property taken back', { properties: { a: null } }, { properties: { b: '2' } }],
  ])('%s', (_, said, change) => {
    expect(resaid(BEFORE, { name: 'CustomACME', ...said })).toEqual({ ...BEFORE, ...change });
  });

  test('another directory is another CA: nothing of the former one holds', () => {
    const said = { name: 'CustomACME', directoryUrl: 'https://other.example/dir' };
    expect(resaid(BEFORE, said)).toEqual({ ...nothingSaid('CustomACME'), directoryUrl: said.directoryUrl });
  });

  test('for the first time', () => {
    expect(resaid(null, { name: 'LocalCA' })).toEqual(nothingSaid('LocalCA'));
  });
});

describe('words about a provider', () => {
  test('are checked, paths made absolute, what is empty taken back, what is absent not said', () => {
    const said = {
      acceptTerms: 'urn:terms',
      caBundle: 'ca.pem',
      eabHmac: 'file:hmac',
      eabKid: '',
      properties: new Map([
        ['folder', '/x'],
        ['old', ''],
      ]),
    };
    expect(parseSaid('X', said, '/root')).toEqual({
      name: 'X',
      acceptedTermsUrl: 'urn:terms',
      caBundlePath: '/root/ca.pem',
      eabKeyId: null,
      eabHmacPath: '/root/hmac',
      properties: { folder: '/x', old: null },
    });
  });

  test.each([
    [{ directory: 'ca.example' }, '--directory must be an https:// address'],
    [{ directory: 'ftp://ca.example/' }, '--directory must be an https:// address'],
    [{ directory: 'https://me:secret@ca.example/' }, 'holds a user name or password'],
    [{ eabHmac: 'c2VjcmV0' }, '--eab-hmac takes file:PATH'],
    [{ eabHmac: 'file:' }, '--eab-hmac takes file:PATH'],
    [{ acceptTerms: 'x'.repeat(5000) }, '--accept-terms is too long'],
  ])('%j is refused, and no secret is repeated', (said, message) => {
    expect(() => parseSaid('X', said, '/')).toThrow(message);
    expect(() => parseSaid('X', said, '/')).not.toThrow(/c2VjcmV0|secret@/);
  });
});
