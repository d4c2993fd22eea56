import { expect, test } from '@jest/globals';
import { Arguments } from '../../../src/api/arguments.js';
import type { WhmHost } from '../../../src/api/whm/host.js';
import { getProviders } from '../../../src/api/whm/providers.js';
import { nothingSaid } from '../../../src/core/provider/choice.js';
import { PROVIDERS } from '../../../src/core/provider/registry.js';
import type { ProvidersHost } from '../../../src/runs/manage/providers.js';

const TERMS = 'https://letsencrypt.org/documents/LE-SA-v1.4-April-3-2024.pdf';

test('Let’s Encrypt’s row is the documented one, and what cannot be used is a warning', async () => {
  const providers: Partial<ProvidersHost> = {
    activeName: () => 'letsencrypt',
    list: async () => ({
      providers: PROVIDERS.map((one) => ({ ...one, termsOfServiceUrl: TERMS })),
      broken: [{ name: 'Bad', why: 'it hangs' }],
    }),
    choiceOf: (name) => ({ ...nothingSaid(name), acceptedTermsUrl: TERMS }),
    accountUrlOf: async () => 'https://acme-v02.api.letsencrypt.org/acme/acct/1',
    fallbackNames: () => [],
    downSinceOf: async () => null,
  };
  const host: Partial<WhmHost> = { openProviders: async () => providers as ProvidersHost };
  const { data, rows, warnings } = await getProviders(new Arguments([], []), host as WhmHost);
  expect([rows, warnings]).toEqual(['payload', ['The provider “Bad” cannot be used: it hangs.']]);
  const [row] = (data?.['payload'] ?? []) as readonly unknown[];
  expect(row).toEqual({
    display_name: 'Let’s Encrypt™',
    enabled: 1,
    module_name: 'LetsEncrypt',
    specs: {
      AVERAGE_DELIVERY_TIME: 5,
      DCV_METHODS: ['http', 'dns'],
      DELIVERY_METHOD: 'api',
      HTTP_DCV_MAX_REDIRECTS: 10,
      MAX_DOMAINS_PER_CERTIFICATE: 100,
      RATE_LIMIT_CERTIFICATES_PER_REGISTERED_DOMAIN_PER_WEEK: 50,
      SUPPORTS_ANCESTOR_DCV: 0,
      SUPPORTS_WILDCARD: 1,
      VALIDITY_PERIOD: 7_776_000,
    },
    x_account_id: 'https://acme-v02.api.letsencrypt.org/acme/acct/1',
    x_down_since: null,
    x_fallback_place: null,
    x_terms_of_service: TERMS,
    x_terms_of_service_accepted: TERMS,
  });
});
