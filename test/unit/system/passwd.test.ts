import { describe, expect, test } from '@jest/globals';
import { parseUidMin, passwdEntryOf } from '../../../src/adapters/system/passwd.js';

const PASSWD = `root:x:0:0::/root:/bin/sh
shop2:x:1002:1002::/home/shop2:/bin/sh
shop:x:1001:100:,,,:/home/shop:/bin/sh
shop:x:0:0::/root:/bin/sh
hexed:x:0x3e9:1:::
negative:x:-1:1:::
short:x:1
relative:x:1003:1003::home:
`;

describe('an account in passwd', () => {
  test.each([
    ['its first entry counts', 'shop', { uid: 1001, gid: 100, home: '/home/shop' }],
    ['a longer name is another', 'shop2', { uid: 1002, gid: 1002, home: '/home/shop2' }],
    ['a relative home is none', 'relative', { uid: 1003, gid: 1003, home: null }],
    ['absent', 'nobody-here', undefined],
    ['a uid that is no number', 'hexed', undefined],
    ['a negative uid', 'negative', undefined],
    ['a line cut short', 'short', undefined],
    ['an empty name', '', undefined],
  ])('%s', (_case, account, entry) => {
    expect(passwdEntryOf(PASSWD, account)).toEqual(entry);
  });
  test('no file', () => {
    expect(passwdEntryOf(undefined, 'shop')).toBeUndefined();
  });
});

describe('UID_MIN of login.defs', () => {
  test.each([
    ['', 1000],
    ['UID_MIN 500\n', 500],
    ['  UID_MIN\t\t 2000 # comment\n', 2000],
    ['#UID_MIN 500\nSYS_UID_MIN 100\n', 1000],
    ['UID_MIN 0', 1000],
    ['UID_MIN -5', 1000],
    ['UID_MIN many', 1000],
    ['UID_MIN 0x3e8', 1000],
    ['UID_MIN 01750', 1000],
  ])('%j gives %i', (text, minimum) => {
    expect(parseUidMin(text)).toBe(minimum);
  });
});
