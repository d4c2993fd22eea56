import type { CertificateFacts } from '../../../core/certificate/facts.js';
import { hostNameIn } from '../../../core/domain/name/names.js';
import type { ServiceName } from '../../../core/domain/service/service-name.js';
import { type BestDomain, bestDomainFor } from '../../../core/plan/services/best-domain.js';
import { findWebsites } from '../../manage/certificates/find-websites.js';
import type { AccountDirectory } from '../../ports/accounts.js';
import { refOf } from '../survey-services.js';
import type { ServicesLook } from './manage-host.js';
import { namedServices, serverNameIn } from './manage-session.js';

/** By which name people should reach a service, and what its certificate is. */
export interface ServiceDomain extends BestDomain {
  /** Null: it has none that can be read. */
  readonly leaf: CertificateFacts | null;
  readonly isCurrentlyValid: boolean;
}

/** Certificates of services have a handful of names. */
const MAX_NAMES = 100;

/**
 * The name under which people meet no warning at a service. Websites are read only where the hostname is not it.
 * @throws UsageError BAD_ARGUMENT (a service that is not here); StateError TREE_UNREADABLE
 */
export async function bestServiceDomain(
  service: ServiceName,
  host: ServicesLook,
  accounts: AccountDirectory | null,
): Promise<ServiceDomain> {
  const hostname = serverNameIn(host);
  const [found] = namedServices([service], await host.findServices());
  const evidence = await found?.install.certificates.gatherEvidence(refOf(hostname));
  const leaf = evidence?.kind === 'present' ? evidence.leaf : null;
  const now = host.clock.now();
  const isCurrentlyValid = leaf !== null && leaf.notBefore <= now && now < leaf.notAfter;
  const alone = bestDomainFor(hostname.name, leaf, () => false);
  if (alone.match !== 'none' || leaf === null) return { ...alone, leaf, isCurrentlyValid };
  const names = leaf.dnsNames
    .slice(0, MAX_NAMES)
    .flatMap((name) => hostNameIn(name.replace(/^\*\./, '')) ?? []);
  const { byName } = await findWebsites(names, accounts);
  const local = new Set<string>(byName.keys());
  return { ...bestDomainFor(hostname.name, leaf, (name) => local.has(name)), leaf, isCurrentlyValid };
}
