import type { OrderRecord } from '../../core/order/record.js';
import type { ProviderDescription } from '../../core/provider/description.js';
import type { CheckHost } from '../check/check-host.js';

/** Why an order that stands at a CA cannot be gone on with. */
export type Strangeness = 'ORDER_DIRECTORY_CHANGED' | 'ORDER_ACCOUNT_CHANGED';

/** Each as one clause. */
export const STRANGENESS: Readonly<Record<Strangeness, string>> = {
  ORDER_DIRECTORY_CHANGED: 'another directory was chosen since',
  ORDER_ACCOUNT_CHANGED: 'another account was registered since',
};

/** Null: it is an order of the account that we have there now, as far as is known. */
export async function strangenessOf(
  record: Pick<OrderRecord, 'directoryUrl' | 'acmeAccountUrl'>,
  provider: ProviderDescription,
  host: Pick<CheckHost, 'directoryUrlOf' | 'accountUrlOf'>,
): Promise<Strangeness | null> {
  if (record.directoryUrl !== host.directoryUrlOf(provider)) return 'ORDER_DIRECTORY_CHANGED';
  const present = await host.accountUrlOf(provider);
  const isOther = record.acmeAccountUrl !== null && present !== null && record.acmeAccountUrl !== present;
  return isOther ? 'ORDER_ACCOUNT_CHANGED' : null;
}
