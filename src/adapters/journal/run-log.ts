import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { StateError } from '../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../core/domain/name/names.js';
import type { RunEvent } from '../../core/report/events/event.js';
import { renderJsonLine } from '../../core/report/text/json-lines.js';
import { logInstant, parseLogInstant } from '../../core/report/text/log-instant.js';
import { renderLogLine } from '../../core/report/text/text.js';
import type { Clock } from '../../runs/ports/clock.js';
import type { RunJournal } from '../../runs/ports/journal.js';
import { asWriteError, ensureFolder, isErrno, isThere, syncFolder } from '../system/files/files.js';
import { identityWord, ownIdentity } from '../system/process/process-identity.js';
import type { Tree } from '../system/tree.js';
import { tidyRunLogs, WRITER_PREFIX } from './log-tidying.js';
import { LogSink } from './sink.js';

/** Lines are kept back until there are so many bytes of them, or for so long. */
const FLUSH_BYTES = 64 * 1024;
const FLUSH_AFTER_MS = 1000;
/** A log's name taken by another run: so many following seconds are tried. */
const MAX_NAME_TRIES = 600;
const LOGS_PARENT_MODE = 0o711;
const PRIVATE_FOLDER = 0o700;

export interface RunLogFacts {
  /** The provider's module name. */
  readonly provider: string;
  /** The account, or `*` for all. */
  readonly username: string;
  readonly clock: Clock;
}

/**
 * Begins a run's log: its folder is made exclusively (the next second when the name is taken), with `provider`, `username` and
 * `upid` as links whose text is the value. Old logs are dropped or compressed on the way. @throws StateError WRITE_FAILED, NO_SPACE; ConfigurationError UNSAFE_FILE
 */
export async function openRunLog(tree: Tree, facts: RunLogFacts): Promise<RunJournal> {
  const logs = tree.logs();
  tree.assertInside(logs);
  await ensureFolder(join(logs, '..'), LOGS_PARENT_MODE);
  await ensureFolder(logs, PRIVATE_FOLDER);
  try {
    const startedAt = makeFolder(logs, facts.clock.now());
    const folder = join(logs, startedAt);
    symlinkSync(facts.provider, join(folder, 'provider'));
    symlinkSync(facts.username, join(folder, 'username'));
    symlinkSync(identityWord(ownIdentity()), join(folder, 'upid'));
    const journal = new FileRunJournal(folder, startedAt, facts.clock, { isNew: true });
    await syncFolder(folder);
    await syncFolder(logs);
    for (const fault of await tidyRunLogs(tree, facts.clock.now())) {
      journal.record({ type: 'warn', code: 'LOG_NOT_TIDIED', indent: 0, contents: fault });
    }
    return journal;
  } catch (error) {
    throw asWriteError(error, logs);
  }
}

/** Goes on writing in the log of an earlier run (the poller's way); undefined when it is gone. @throws as `openRunLog` */
export async function resumeRunLog(
  tree: Tree,
  startedAt: string,
  clock: Clock,
): Promise<RunJournal | undefined> {
  const at = parseLogInstant(startedAt);
  if (at === undefined) return undefined;
  const name = logInstant(at);
  const folder = join(tree.logs(), name);
  if (!(await isThere(folder))) return undefined;
  tree.assertInside(folder);
  try {
    const writer = join(folder, `${WRITER_PREFIX}${process.pid}`);
    rmSync(writer, { force: true });
    symlinkSync(identityWord(ownIdentity()), writer);
    return new FileRunJournal(folder, name, clock, { isNew: false }, () => rmSync(writer, { force: true }));
  } catch (error) {
    throw asWriteError(error, folder);
  }
}

class FileRunJournal implements RunJournal {
  readonly startedAt: string;
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #json: LogSink;
  readonly #text: LogSink;
  #jsonLines: string[] = [];
  #textLines: string[] = [];
  #bufferedBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  readonly #onClose: () => void;
  readonly #flushOnExit = (): void => this.#write();

  constructor(
    folder: string,
    startedAt: string,
    clock: Clock,
    options: { readonly isNew: boolean },
    onClose = (): void => undefined,
  ) {
    this.#onClose = onClose;
    this.startedAt = startedAt;
    this.#folder = folder;
    this.#clock = clock;
    this.#json = new LogSink(join(folder, 'json'), options);
    this.#text = new LogSink(join(folder, 'txt'), options);
    process.once('exit', this.#flushOnExit);
  }

  /** Never throws and never waits for the disk longer than one write of 64 kB. */
  record(event: RunEvent): void {
    if (this.#isClosed) return;
    const at = this.#clock.now();
    const json = renderJsonLine(event, at, process.pid);
    const text = renderLogLine(event, at);
    this.#jsonLines.push(json);
    this.#textLines.push(text);
    this.#bufferedBytes += Math.max(json.length, text.length);
    if (this.#bufferedBytes >= FLUSH_BYTES) this.#write();
    else this.#timer ??= setTimeout(() => this.#write(), FLUSH_AFTER_MS).unref();
  }

  async flush(): Promise<void> {
    await this.#writeAll();
    this.#throwIfLost();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    await this.#writeAll();
    this.#isClosed = true;
    process.removeListener('exit', this.#flushOnExit);
    this.#json.close();
    this.#text.close();
    this.#onClose();
    this.#throwIfLost();
  }

  async #writeAll(): Promise<void> {
    this.#write();
    for (const name of ['json', 'txt']) await syncFile(join(this.#folder, name)).catch(() => undefined);
  }

  #throwIfLost(): void {
    const fault = this.#json.fault ?? this.#text.fault;
    if (fault === undefined) return;
    const lost = Math.max(this.#json.lostLines, this.#text.lostLines);
    const isFull = isErrno(fault, 'ENOSPC') || isErrno(fault, 'EDQUOT');
    throw new StateError(
      isFull ? 'NO_SPACE' : 'WRITE_FAILED',
      `${lost} lines of the log ${quoteForMessage(this.#folder)} could not be written`,
      { cause: fault, advice: isFull ? 'Free some space on that file system.' : 'Check that file system.' },
    );
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#json.append(this.#jsonLines);
    this.#text.append(this.#textLines);
    this.#jsonLines = [];
    this.#textLines = [];
    this.#bufferedBytes = 0;
  }
}

function makeFolder(logs: string, now: Date): string {
  for (let second = 0; ; second += 1) {
    const name = logInstant(new Date(now.getTime() + second * 1000));
    try {
      mkdirSync(join(logs, name), { mode: PRIVATE_FOLDER });
      return name;
    } catch (error) {
      if (!isErrno(error, 'EEXIST') || second === MAX_NAME_TRIES) throw error;
    }
  }
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.datasync();
  } finally {
    await handle.close();
  }
}
