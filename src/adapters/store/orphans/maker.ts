import { stat } from 'node:fs/promises';
import { readTextFile } from '../../system/files/files.js';
import { livenessOf, parseIdentity } from '../../system/process/process-identity.js';

/** A folder that names no maker (we crashed before that line) is left alone so long after its last change, in ms. */
const NAMELESS_GRACE_MS = 3_600_000;

/**
 * Whether the process that made something, by its identity in `path`, is gone for certain. Where that file is missing or
 * says nothing, or names a process that we cannot see, the age of `folder` decides.
 */
export async function isMakerGone(path: string, folder: string): Promise<boolean> {
  const identity = parseIdentity(parseJson(await readTextFile(path).catch(() => undefined)));
  const liveness = identity === undefined ? 'unknown' : livenessOf(identity);
  if (liveness !== 'unknown') return liveness === 'gone';
  const facts = await stat(folder).catch(() => undefined);
  return facts !== undefined && facts.mtimeMs < Date.now() - NAMELESS_GRACE_MS;
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
