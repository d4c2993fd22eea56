import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { OfferFinding } from '../../core/certificate/offered/offer.js';
import { UsageError } from '../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../core/domain/name/names.js';
import { reasonOf } from '../../core/domain/system-fault.js';

/** Stands for standard input. */
export const STANDARD_INPUT = '-';
/** All public roots together take a quarter of it. */
const MAX_BYTES = 1024 * 1024;
/** Permission bits by which anybody at all may read or write. */
const OTHERS = 0o006;

/** A file that somebody named on a command line. */
export interface OfferedFile {
  readonly bytes: Uint8Array;
  readonly warnings: readonly OfferFinding[];
}

/**
 * Reads a file with a certificate or key, or standard input (`-`). Never blocks on a FIFO. `isSecret`: it is warned of when
 * others may know what is in it. @throws UsageError BAD_ARGUMENT for what is no file, cannot be read or is too large
 */
export async function readOfferedFile(path: string, isSecret: boolean): Promise<OfferedFile> {
  if (path === STANDARD_INPUT) return { bytes: await readStandardInput(), warnings: [] };
  const named = quoteForMessage(path);
  try {
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    try {
      const facts = await handle.stat();
      if (!facts.isFile()) {
        throw new UsageError('BAD_ARGUMENT', `${named} is not a regular file`, {
          advice: `Name a file, or ${STANDARD_INPUT} and give it on standard input.`,
        });
      }
      if (facts.size > MAX_BYTES) throw tooLarge(named);
      const bytes = await handle.readFile();
      return { bytes, warnings: isSecret ? exposures(named, facts) : [] };
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError('BAD_ARGUMENT', `${named} cannot be read: ${reasonOf(error)}`, { cause: error });
  }
}

async function readStandardInput(): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of process.stdin) {
    const bytes = Buffer.from(part);
    size += bytes.length;
    if (size > MAX_BYTES) throw tooLarge('what comes on standard input');
    parts.push(bytes);
  }
  return Buffer.concat(parts);
}

function tooLarge(what: string): UsageError {
  return new UsageError('BAD_ARGUMENT', `${what} is larger than ${MAX_BYTES} bytes`);
}

function exposures(
  named: string,
  { mode, uid }: { readonly mode: number; readonly uid: number },
): readonly OfferFinding[] {
  const found: OfferFinding[] = [];
  const advice = 'Have a certificate issued for a new key if somebody else may have it.';
  if ((mode & OTHERS) !== 0) {
    const message = `The mode of the key file ${named} opens it to every user of this server.`;
    found.push({ code: 'KEY_EXPOSED', message, advice });
  }
  if (uid !== 0 && uid !== process.getuid?.()) {
    const message = `The key file ${named} belongs to another user (uid ${uid}), who has the key.`;
    found.push({ code: 'KEY_EXPOSED', message, advice });
  }
  return found;
}
