import { readFileSync, readlinkSync } from 'node:fs';

/** What tells one process from every other, also after its pid was given away or the machine started anew. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: clock ticks since boot at which it started; null without /proc. */
  readonly startTicks: number | null;
  /** /proc/sys/kernel/random/boot_id; null without /proc. */
  readonly bootId: string | null;
  /** The pid namespace (`pid:[…]`): pids of another container say nothing here. */
  readonly pidNamespace: string | null;
}

/** `unknown`: it lives in another pid namespace, or /proc does not let us look. */
export type Liveness = 'alive' | 'gone' | 'unknown';

/** USER_HZ: the unit of /proc/PID/stat's times is fixed at 10 ms for user space (proc(5)). */
const TICK_MS = 10;

let own: ProcessIdentity | undefined;

/** This process. */
export function ownIdentity(): ProcessIdentity {
  own ??= {
    pid: process.pid,
    startTicks: ownStartTicks(),
    bootId: readLine('/proc/sys/kernel/random/boot_id'),
    pidNamespace: readLink('/proc/self/ns/pid'),
  };
  return own;
}

/** The process that has the pid now; undefined when there is none, it is a zombie, or /proc does not let us look. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const stat = readStat(pid);
  if (stat === undefined || stat === 'hidden' || stat.isDead) return undefined;
  const { bootId, pidNamespace } = ownIdentity();
  return { pid, startTicks: stat.startTicks, bootId, pidNamespace };
}

/** The pid of the process that started it, or of whoever inherited it; undefined as for `identityOf`. */
export function parentOf(pid: number): number | undefined {
  const stat = readStat(pid);
  return stat === undefined || stat === 'hidden' || stat.isDead ? undefined : stat.parentPid;
}

/** Whether that very process still runs. A zombie ran its last line: it is gone. */
export function livenessOf(identity: ProcessIdentity): Liveness {
  const here = ownIdentity();
  if (identity.bootId !== null && here.bootId !== null && identity.bootId !== here.bootId) return 'gone';
  if (identity.pidNamespace !== here.pidNamespace) return 'unknown';
  if (identity.startTicks === null || here.startTicks === null) return answersSignals(identity.pid);
  const stat = readStat(identity.pid);
  if (stat === 'hidden') return 'unknown';
  return stat !== undefined && !stat.isDead && stat.startTicks === identity.startTicks ? 'alive' : 'gone';
}

/**
 * Whether a process with this pid runs now that was already running at `instant` (a file's ctime, for example). A younger
 * one got the pid of a dead process. `toleranceMs` covers rounding and small steps of the clock.
 */
export function wasRunningAt(pid: number, instant: Date, toleranceMs = 10_000): boolean {
  const stat = readStat(pid);
  if (stat === 'hidden') return true;
  if (stat === undefined) return ownIdentity().startTicks === null && answersSignals(pid) === 'alive';
  if (stat.isDead) return false;
  return bootInstantMs() + stat.startTicks * TICK_MS <= instant.getTime() + toleranceMs;
}

/**
 * When the kernel started, in ms of the wall clock of now; 0 without /proc. Reckoned from our own start, because a
 * container's uptime is its own while the ticks of /proc/PID/stat are the kernel's.
 */
export function bootInstantMs(): number {
  const { startTicks } = ownIdentity();
  if (startTicks === null) return 0;
  return Date.now() - process.uptime() * 1000 - startTicks * TICK_MS;
}

/** One word that names the process for ever, as the log's `upid`: `<pid>.<start ticks>.<boot id>`. */
export function identityWord(identity: ProcessIdentity): string {
  return `${identity.pid}.${identity.startTicks ?? 0}.${identity.bootId ?? 'unknown'}`;
}

/** Whether the process that an `identityWord` names still runs; a word of other make counts as gone. */
export function isWordAlive(word: string): boolean {
  const parts = /^(\d{1,10})\.(\d{1,18})\.([0-9a-f-]{36})$/.exec(word);
  if (parts === null) return false;
  const [, pid, startTicks, bootId] = parts;
  return (
    livenessOf({
      pid: Number(pid),
      startTicks: Number(startTicks),
      bootId: bootId ?? null,
      pidNamespace: ownIdentity().pidNamespace,
    }) === 'alive'
  );
}

/** An identity read back from a record; undefined when it has not its shape. */
export function parseIdentity(value: unknown): ProcessIdentity | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { pid, startTicks, bootId, pidNamespace } = value as Record<string, unknown>;
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid < 1) return undefined;
  return {
    pid,
    startTicks: typeof startTicks === 'number' ? startTicks : null,
    bootId: typeof bootId === 'string' ? bootId : null,
    pidNamespace: typeof pidNamespace === 'string' ? pidNamespace : null,
  };
}

function ownStartTicks(): number | null {
  const stat = readStat(process.pid);
  return stat === undefined || stat === 'hidden' ? null : stat.startTicks;
}

/** proc(5): `pid (comm) state …`; comm may hold blanks and parentheses, so fields count from the last `)`. */
function readStat(
  pid: number,
): { isDead: boolean; parentPid: number; startTicks: number } | 'hidden' | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return code === 'ENOENT' || code === 'ESRCH' ? undefined : 'hidden';
  }
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const state = fields[0] ?? '';
  return {
    isDead: state === 'Z' || state === 'X',
    parentPid: Number(fields[1]),
    startTicks: Number(fields[19]),
  };
}

function answersSignals(pid: number): Liveness {
  try {
    process.kill(pid, 0);
    return 'alive';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH' ? 'gone' : 'alive';
  }
}

function readLine(path: string): string | null {
  try {
    return readFileSync(path, 'latin1').trim();
  } catch {
    return null;
  }
}

function readLink(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
