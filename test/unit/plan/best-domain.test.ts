import { expect, test } from '@jest/globals';
import { bestDomainFor } from '../../../src/core/plan/services/best-domain.js';

const HOST = 'host.example.com';

test.each<[string, readonly string[] | null, string, string]>([
  ['the hostname itself', ['else.test', HOST], HOST, 'exact'],
  ['a wildcard of its domain', ['*.example.com'], HOST, 'exact-wildcard'],
  ['a wildcard below it', [`*.${HOST}`], `mail.${HOST}`, 'mail-wildcard'],
  ['only www below it', [`www.${HOST}`], `www.${HOST}`, 'www-wildcard'],
  ['a name of a website here', ['far.test', 'local.test'], 'local.test', 'localdomain_on_cert'],
  ['a wildcard of a website here', ['*.local.test'], 'mail.local.test', 'localdomain_on_cert-mail-wildcard'],
  ['nobody’s name', ['far.test', 'not a name', '*.'], HOST, 'none'],
  ['no certificate', null, HOST, 'none'],
])('people are sent to the name that fits: %s', (_what, dnsNames, domain, match) => {
  const leaf = dnsNames === null ? null : { dnsNames, ipAddresses: [] };
  expect(bestDomainFor(HOST, leaf, (name) => name === 'local.test')).toEqual({ domain, match });
});

test('of a hostname that is none only local names count', () => {
  const leaf = { dnsNames: ['localhost', 'local.test'], ipAddresses: [] };
  expect(bestDomainFor('localhost', leaf, () => true)).toMatchObject({ domain: 'local.test' });
});
