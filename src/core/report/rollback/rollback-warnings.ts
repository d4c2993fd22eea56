import type { WantedName } from '../../domain/name/names.js';
import type { OrderRecord } from '../../order/record.js';
import type { ReorderVerdict } from '../../order/reorder.js';
import type { PlannedAction } from '../../plan/action.js';
import { listed } from '../text/wording.js';

const DAY_MS = 86_400_000;

/** What is known when somebody goes back to a former certificate. */
export interface RollbackFacts {
  readonly former: { readonly notAfter: Date; readonly secured: readonly WantedName[] };
  /** What lies there; null without a certificate. */
  readonly present: { readonly notAfter: Date; readonly secured: readonly WantedName[] } | null;
  /** An order of the website that is not over. */
  readonly order: Pick<OrderRecord, 'id' | 'phase' | 'provider'> | null;
  /** What a run would do with the former certificate in place, and whether it may order at once. */
  readonly action: Pick<PlannedAction, 'kind' | 'because'>;
  readonly reorder: ReorderVerdict;
}

/** What a person should know who goes back to it all the same, in sentences. */
export function rollbackWarnings({ former, present, order, action, reorder }: RollbackFacts): string[] {
  const warnings: string[] = [];
  if (present !== null && former.notAfter < present.notAfter) {
    const days = (present.notAfter.getTime() - former.notAfter.getTime()) / DAY_MS;
    warnings.push(
      `It ends ${former.notAfter.toISOString()}, ${days.toFixed(1)} days before the one in place.`,
    );
  }
  const lost = present?.secured.filter((name) => !former.secured.includes(name)) ?? [];
  if (lost.length > 0) warnings.push(`It does not cover ${listed(lost)}.`);
  if (order !== null) warnings.push(orderWarning(order));
  else if (action.kind === 'request' || action.kind === 'replace') {
    const why = action.because.map(({ message }) => message).join(' ');
    const when = reorder.mayOrder ? '' : `, but not before ${reorder.until.toISOString()}`;
    warnings.push(`A run will order a new certificate in its place${when}: ${why}`);
  }
  return warnings;
}

function orderWarning({ id, phase, provider }: NonNullable<RollbackFacts['order']>): string {
  const what =
    phase === 'downloaded'
      ? `the certificate of the order ${id} waits to be installed`
      : `the order ${id} is under way at ${provider}`;
  return `The next run will put another one in its place: ${what}.`;
}
