import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ProgramEnd, type StartedProgram, startBin } from '../started-program.js';

/** The module that programs are started under; it lies outside of `src` and `bin`, and nothing there knows it. */
const HOOK = join(process.cwd(), 'test/support/failpoints/world-hook.mjs');

/** What happens at a point, by its name as `recordPoints` gave it; without any the program runs as ever. */
export interface AtPoint {
  readonly killAt?: string;
  readonly failAt?: string;
  readonly code?: 'ENOSPC' | 'EDQUOT' | 'EROFS' | 'EACCES';
  /** Every later change below the tree fails too. */
  readonly isLasting?: boolean;
  readonly jumpAt?: string;
  readonly jumpMs?: number;
}

/** Starts a program of bin/ whose every change of the world is a point. `own`: what only this tree’s names have. */
export function startHooked(
  name: string,
  words: readonly string[],
  root: string,
  own: string,
  at: AtPoint & { readonly record?: string },
): StartedProgram {
  return startBin(name, words, root, {
    hook: HOOK,
    environment: { WORLD_HOOK: JSON.stringify({ ...at, own }) },
  });
}

/** Runs the program to its end and gives the names of all points that it passed, in order. */
export async function recordPoints(
  name: string,
  words: readonly string[],
  root: string,
  own: string,
): Promise<{ readonly end: ProgramEnd; readonly points: readonly string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'autossl-points-'));
  const record = join(folder, 'points');
  try {
    const end = await startHooked(name, words, root, own, { record }).ended;
    return { end, points: readFileSync(record, 'utf8').split('\n').filter(Boolean) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
