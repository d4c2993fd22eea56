import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { wordsOfCode } from '../../core/domain/system-fault.js';

/** What a command did. Nothing that it can do is an exception. */
export interface CommandResult {
  /** Null when it did not end by itself. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly hasTimedOut: boolean;
  /** Why it could not be started, as a clause; null when it was. */
  readonly startFault: string | null;
  /** At most `maxOutputBytes` of each, from the beginning; unescaped. */
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly timeoutMs: number;
  /** Text for its stdin; none: it reads end of file. */
  readonly input?: string;
  /** Added to PATH and LANG, which is all it gets. */
  readonly environment?: Readonly<Record<string, string>>;
  /** None: our own, or `/` where that was deleted. */
  readonly cwd?: string;
  readonly maxOutputBytes?: number;
  readonly signal?: AbortSignal;
}

/** Where commands are looked for, as root's own shell has it. */
const SEARCH_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const MAX_OUTPUT_BYTES = 64 * 1024;
/** Between SIGTERM and SIGKILL. */
const KILL_AFTER_MS = 5000;
/** A daemon that the command started may hold its output open for ever: so long is waited for the rest of it. */
const OUTPUT_AFTER_EXIT_MS = 500;
/** What a program left in its pipes is read in fewer turns of the event loop; only a daemon goes on writing. */
const MAX_TURNS_FOR_THE_REST = 100;

/**
 * Runs a program with its arguments, without a shell, in a process group of its own; the whole group is ended on timeout and
 * on abort. Ends when the program ends, even if a daemon that it started keeps its output open. Never throws for what the
 * program does. The only door to execa.
 */
export async function runCommand(argv: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const [file = '', ...args] = argv;
  const { execa } = await import('execa');
  const child = execa(file, args, {
    shell: false,
    reject: false,
    buffer: false,
    detached: true,
    cleanup: false,
    extendEnv: false,
    env: { PATH: SEARCH_PATH, LANG: 'C', ...options.environment },
    ...(options.input === undefined ? { stdin: 'ignore' } : { input: options.input }),
    cwd: options.cwd ?? presentFolder(),
  });
  const limit = options.maxOutputBytes ?? MAX_OUTPUT_BYTES;
  const stdout = collect(child.stdout, limit);
  const stderr = collect(child.stderr, limit);
  let hasTimedOut = false;
  const endGroup = (): void => {
    signalGroup(child.pid, constants.signals.SIGTERM);
    killTimer = setTimeout(() => signalGroup(child.pid, constants.signals.SIGKILL), KILL_AFTER_MS);
  };
  let killTimer: NodeJS.Timeout | undefined;
  const timer = setTimeout(() => {
    hasTimedOut = true;
    endGroup();
  }, options.timeoutMs);
  if (options.signal?.aborted === true) endGroup();
  options.signal?.addEventListener('abort', endGroup, { once: true });
  child.once('exit', () => {
    setTimeout(() => {
      closeWhenRead([child.stdout, child.stderr], MAX_TURNS_FOR_THE_REST);
    }, OUTPUT_AFTER_EXIT_MS).unref();
  });
  const result = await child;
  clearTimeout(timer);
  clearTimeout(killTimer);
  options.signal?.removeEventListener('abort', endGroup);
  const isStarted = child.pid !== undefined;
  return {
    exitCode: isStarted ? child.exitCode : null,
    signal: child.signalCode,
    hasTimedOut,
    startFault: isStarted ? null : whyNotStarted(result.code),
    stdout: stdout(),
    stderr: stderr(),
  };
}

function presentFolder(): string {
  try {
    return process.cwd();
  } catch {
    return '/';
  }
}

/** Of a program `it` is not the folder or file that a path names. */
function whyNotStarted(code = 'unknown'): string {
  return code === 'ENOENT' ? 'there is no such program' : wordsOfCode(code);
}

function collect(stream: NodeJS.ReadableStream | null | undefined, limit: number): () => string {
  const parts: Buffer[] = [];
  let length = 0;
  stream?.on('data', (part: Buffer) => {
    const taken = part.subarray(0, limit - length);
    if (taken.length > 0) parts.push(taken);
    length += taken.length;
  });
  stream?.on('error', () => undefined);
  return () => Buffer.concat(parts).toString('utf8');
}

/** We may have been busy all the time: what lies there to be read is read before the door is shut. */
function closeWhenRead(streams: readonly (Readable | null | undefined)[], turnsLeft: number): void {
  let isMore = false;
  const note = (): void => {
    isMore = true;
  };
  for (const stream of streams) stream?.on('data', note);
  // The event loop reads between its timers and its immediates.
  setImmediate(() => {
    for (const stream of streams) stream?.off('data', note);
    if (isMore && turnsLeft > 0) closeWhenRead(streams, turnsLeft - 1);
    else for (const stream of streams) stream?.destroy();
  });
}

function signalGroup(pid: number | undefined, signal: number): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended.
  }
}
