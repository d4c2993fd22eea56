import { caaNamesToAsk } from '../../core/caa/climb.js';
import { isServersOwn } from '../../core/domain/account/hostname-owner.js';
import type { Website } from '../../core/domain/website/website.js';
import type { AccountDirectory } from '../ports/accounts.js';

/** The names at which something may be added for a website: those of its account; for the hostname, its domains too. */
export async function ownNamesOf(
  website: Website,
  accounts: Pick<AccountDirectory, 'read'>,
): Promise<ReadonlySet<string>> {
  // The hostname's domain is the server's own, whoever else may have names there.
  if (isServersOwn(website)) return new Set(caaNamesToAsk(website.vhost).slice(0, -1));
  const inventory = await accounts.read(website.account);
  if (inventory?.state !== 'ready') return new Set();
  const names = inventory.websites.flatMap((one) => [
    one.vhost,
    ...one.candidates.map(({ name }) => name),
    ...one.excluded,
  ]);
  return new Set([inventory.account.primaryDomain, ...names]);
}
