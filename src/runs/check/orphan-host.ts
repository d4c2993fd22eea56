import { isAccountName, parseAccountName } from '../../core/domain/account/account-name.js';
import { parseHostName } from '../../core/domain/name/names.js';
import type { WebsiteRef } from '../../core/domain/website/website.js';
import type { OrphanNote } from '../../core/plan/orphans.js';
import type { InstallHost } from '../install/install-ports.js';
import type { CheckHost } from './check-host.js';

/** What tidying needs of a check's world. */
export type OrphanHost = Pick<
  CheckHost,
  'clock' | 'locks' | 'certificates' | 'issued' | 'problems' | 'orphans'
> & { readonly install: Pick<InstallHost, 'served' | 'webServers'> };

/** Whose records do not say whose it was is locked and journalled under this name. */
const NOBODY = parseAccountName('nobody');

/** The website of a note. */
export function refOf({ vhost, account }: Pick<OrphanNote, 'vhost' | 'account'>): WebsiteRef {
  const isKnown = account !== null && isAccountName(account);
  return { account: isKnown ? account : NOBODY, vhost: parseHostName(vhost) };
}
