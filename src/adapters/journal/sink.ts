import { closeSync, constants, openSync, writeSync } from 'node:fs';

/**
 * One file of a log. Lines go out in one write per group (O_APPEND), so that two processes never mix within a line. A write
 * that fails or falls short costs its lines, not the run: the next one begins on a line of its own.
 */
export class LogSink {
  readonly #descriptor: number;
  #isTorn = false;
  #lostLines = 0;
  #fault: unknown;

  constructor(path: string, options: { readonly isNew: boolean }) {
    // O_NONBLOCK: a FIFO in its place is an error, not a wait.
    const flags =
      constants.O_WRONLY |
      constants.O_CREAT |
      constants.O_APPEND |
      constants.O_NOFOLLOW |
      constants.O_NONBLOCK;
    this.#descriptor = openSync(path, options.isNew ? flags | constants.O_EXCL : flags, 0o600);
  }

  /** The first failure, if there was one. */
  get fault(): unknown {
    return this.#fault;
  }
  get lostLines(): number {
    return this.#lostLines;
  }

  /** Writes whole lines. Never throws. */
  append(lines: readonly string[]): void {
    if (lines.length === 0) return;
    const bytes = Buffer.from((this.#isTorn ? '\n' : '') + lines.join(''), 'utf8');
    let written = 0;
    try {
      while (written < bytes.length) {
        written += writeSync(this.#descriptor, bytes, written, bytes.length - written, null);
      }
      this.#isTorn = false;
    } catch (error) {
      this.#fault ??= error;
      this.#isTorn = this.#isTorn ? true : written > 0;
      this.#lostLines += lines.length;
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}
