import { readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { identityOf, identityWord, ownIdentity, parentOf } from '../process/process-identity.js';

/** The main process of a daemon, as the kernel shows it. */
export interface MasterProcess {
  readonly pid: number;
  /** Its real user. */
  readonly uid: number;
  /** Names this very process for ever. */
  readonly startToken: string;
  /** Later started processes have more. */
  readonly startTicks: number;
  /** Absolute path of its program. */
  readonly program: string;
  /** /proc/PID/cmdline; a daemon may have written a title over it. */
  readonly commandLine: readonly string[];
  /** Its working directory: relative arguments count from there. */
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The systemd unit that it is part of; null without systemd. */
  readonly unit: string | null;
}

/** After a package was upgraded, the running program's file is gone; the new one lies at the same path. */
const DELETED = / \(deleted\)$/;
const GROUP_OR_OTHERS_WRITE = 0o022;

/** Whose processes are looked at. */
export type IsOwner = (uid: number) => boolean;

const isOurself: IsOwner = (uid) => uid === process.getuid?.();

/**
 * Running main processes of the named programs (`nginx`, `apache2` …): our own user's only, unless `isOwner` says otherwise
 * (root's, as root: what others run we neither signal nor execute), of this pid namespace and this root folder (no containers), not children of
 * the same program, no zombies. Youngest first. Empty without /proc.
 */
export function findMasters(programs: readonly string[], isOwner = isOurself): readonly MasterProcess[] {
  let entries: readonly string[];
  try {
    entries = readdirSync('/proc');
  } catch {
    return [];
  }
  return entries
    .filter((name) => /^\d+$/.test(name))
    .map((name) => masterAt(Number(name), programs, isOwner))
    .filter((found) => found !== undefined)
    .sort((a, b) => b.startTicks - a.startTicks);
}

/** The main process with this pid; undefined when it is no such program's, or not ours, or dead. */
export function masterAt(
  pid: number,
  programs: readonly string[],
  isOwner = isOurself,
): MasterProcess | undefined {
  const program = programAt(pid);
  if (program === undefined || !programs.includes(basename(program))) return undefined;
  const identity = identityOf(pid);
  const parent = parentOf(pid);
  if (identity === undefined || parent === undefined) return undefined;
  if (basename(programAt(parent) ?? '') === basename(program)) return undefined;
  try {
    const folder = `/proc/${pid}`;
    const users = usersIn(readFileSync(`${folder}/status`, 'latin1'));
    // The folder would be root's also for a set-uid program of somebody else's.
    if (users === undefined || !users.every(isOwner)) return undefined;
    if (readlinkSync(`${folder}/ns/pid`) !== ownIdentity().pidNamespace) return undefined;
    if (readlinkSync(`${folder}/root`) !== readlinkSync('/proc/self/root')) return undefined;
    return {
      pid,
      uid: users[0],
      startToken: identityWord(identity),
      startTicks: identity.startTicks ?? 0,
      program,
      commandLine: words(`${folder}/cmdline`),
      cwd: readlinkSync(`${folder}/cwd`),
      environment: asRecord(words(`${folder}/environ`)),
      unit: unitOf(readFileSync(`${folder}/cgroup`, 'latin1')),
    };
  } catch {
    // It ended while we looked, or belongs to somebody else.
    return undefined;
  }
}

/** Live children of a process: pids by words that no later process gets. */
export function childrenOf(pid: number): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const child of childPids(pid)) {
    const identity = identityOf(child);
    if (identity !== undefined) found.set(identityWord(identity), child);
  }
  return found;
}

/** What a process calls itself; empty when it is gone. */
export function titleOf(pid: number): string {
  try {
    return words(`/proc/${pid}/cmdline`).join(' ');
  } catch {
    return '';
  }
}

/** Whether we may run the file: it and its folder are root's (or our own) and nobody else may write them. */
export function isTrustedProgram(path: string): boolean {
  try {
    const real = realpathSync(path);
    return [statSync(real), statSync(dirname(real))].every(
      ({ uid, mode }) => (uid === 0 || uid === process.getuid?.()) && (mode & GROUP_OR_OTHERS_WRITE) === 0,
    );
  } catch {
    return false;
  }
}

/** Real and effective user of a /proc/PID/status file; pure. */
export function usersIn(status: string): readonly [number, number] | undefined {
  const [, real, effective] = /^Uid:\s+(\d+)\s+(\d+)/m.exec(status) ?? [];
  return real === undefined || effective === undefined ? undefined : [Number(real), Number(effective)];
}

/** The unit of a /proc/PID/cgroup file; pure. */
export function unitOf(cgroups: string): string | null {
  for (const line of cgroups.split('\n')) {
    const unit = /^\d+:(?:name=systemd)?:\/(?:.*\/)?([^/]+\.service)(?:\/.*)?$/.exec(line)?.[1];
    if (unit !== undefined) return unit;
  }
  return null;
}

function programAt(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`).replace(DELETED, '');
  } catch {
    return undefined;
  }
}

/** The kernel's own list where it keeps one, else whoever names it as parent. */
function childPids(pid: number): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1')
      .split(' ')
      .filter((word) => word !== '')
      .map(Number);
  } catch {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && parentOf(Number(name)) === pid)
      .map(Number);
  }
}

function words(path: string): readonly string[] {
  const parts = readFileSync(path, 'utf8').split('\0');
  while (parts.at(-1) === '') parts.pop();
  return parts;
}

function asRecord(pairs: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    pairs.flatMap((pair) => {
      const equals = pair.indexOf('=');
      return equals > 0 ? [[pair.slice(0, equals), pair.slice(equals + 1)]] : [];
    }),
  );
}
