import { StateError, UsageError } from '../../../core/domain/autossl-error.js';
import type { ServiceName } from '../../../core/domain/service/service-name.js';
import { chooseFormer } from '../../../core/plan/former-choice.js';
import { SHOWN_DIGITS } from '../../../core/report/rollback/rollback-report.js';
import type { ServicesChangeReport } from '../../../core/report/services/change-report.js';
import { refOf } from '../survey-services.js';
import { installPrepared } from './install-certificate.js';
import { type ManageCall, namedServices, serverNameIn } from './manage-session.js';
import { prepareOffer } from './prepare-offer.js';

/** Which former certificate a service is to have again. */
export interface ServiceRollback {
  readonly service: ServiceName;
  /** The beginning of a fingerprint, parsed; null = the newest. */
  readonly to: string | null;
}

/**
 * Puts a former certificate of a service back, judged and installed like one that is handed over; the present one is archived.
 * @throws UsageError BAD_ARGUMENT (no such service or fingerprint); StateError NOTHING_ARCHIVED, LOCKED, TREE_UNREADABLE
 */
export async function rollBackService(
  { service: name, to }: ServiceRollback,
  call: ManageCall,
): Promise<ServicesChangeReport> {
  const { host } = call;
  const hostname = serverNameIn(host);
  const [service] = namedServices([name], await host.findServices());
  const kept = (await service?.install.certificates.listArchived(refOf(hostname))) ?? [];
  const choice = chooseFormer(kept, to);
  if (!('former' in choice)) {
    if (choice.why === 'NOTHING_KEPT') {
      throw new StateError('NOTHING_ARCHIVED', `no former certificate of ${name} is kept`, {
        advice: 'Kept are at most three, until they expire; self-signed ones are not offered.',
      });
    }
    const what = choice.why === 'NO_MATCH' ? 'no former certificate begins' : 'several begin';
    throw new UsageError('BAD_ARGUMENT', `of those kept for ${name} ${what} with ${to}`, {
      advice: `There are: ${kept.map(({ fingerprint }) => fingerprint.slice(0, SHOWN_DIGITS)).join(', ')}.`,
    });
  }
  const { keyPem, chainPem } = choice.former;
  const files = { certificate: Buffer.from(chainPem), key: Buffer.from(keyPem), bundle: null };
  const prepared = await prepareOffer(files, hostname, host);
  return await installPrepared('rollback', 'former', [name], prepared, call);
}
