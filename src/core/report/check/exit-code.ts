import {
  AutosslError,
  ConfigurationError,
  InternalError,
  StateError,
  UsageError,
} from '../../domain/autossl-error.js';

/** The one table of exit codes (design section 2). */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  couldNotRun: 3,
  tryAgain: 75,
} as const;

/** The exit code of an error that ended a program. */
export function exitCodeForError(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof StateError && error.code === 'LOCKED') return EXIT.tryAgain;
  if (error instanceof StateError || error instanceof ConfigurationError) return EXIT.couldNotRun;
  // A mistake of ours is one whether we noticed it ourselves or not.
  if (error instanceof AutosslError && !(error instanceof InternalError)) return EXIT.failed;
  return EXIT.couldNotRun;
}
