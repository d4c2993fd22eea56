import { AutosslError } from '../../core/domain/autossl-error.js';
import { printable } from '../../core/domain/name/names.js';
import type { Website } from '../../core/domain/website/website.js';
import { placeholderPlaced } from '../../core/report/events/install-events.js';
import { websiteFailed } from '../../core/report/events/work-events.js';
import { placePlaceholder } from '../install/placeholder.js';
import type { CheckHost } from './check-host.js';
import type { RunRecorder } from './run-recorder.js';

/** A placeholder for each website that has nothing at all, before anything is ordered. Gives how many it placed. */
export async function placePlaceholders(
  empty: readonly Website[],
  host: CheckHost,
  recorder: RunRecorder,
  signal: AbortSignal,
): Promise<number> {
  let placed = 0;
  for (const website of empty) {
    if (signal.aborted) break;
    const lock = await host.locks.tryAcquire(`website:${website.vhost}`, 'autossl_check (placeholder)');
    if ('heldBy' in lock) continue;
    try {
      const names = website.candidates.filter(({ isService }) => !isService).map(({ name }) => name);
      if (await placePlaceholder(website, names, host.placeholders)) {
        placed += 1;
        recorder.record(placeholderPlaced(website));
      }
    } catch (error) {
      if (!(error instanceof AutosslError)) throw error;
      recorder.record(websiteFailed(website, error.code, printable(error.message), error.advice));
    } finally {
      await lock.release();
    }
  }
  return placed;
}
