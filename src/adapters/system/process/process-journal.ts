import { appendFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { asWriteError, ensureFolder, listFolder, readTextFile } from '../files/files.js';
import { identityWord, isWordAlive, ownIdentity } from './process-identity.js';

const SUFFIX = '.jsonl';

/** What a process that is gone noted and may have left behind. */
export interface DeadJournal<Entry> {
  /** The process, as `identityWord` names it. */
  readonly process: string;
  readonly entries: readonly Entry[];
  /** Removes the journal; never throws. */
  remove(): Promise<void>;
}

export interface EntryForm<Entry> {
  /** What tells one entry from another. */
  keyOf(entry: Entry): string;
  /** The object that a line holds; undefined for what is no entry. */
  parse(value: Readonly<Record<string, unknown>>): Entry | undefined;
}

/**
 * `<folder>/<process>.jsonl`: what each process put somewhere, noted before it is put there, so that the sweep of a later run
 * finds what a crash left. The file goes with the last of its entries.
 */
export class ProcessJournal<Entry extends object> {
  readonly #folder: string;
  readonly #path: string;
  readonly #form: EntryForm<Entry>;
  readonly #noted = new Map<string, Entry>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(folder: string, form: EntryForm<Entry>) {
    this.#folder = folder;
    this.#path = join(folder, identityWord(ownIdentity()) + SUFFIX);
    this.#form = form;
  }

  /** @throws StateError WRITE_FAILED or NO_SPACE */
  note(entries: readonly Entry[]): Promise<void> {
    const text = entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
    return this.#inTurn(async () => {
      try {
        await ensureFolder(this.#folder, 0o700);
        await appendFile(this.#path, text, { mode: 0o600 });
      } catch (error) {
        throw asWriteError(error, this.#path);
      }
      for (const entry of entries) this.#noted.set(this.#form.keyOf(entry), entry);
    });
  }

  /** As this process noted it; undefined when it did not. */
  noted(key: string): Entry | undefined {
    return this.#noted.get(key);
  }

  /** What was noted is gone again. Never throws: at worst a later sweep looks for it in vain. */
  forget(keys: readonly string[]): Promise<void> {
    return this.#inTurn(async () => {
      for (const key of keys) this.#noted.delete(key);
      if (this.#noted.size === 0) await unlink(this.#path).catch(() => undefined);
    });
  }

  /** The journals of processes that are gone. A damaged line is passed over. */
  async readDead(): Promise<readonly DeadJournal<Entry>[]> {
    const journals: DeadJournal<Entry>[] = [];
    for (const name of await listFolder(this.#folder)) {
      const path = join(this.#folder, name);
      const word = name.slice(0, -SUFFIX.length);
      if (!name.endsWith(SUFFIX) || isWordAlive(word)) continue;
      const text = (await readTextFile(path)) ?? '';
      const entries = text.split('\n').flatMap((line) => this.#parse(line));
      journals.push({ process: word, entries, remove: () => unlink(path).catch(() => undefined) });
    }
    return journals;
  }

  #parse(line: string): Entry[] {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      return [];
    }
    if (typeof value !== 'object' || value === null) return [];
    const entry = this.#form.parse(value as Readonly<Record<string, unknown>>);
    return entry === undefined ? [] : [entry];
  }

  #inTurn(task: () => Promise<void>): Promise<void> {
    const result = this.#last.then(task);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
