import type { OrderRecord } from './record.js';

/** What an owner's name begins with that is no account: no account's name can. */
export const OTHER_OWNER_PREFIX = '@';

/** Whether the order is for a website of an account; others (the server's own services) have an owner with `@`. */
export function isWebsiteOrder({ account }: Pick<OrderRecord, 'account'>): boolean {
  return !account.startsWith(OTHER_OWNER_PREFIX);
}
