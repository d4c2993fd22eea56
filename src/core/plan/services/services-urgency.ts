import type { Evaluation } from '../../evaluation/evaluation.js';
import type { Urgency } from '../../provider/failover.js';
import type { PlannedService } from '../plan-services.js';

/**
 * How urgently the services of this server that are to be given another certificate need it: as the one of them that needs it
 * most. Whoever is met with a warning, for a defect or for another name, has none.
 */
export function urgencyOfServices(
  services: readonly {
    readonly plan: Pick<PlannedService, 'because'>;
    readonly evaluation: Pick<Evaluation, 'tlsStatus' | 'renewal' | 'notAfter'>;
  }[],
): Urgency {
  const isNew = services.some(
    ({ plan, evaluation }) =>
      evaluation.tlsStatus === 'defective' || plan.because.some(({ code }) => code === 'HOSTNAME_MISMATCH'),
  );
  const ends = services.flatMap(({ evaluation }) => evaluation.notAfter ?? []);
  const [notAfter = null] = ends.sort((a, b) => a.getTime() - b.getTime());
  return {
    isNew,
    isEmergency: services.some(({ evaluation }) => evaluation.renewal?.isEmergency === true),
    notAfter,
  };
}
