import type { Clock } from '../ports/clock.js';
import type {
  KnownRevocations,
  ListCache,
  ListDownload,
  ResponderAnswers,
  ResponderDialogue,
} from '../ports/revocation.js';

/** What asking issuers for revoked certificates needs of the world. */
export interface RevocationHost {
  readonly clock: Pick<Clock, 'now'>;
  readonly known: KnownRevocations;
  readonly cache: ListCache;
  readonly download: ListDownload;
  readonly answers: ResponderAnswers;
  readonly responders: ResponderDialogue;
}
