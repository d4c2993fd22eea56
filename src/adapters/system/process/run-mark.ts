import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { identityWord, ownIdentity } from './process-identity.js';

const NAME = 'AUTOSSL_PROCESS';
/** A program that is told to end gets so long to do so, then so long is waited for the kernel, in ms. */
const END_WITHIN_MS = 2_000;
const KILL_WITHIN_MS = 3_000;
const LOOK_EVERY_MS = 50;

/** Environment by which a program, and whatever it starts, is known to be this process's after that is gone. */
export function runMark(): Readonly<Record<string, string>> {
  return { [NAME]: identityWord(ownIdentity()) };
}

/**
 * Ends the programs that still run for a process which is gone, as its `identityWord` names it: it was killed, and they go on
 * changing things. False: some are there still.
 */
export async function endMarked(word: string): Promise<boolean> {
  if ((await tell(word, 'SIGTERM', END_WITHIN_MS)) === 0) return true;
  return (await tell(word, 'SIGKILL', KILL_WITHIN_MS)) === 0;
}

/** How many are left. What they start meanwhile is told too. */
async function tell(word: string, signal: 'SIGTERM' | 'SIGKILL', withinMs: number): Promise<number> {
  const told = new Set<number>();
  for (let waitedMs = 0; ; waitedMs += LOOK_EVERY_MS) {
    const left = markedBy(word);
    for (const pid of left) if (!told.has(pid)) signalTo(pid, signal);
    for (const pid of left) told.add(pid);
    if (left.length === 0 || waitedMs >= withinMs) return left.length;
    await pause(LOOK_EVERY_MS);
  }
}

function markedBy(word: string): readonly number[] {
  const entry = `${NAME}=${word}`;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => environmentOf(pid).includes(entry))
    .map(Number);
}

/** Empty for what has ended, and for what we may not look at. */
function environmentOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
  } catch {
    return [];
  }
}

function signalTo(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}
