import { broughtForward } from '../../core/plan/brought-forward.js';
import type { RenewalRecord } from '../../core/renewal/information/renewal-record.js';
import type { RunEvent } from '../../core/report/events/event.js';
import { changeDue } from '../check/note-due.js';
import { askDueRenewals } from '../renewal/noted-certificates.js';
import type { QueueSession } from './queue-session.js';

/**
 * Asks CAs about the certificates whose instant has come, and puts what is to be renewed before the next run into the due
 * index: what a CA calls back is worked on in this very turn. @throws StateError
 */
export async function askForRenewals(
  isForced: boolean,
  { host, recorder, signal }: QueueSession,
): Promise<void> {
  // What a CA says as usual is no news for the logs of others.
  const warn = (...events: readonly RunEvent[]): void =>
    recorder.record(...events.filter(({ type }) => type === 'warn'));
  const changed = await askDueRenewals({ account: null, isForced }, host, warn, signal);
  const sooner = changed.filter((one) => isBeforeNextRun(one, host));
  if (sooner.length === 0) return;
  await changeDue(host, (index) => broughtForward(index, sooner));
}

function isBeforeNextRun(
  { info }: RenewalRecord,
  { clock, settings }: Pick<QueueSession['host'], 'clock' | 'settings'>,
): boolean {
  return info !== null && info.selectedAt.getTime() <= clock.now().getTime() + settings.intervalMs;
}
