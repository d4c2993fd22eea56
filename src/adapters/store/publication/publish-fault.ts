import { AutosslError, InstallError, StateError } from '../../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../../core/domain/name/names.js';
import { reasonOf } from '../../../core/domain/system-fault.js';
import type { WebsiteRef } from '../../../core/domain/website/website.js';

/** What a publication that failed throws: PUBLISH_FAILED for what the world did; a lost lock and our own mistakes as they are. */
export function publishFault(website: WebsiteRef, error: unknown): unknown {
  if (error instanceof InstallError) return error;
  if (error instanceof StateError && error.code === 'LOCK_LOST') return error;
  const isOurs = error instanceof AutosslError;
  const code = (error as NodeJS.ErrnoException).code;
  if (!isOurs && code === undefined) return error;
  const advice = isOurs ? error.advice : null;
  return new InstallError(
    'PUBLISH_FAILED',
    `the certificate of ${quoteForMessage(website.vhost)} could not be put in place: ${reasonOf(error)}`,
    { cause: error, ...(advice === null ? {} : { advice }) },
  );
}
