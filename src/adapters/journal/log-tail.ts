import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { StateError } from '../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../core/domain/name/names.js';
import { reasonOf } from '../../core/domain/system-fault.js';
import type { LogTail } from '../../runs/ports/journal.js';
import type { Tree } from '../system/tree.js';
import { findRunLog, openLogFile, readLogFile } from './log-reading.js';

const unzip = promisify(gunzip);
/** Read at once. */
const PIECE_BYTES = 256 * 1024;
const NEWLINE = 0x0a;

/** The lines of one file of a log that was begun then, as they come; undefined when there is no such log. */
export async function openLogTail(
  tree: Tree,
  startedAt: string,
  file: 'json' | 'txt',
): Promise<LogTail | undefined> {
  const folder = await findRunLog(tree, startedAt);
  return folder === null ? undefined : new FileLogTail(join(folder, file));
}

class FileLogTail implements LogTail {
  readonly #path: string;
  #isBegun = false;
  /** In the file that is not compressed. */
  #offset = 0;
  /** Bytes of a line that is not whole yet. */
  #rest = Buffer.alloc(0);

  constructor(path: string) {
    this.#path = path;
  }

  async *newLines(): AsyncGenerator<string> {
    try {
      yield* this.#lines();
    } catch (error) {
      throw new StateError(
        'TREE_UNREADABLE',
        `${quoteForMessage(this.#path)} cannot be read: ${reasonOf(error)}`,
        { cause: error },
      );
    }
  }

  async *#lines(): AsyncGenerator<string> {
    if (!this.#isBegun) {
      this.#isBegun = true;
      const compressed = await readLogFile(`${this.#path}.gz`);
      if (compressed !== undefined) yield* this.#linesOf(await unzip(compressed));
    }
    const handle = await openLogFile(this.#path);
    if (handle === undefined) return;
    try {
      for (;;) {
        const { buffer, bytesRead } = await handle.read(
          Buffer.alloc(PIECE_BYTES),
          0,
          PIECE_BYTES,
          this.#offset,
        );
        if (bytesRead === 0) return;
        this.#offset += bytesRead;
        yield* this.#linesOf(buffer.subarray(0, bytesRead));
      }
    } finally {
      await handle.close();
    }
  }

  rest(): string {
    const text = this.#rest.toString('utf8');
    this.#rest = Buffer.alloc(0);
    return text;
  }

  *#linesOf(bytes: Buffer): Generator<string> {
    const text = Buffer.concat([this.#rest, bytes]);
    const end = text.lastIndexOf(NEWLINE) + 1;
    this.#rest = text.subarray(end);
    if (end > 0) yield* text.toString('utf8', 0, end - 1).split('\n');
  }
}
