import { AutosslError } from '../../core/domain/autossl-error.js';
import { printable } from '../../core/domain/names.js';
import { placeholderPlaced } from '../../core/report/install-events.js';
import { websiteFailed } from '../../core/report/work-events.js';
import { placePlaceholder } from '../install/placeholder.js';
import type { CheckHost } from './check-host.js';
import type { RunRecorder } from './run-recorder.js';
import type { WebsiteWork } from './survey-websites.js';

/** A placeholder for each website that has nothing at all, before anything is ordered. */
export async function placePlaceholders(
  work: readonly WebsiteWork[],
  host: CheckHost,
  recorder: RunRecorder,
  signal: AbortSignal,
): Promise<void> {
  for (const { website, action } of work) {
    if (signal.aborted) return;
    if (!action.because.some(({ code }) => code === 'CERTIFICATE_ABSENT')) continue;
    const lock = await host.locks.tryAcquire(`website:${website.vhost}`, 'autossl_check (placeholder)');
    if ('heldBy' in lock) continue;
    try {
      const names = website.candidates.filter(({ isService }) => !isService).map(({ name }) => name);
      if (await placePlaceholder(website, names, host.placeholders))
        recorder.record(placeholderPlaced(website));
    } catch (error) {
      if (!(error instanceof AutosslError)) throw error;
      recorder.record(websiteFailed(website, error.code, printable(error.message), error.advice));
    } finally {
      await lock.release();
    }
  }
}
