import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { waitForDisk } from '../../system/files/durable-file.js';
import {
  asWriteError,
  isThere,
  readTextFile,
  syncFolder,
  writeFileAtomically,
} from '../../system/files/files.js';
import { isMessageId } from './queued-record.js';

const MS_PER_DAY = 24 * 3_600_000;
const KEPT_MS = 30 * MS_PER_DAY;
/** Two nights in which everybody is told something. */
const MOST_KEPT = 50_000;
/** Rewritten when so many lines more lie there. */
const SLACK = 5_000;
const MAX_BYTES = 32 * 1024 * 1024;

interface SentLine {
  readonly id: string;
  readonly at: number;
}

/** The ids of messages that were sent lately: `sent.jsonl`, a line each, added to the end. */
export class SentIds {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Lines that are none (a crash, somebody's editor) are passed over; a file that cannot be read knows nothing. */
  async read(now: Date): Promise<ReadonlySet<string>> {
    return new Set(kept(await this.#lines(), now).map(({ id }) => id));
  }

  /** Durable before it resolves. @throws StateError WRITE_FAILED, NO_SPACE */
  async add(id: string, now: Date): Promise<void> {
    const isNew = !(await isThere(this.#path));
    // O_NONBLOCK: a FIFO in its place is an error, not a wait.
    const flags =
      constants.O_CREAT |
      constants.O_APPEND |
      constants.O_WRONLY |
      constants.O_NOFOLLOW |
      constants.O_NONBLOCK;
    try {
      const descriptor = openSync(this.#path, flags, 0o600);
      try {
        // Before the line, too: what a crash left unended spoils no second one.
        writeSync(descriptor, `\n${JSON.stringify({ id, at: now.toISOString() })}\n`);
        await waitForDisk(descriptor);
      } finally {
        closeSync(descriptor);
      }
      if (isNew) await syncFolder(dirname(this.#path));
    } catch (error) {
      throw asWriteError(error, this.#path);
    }
  }

  /** Forgets what is old or too much. */
  async tidy(now: Date): Promise<void> {
    const lines = await this.#lines();
    const [first] = lines;
    const isOld = first !== undefined && first.at < now.getTime() - KEPT_MS - MS_PER_DAY;
    if (!isOld && lines.length <= MOST_KEPT + SLACK) return;
    const text = kept(lines, now).map(
      ({ id, at }) => `${JSON.stringify({ id, at: new Date(at).toISOString() })}\n`,
    );
    await writeFileAtomically(this.#path, text.join(''), { mode: 0o600, uid: 0, gid: 0 });
  }

  async #lines(): Promise<readonly SentLine[]> {
    const text = await readTextFile(this.#path, MAX_BYTES).catch(() => undefined);
    return (text ?? '').split('\n').flatMap((line) => lineIn(line) ?? []);
  }
}

/** An instant in the future (a clock that was wrong) does not keep a line for ever: the number of lines is bounded. */
function kept(lines: readonly SentLine[], now: Date): readonly SentLine[] {
  return lines.filter(({ at }) => at >= now.getTime() - KEPT_MS).slice(-MOST_KEPT);
}

function lineIn(line: string): SentLine | undefined {
  if (line === '') return undefined;
  try {
    const { id, at } = JSON.parse(line) as { readonly id?: unknown; readonly at?: unknown };
    const instant = Date.parse(String(at));
    return typeof id === 'string' && isMessageId(id) && !Number.isNaN(instant)
      ? { id, at: instant }
      : undefined;
  } catch {
    return undefined;
  }
}
