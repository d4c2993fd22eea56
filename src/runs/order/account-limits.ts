import type { AccountLimits } from '../../core/order/limits/buckets.js';
import type { ProviderDescription } from '../../core/provider/description.js';
import type { CheckHost } from '../check/check-host.js';

/** What we may spend at a provider; a CA of our own has no limit to keep. */
export function accountLimitsOf(
  provider: Pick<ProviderDescription, 'kind' | 'limits'>,
  host: { readonly settings: Pick<CheckHost['settings'], 'newOrdersPer3Hours'> },
): AccountLimits {
  const newOrders = provider.kind === 'local' ? Number.POSITIVE_INFINITY : host.settings.newOrdersPer3Hours;
  return { newOrders, published: provider.limits };
}
