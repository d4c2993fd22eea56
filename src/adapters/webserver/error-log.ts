import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { isSevere, meaningfulLine } from '../system/daemon/server-output.js';

/** Read at a time. */
const CHUNK_BYTES = 64 * 1024;
/** Kept of the lines that matter; what a failed reload says is a few. */
const MAX_LINES = 50;
/** Of every Apache process model, at level notice, which a log file always gets. */
const LOADED = 'resuming normal operations';

/** What a server writes to its error log from now on, as far as a reload is concerned. */
export class ErrorLogWatch {
  readonly #path: string;
  #position: number;
  #rest = '';
  #isLoaded = false;
  readonly #severe: string[] = [];

  private constructor(path: string, position: number) {
    this.#path = path;
    this.#position = position;
  }

  /** Undefined when there is no such regular file that we may read (a log may be a pipe or a service). */
  static from(path: string | null | undefined): ErrorLogWatch | undefined {
    if (path === null || path === undefined) return undefined;
    const size = inFile(path, (descriptor) => fstatSync(descriptor).size);
    return size === undefined ? undefined : new ErrorLogWatch(path, size);
  }

  /** Whether Apache has said that it took a configuration. */
  isLoaded(): boolean {
    this.#readOn();
    return this.#isLoaded;
  }

  /** The line that tells why the server gave up; undefined when there is none. */
  reason(): string | undefined {
    this.#readOn();
    return this.#severe.length === 0 ? undefined : meaningfulLine(this.#severe.join('\n'));
  }

  #readOn(): void {
    inFile(this.#path, (descriptor) => {
      // Rotated meanwhile: a new file has it all.
      if (fstatSync(descriptor).size < this.#position) this.#position = 0;
      const chunk = Buffer.alloc(CHUNK_BYTES);
      for (;;) {
        const length = readSync(descriptor, chunk, 0, chunk.length, this.#position);
        if (length === 0) return;
        this.#position += length;
        this.#take(chunk.toString('latin1', 0, length));
      }
    });
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = (lines.pop() ?? '').slice(0, CHUNK_BYTES);
    for (const line of lines) {
      if (line.includes(LOADED)) this.#isLoaded = true;
      if (this.#severe.length < MAX_LINES && isSevere(line)) this.#severe.push(line);
    }
  }
}

function inFile<T>(path: string, read: (descriptor: number) => T): T | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return fstatSync(descriptor).isFile() ? read(descriptor) : undefined;
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
