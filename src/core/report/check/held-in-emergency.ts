import type { PlannedAction } from '../../plan/action.js';
import type { RunEvent } from '../events/event.js';
import { runFailed } from '../events/work-events.js';
import { type WaitCode, waitingOf } from '../status/waiting.js';
import { counted } from '../text/wording.js';

/** Waits of an account as a whole. What holds one name or domain its owner may have brought about: that fails no run. */
const OF_THE_ACCOUNT: ReadonlySet<string> = new Set<WaitCode>(['STOPPED_BY_CA', 'BUDGET_SPENT']);
/** The certificate ends within days, or has ended. */
const URGENT: ReadonlySet<string> = new Set(['EMERGENCY', 'CERTIFICATE_EXPIRED']);

/**
 * The fault of a run that could not order for websites whose certificates end, since the account is stopped or its limits are spent:
 * visitors will be warned off unless somebody acts. None where all could.
 */
export function heldInEmergency(
  work: readonly { readonly action: Pick<PlannedAction, 'vhost' | 'because'> }[],
  notable: readonly RunEvent[],
): readonly RunEvent[] {
  const urgent = new Set<string>(
    work
      .filter(({ action }) => action.because.some(({ code }) => URGENT.has(code)))
      .map(({ action }) => action.vhost),
  );
  const held = notable.filter(({ code, vhost = '' }) => OF_THE_ACCOUNT.has(code) && urgent.has(vhost));
  if (held.length === 0) return [];
  const websites = new Set(held.map(({ vhost }) => vhost)).size;
  const [why = ''] = waitingOf(held).map(({ message }) => message.replace(/\.$/, ''));
  const message = `${counted(websites, 'website')} whose certificate has expired or is about to cannot be ordered for: ${why}.`;
  return [runFailed('EMERGENCY_HELD_BACK', message, 'See: autossl limits')];
}
