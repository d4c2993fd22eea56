import type { AcmeProblem } from '../../core/order/resources.js';
import type { ProviderStanding } from '../../core/provider/standing.js';
import { refusalWords } from '../../core/report/events/refusal-words.js';
import { methodsOf } from '../../core/report/providers/provider-table.js';
import { counted } from '../../core/report/text/wording.js';
import { parseSaid } from '../../runs/manage/provider-choice.js';
import { disableAutossl, listProviders, resetProvider } from '../../runs/manage/providers.js';
import { useProvider } from '../../runs/use-provider.js';
import type { Arguments } from '../arguments.js';
import type { ApiHandler } from '../function.js';
import { ApiRefusal } from '../refusal.js';
import type { WhmHost } from './host.js';

const SECOND_MS = 1000;
const PREFIX = 'x_';
/** Paths in a call are absolute, or lie here. */
const FOLDER = '/';

/** `get_autossl_providers`. */
export const getProviders: ApiHandler<WhmHost> = async (_, host) => {
  const { standings, broken } = await listProviders(await host.openProviders());
  return {
    data: { payload: standings.map(rowOf) },
    rows: 'payload',
    warnings: broken.map(({ name, why }) => `The provider “${name}” cannot be used: ${why}.`),
  };
};

/** `set_autossl_provider`. */
export const setProvider: ApiHandler<WhmHost> = async (given, host) => {
  const result = await useProvider(saidIn(given), await host.openProviders());
  if (!result.isChosen) throw refusal(given, result.refusal);
  return {};
};

/** `disable_autossl`. */
export const disable: ApiHandler<WhmHost> = async (_, host) => {
  await disableAutossl(await host.openProviders());
  return {};
};

/** `reset_autossl_provider`. */
export const reset: ApiHandler<WhmHost> = async (given, host) => {
  const result = await resetProvider(saidIn(given), await host.openProviders());
  if (!result.isReset) throw refusal(given, result.refusal);
  if (result.lostOrders === 0) return {};
  return {
    warnings: [`${counted(result.lostOrders, 'order')} of the former account cannot be gone on with.`],
  };
};

function rowOf({
  provider,
  isActive,
  fallbackPlace,
  downSince,
  choice,
  accountUrl,
}: ProviderStanding): Record<string, unknown> {
  const seconds = (ms: number | null): number | null => (ms === null ? null : Math.round(ms / SECOND_MS));
  return {
    display_name: provider.displayName,
    enabled: isActive ? 1 : 0,
    module_name: provider.name,
    specs: {
      AVERAGE_DELIVERY_TIME: seconds(provider.averageDeliveryTimeMs),
      DCV_METHODS: methodsOf(provider),
      DELIVERY_METHOD: provider.deliveryMethod,
      HTTP_DCV_MAX_REDIRECTS: provider.httpMaxRedirects,
      MAX_DOMAINS_PER_CERTIFICATE: provider.maxNamesPerCertificate,
      RATE_LIMIT_CERTIFICATES_PER_REGISTERED_DOMAIN_PER_WEEK:
        provider.certificatesPerRegisteredDomainPerWeek ?? 0,
      SUPPORTS_ANCESTOR_DCV: provider.supportsAncestorDcv ? 1 : 0,
      SUPPORTS_WILDCARD: provider.supportsWildcard ? 1 : 0,
      VALIDITY_PERIOD: seconds(provider.validityPeriodMs),
    },
    x_account_id: accountUrl,
    x_down_since: downSince,
    x_fallback_place: fallbackPlace,
    x_terms_of_service: provider.termsOfServiceUrl,
    x_terms_of_service_accepted: choice?.acceptedTermsUrl ?? null,
    ...Object.fromEntries(
      Object.entries(choice?.properties ?? {}).map(([name, value]) => [PREFIX + name, value]),
    ),
  };
}

/** The `x_` parameters, by the words of `autossl provider use`; what is none of these is the provider's own. */
function saidIn(given: Arguments): ReturnType<typeof parseSaid> {
  const words = new Map(
    [...given.beginning(PREFIX)].map(([name, value]) => [name.slice(PREFIX.length), value]),
  );
  const take = (name: string): string | undefined => {
    const value = words.get(name);
    words.delete(name);
    return value;
  };
  const said = {
    acceptTerms: take('terms_of_service_accepted'),
    directory: take('directory'),
    caBundle: take('ca_bundle'),
    eabKid: take('eab_kid'),
    eabHmac: take('eab_hmac'),
    fallback: take('fallback_providers'),
    profile: take('profile'),
  };
  return parseSaid(given.text('provider'), { ...said, properties: words }, FOLDER);
}

function refusal(given: Arguments, problem: AcmeProblem): ApiRefusal {
  return new ApiRefusal(`${refusalWords(`${given.text('provider')} refuses to register us`, problem)}.`);
}
