import type { ApiFunction } from '../../function.js';
import { optional, type Parameter, required } from '../../parameter.js';
import { flag, integer, list, object, orNull, text } from '../../shape.js';
import type { WhmHost } from '../host.js';

const SPECS = object({
  AVERAGE_DELIVERY_TIME: orNull(integer),
  DCV_METHODS: list({ ...text, enum: ['http', 'dns'] }),
  DELIVERY_METHOD: { ...text, enum: ['api', 'queue'] },
  HTTP_DCV_MAX_REDIRECTS: integer,
  MAX_DOMAINS_PER_CERTIFICATE: orNull(integer),
  RATE_LIMIT_CERTIFICATES_PER_REGISTERED_DOMAIN_PER_WEEK: integer,
  SUPPORTS_ANCESTOR_DCV: flag,
  SUPPORTS_WILDCARD: flag,
  VALIDITY_PERIOD: orNull(integer),
});
const PROVIDER = object({
  display_name: text,
  enabled: flag,
  module_name: text,
  specs: SPECS,
  x_account_id: orNull(text),
  x_down_since: orNull(text),
  x_fallback_place: orNull(integer),
  x_terms_of_service: orNull(text),
  x_terms_of_service_accepted: orNull(text),
});
const FALLBACKS = optional(
  'x_fallback_providers',
  'who stands in while it cannot be used: names with commas between; empty: nobody',
);
const CHOICE: readonly Parameter[] = [
  required('provider', 'its module_name'),
  optional('x_terms_of_service_accepted', 'address of the terms of service that you accept'),
  optional('x_directory', 'ACME directory, of those that take one'),
  optional('x_ca_bundle', "PEM roots that sign the provider's own web server"),
  optional('x_eab_kid', 'external account binding: key identifier'),
  optional('x_eab_hmac', 'external account binding: file:PATH of the HMAC key'),
  optional('x_profile', 'profile of its certificates'),
  optional('x_*', "a property of a third party's provider; empty takes it back"),
];

/** The certificate authorities (behaviour section 4). */
export const PROVIDER_FUNCTIONS: readonly ApiFunction<WhmHost>[] = [
  {
    name: 'get_autossl_providers',
    help: 'The providers, what each can do, and which one is in use.',
    parameters: [],
    data: object({ payload: list(PROVIDER) }),
    load: async () => (await import('../providers.js')).getProviders,
  },
  {
    name: 'set_autossl_provider',
    help: 'Choose the provider and switch AutoSSL on; what is not given stays as it was.',
    parameters: [...CHOICE, FALLBACKS],
    data: null,
    load: async () => (await import('../providers.js')).setProvider,
  },
  {
    name: 'disable_autossl',
    help: 'Switch AutoSSL off.',
    parameters: [],
    data: null,
    load: async () => (await import('../providers.js')).disable,
  },
  {
    name: 'reset_autossl_provider',
    help: 'Register a new account with a provider; which one is in use stays.',
    parameters: CHOICE,
    data: null,
    load: async () => (await import('../providers.js')).reset,
  },
];
