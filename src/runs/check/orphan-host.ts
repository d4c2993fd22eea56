import { isAccountName, parseAccountName } from '../../core/domain/account-name.js';
import { parseHostName } from '../../core/domain/names.js';
import type { WebsiteRef } from '../../core/domain/website.js';
import type { OrphanNote } from '../../core/plan/orphans.js';
import type {
  CertificateStore,
  Clock,
  IssuedStore,
  LockKeeper,
  OrphanNotes,
  OrphanSets,
  ProblemStore,
  ServedStore,
  WebServer,
} from '../ports.js';

/** What tidying needs of the world. */
export interface OrphanHost {
  readonly clock: Clock;
  readonly locks: LockKeeper;
  readonly certificates: Pick<CertificateStore, 'gatherEvidence'>;
  readonly issued: Pick<IssuedStore, 'read'>;
  readonly served: Pick<ServedStore, 'read' | 'forget'>;
  readonly problems: Pick<ProblemStore, 'write'>;
  readonly orphans: { readonly notes: OrphanNotes; readonly sets: OrphanSets };
  webServers(): readonly WebServer[];
}

/** Whose records do not say whose it was is locked and journalled under this name. */
const NOBODY = parseAccountName('nobody');

/** The website of a note. */
export function refOf({ vhost, account }: Pick<OrphanNote, 'vhost' | 'account'>): WebsiteRef {
  const isKnown = account !== null && isAccountName(account);
  return { account: isKnown ? account : NOBODY, vhost: parseHostName(vhost) };
}
