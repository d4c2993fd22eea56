import { expect, test } from '@jest/globals';
import { commandAccepting } from '../../../src/core/provider/choice-command.js';

test.each([
  [{ name: 'LetsEncrypt' }, 'autossl provider use LetsEncrypt --accept-terms https://ca.test/terms'],
  [
    {
      name: 'CustomACME',
      directoryUrl: 'https://ca.test/dir?a=b&c',
      caBundlePath: "/root/it's.pem",
      eabKeyId: 'kid',
      eabHmacPath: '/root/eab',
      profile: null,
      fallbacks: ['ZeroSSL', 'LetsEncrypt'],
      properties: { plan: 'big one' },
    },
    "autossl provider use CustomACME --accept-terms https://ca.test/terms --directory 'https://ca.test/dir?a=b&c' --ca-bundle '/root/it'\\''s.pem' --eab-kid kid --eab-hmac file:/root/eab --profile '' --fallback ZeroSSL,LetsEncrypt --set 'plan=big one'",
  ],
  [
    { name: 'ZeroSSL', acceptedTermsUrl: 'https://ca.test/old', fallbacks: [] },
    'autossl provider use ZeroSSL --accept-terms https://ca.test/terms --fallback none',
  ],
])('the command that says %j once more with the terms accepted', (said, command) => {
  expect(commandAccepting('https://ca.test/terms', 'use', said)).toBe(command);
});

test('who stands in is said by use alone, and what a CA writes is no word of a shell', () => {
  expect(commandAccepting("x'; rm -rf /", 'reset', { name: 'X', fallbacks: ['Y'] })).toBe(
    "autossl provider reset X --accept-terms 'x'\\''; rm -rf /'",
  );
});
