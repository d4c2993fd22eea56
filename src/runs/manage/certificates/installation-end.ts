import type { WebsiteRef } from '../../../core/domain/website/website.js';
import { installFailed, publishedNotServed } from '../../../core/report/events/install-events.js';
import type { RunRecorder } from '../../check/run-recorder.js';
import type { InstallOutcome } from '../../install/install-ports.js';

/** How an installation by hand ended for one website. */
export type InstallationEnd =
  | { readonly state: 'served' | 'published' }
  /** `not-served`: in place, and something else answers. `unchanged`: what lay there before lies there. */
  | {
      readonly state: 'not-served' | 'unchanged';
      readonly code: string;
      /** One clause. */
      readonly message: string;
      readonly advice: string;
    };

/** Of a transaction's outcome; what went wrong is recorded. The transaction's own advice is for orders: nobody tries this again. */
export function installationEndOf(
  website: WebsiteRef,
  outcome: InstallOutcome | undefined,
  recorder: Pick<RunRecorder, 'record'>,
): InstallationEnd {
  if (outcome === undefined || outcome.state === 'held' || outcome.state === 'restored') {
    const { code, why: message } = outcome ?? NOT_CONCLUDED;
    recorder.record(installFailed(website, code, message, GIVE_AGAIN));
    return { state: 'unchanged', code, message, advice: GIVE_AGAIN };
  }
  const verdict = outcome.proof?.verdict;
  if (verdict === undefined) return { state: 'published' };
  if (verdict.served) return { state: 'served' };
  recorder.record(publishedNotServed(website, verdict));
  const { code, message, advice } = verdict;
  return { state: 'not-served', code, message, advice };
}

const GIVE_AGAIN = 'When that is mended, give the command again.';

/** A transaction says something of each of its members. */
const NOT_CONCLUDED = {
  code: 'PUBLISH_FAILED',
  why: 'the installation ended without a word about it',
} as const;
