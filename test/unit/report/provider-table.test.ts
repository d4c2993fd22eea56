import { expect, test } from '@jest/globals';
import { nothingSaid } from '../../../src/core/provider/choice.js';
import { parseModuleDescription } from '../../../src/core/provider/module-description.js';
import { PROVIDERS } from '../../../src/core/provider/registry.js';
import type { ProviderStanding } from '../../../src/core/provider/standing.js';
import { usabilityOf } from '../../../src/core/provider/usability.js';
import { renderProviderDetails } from '../../../src/core/report/providers/provider-details.js';
import { renderProviderTable } from '../../../src/core/report/providers/provider-table.js';
import { expectGolden } from '../../support/golden.js';

const module = parseModuleDescription('ExampleCA', { displayName: 'Example CA', validityDays: 30 });
const STANDINGS: readonly ProviderStanding[] = [...PROVIDERS, ...('fault' in module ? [] : [module])].map(
  (provider) => ({
    provider,
    isActive: provider.name === 'LetsEncryptStaging',
    choice: null,
    accountUrl: null,
    fallbackPlace: null,
    downSince: null,
    usability: usabilityOf(provider),
  }),
);

test.each([
  ['providers-80.txt', false, 80],
  ['providers-160.txt', false, 160],
  ['providers-details-80.txt', true, 80],
  ['providers-details-160.txt', true, 160],
])('%s', (golden, isDetailed, width) => {
  const text = renderProviderTable(STANDINGS, { isDetailed, width });
  for (const line of text.split('\n')) expect([...line].length).toBeLessThanOrEqual(width);
  expectGolden(`report/${golden}`, text);
});

test('one provider in detail', () => {
  const [standing] = STANDINGS;
  if (standing === undefined) throw new Error('there is a provider');
  const choice = { ...nothingSaid('LetsEncrypt'), acceptedTermsUrl: 'https://le.example/\u001b[2Jterms' };
  const provider = { ...standing.provider, termsOfServiceUrl: 'https://le.example/terms' };
  const text = renderProviderDetails({
    ...standing,
    provider,
    choice,
    accountUrl: 'https://le.example/acct/1',
  });
  expect(text).not.toContain('\u001b');
  expectGolden('report/provider-details.txt', text);
});
