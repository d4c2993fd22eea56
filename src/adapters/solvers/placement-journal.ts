import { appendFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isChallengeToken } from '../../core/dcv/challenge.js';
import { asWriteError, ensureFolder, listFolder, readTextFile } from '../system/files.js';
import { identityWord, isWordAlive, ownIdentity } from '../system/process-identity.js';
import type { Tree } from '../system/tree.js';

/** One challenge file that this process placed, or was about to. */
export interface Placement {
  readonly account: string;
  readonly documentRoot: string;
  readonly token: string;
}

/** One as a journal tells of it. */
export interface JournalledPlacement extends Placement {
  /** Null in a damaged line. */
  readonly placedAt: Date | null;
}

const SUFFIX = '.jsonl';
/**
 * `placed/<process>.jsonl`: what each process placed, noted before it is placed, so that the sweep of a later run
 * finds what a crash left. Empty most of the time; the file goes with the last placement.
 */
export class PlacementJournal {
  readonly #folder: string;
  readonly #path: string;
  readonly #placedAt = new Map<string, Date>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(tree: Tree) {
    this.#folder = tree.placed();
    this.#path = join(this.#folder, identityWord(ownIdentity()) + SUFFIX);
  }

  /** @throws StateError WRITE_FAILED or NO_SPACE */
  note(placement: Placement, now: Date): Promise<void> {
    const { account, documentRoot, token } = placement;
    const line = JSON.stringify({ account, documentRoot, token, placedAt: now.toISOString() });
    return this.#inTurn(async () => {
      try {
        await ensureFolder(this.#folder, 0o700);
        await appendFile(this.#path, `${line}\n`, { mode: 0o600 });
      } catch (error) {
        throw asWriteError(error, this.#path);
      }
      this.#placedAt.set(keyOf(placement), now);
    });
  }

  /** When this process placed it; null when it did not. */
  placedAt(placement: Placement): Date | null {
    return this.#placedAt.get(keyOf(placement)) ?? null;
  }

  /** The file is gone again. Never throws: at worst a later sweep looks for it in vain. */
  forget(placement: Placement): Promise<void> {
    return this.#inTurn(async () => {
      this.#placedAt.delete(keyOf(placement));
      if (this.#placedAt.size === 0) await unlink(this.#path).catch(() => undefined);
    });
  }

  /**
   * What processes that are gone left behind, without the tokens that are `wanted`: whoever goes on with those orders
   * takes them away. A damaged line is passed over. `done` removes the journals whose placements were all given.
   */
  async readDead(
    wanted: ReadonlySet<string>,
  ): Promise<{ placements: readonly JournalledPlacement[]; done: () => Promise<void> }> {
    const placements: JournalledPlacement[] = [];
    const finished: string[] = [];
    for (const name of await listFolder(this.#folder)) {
      const path = join(this.#folder, name);
      if (!name.endsWith(SUFFIX) || isWordAlive(name.slice(0, -SUFFIX.length))) continue;
      const all = linesOf(await readTextFile(path)).map(parsePlacement);
      const left = all.filter((placement) => placement !== undefined);
      const due = left.filter(({ token }) => !wanted.has(token));
      placements.push(...due);
      if (due.length === left.length) finished.push(path);
    }
    const done = async (): Promise<void> => {
      await Promise.all(finished.map((path) => unlink(path).catch(() => undefined)));
    };
    return { placements, done };
  }

  #inTurn(task: () => Promise<void>): Promise<void> {
    const result = this.#last.then(task);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

function linesOf(text: string | undefined): string[] {
  return (text ?? '').split('\n').filter((line) => line !== '');
}

function parsePlacement(line: string): JournalledPlacement | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { account, documentRoot, token, placedAt } = value as Record<string, unknown>;
  if (typeof account !== 'string' || typeof documentRoot !== 'string') return undefined;
  if (typeof token !== 'string' || !isChallengeToken(token)) return undefined;
  const at = new Date(typeof placedAt === 'string' ? placedAt : Number.NaN);
  return { account, documentRoot, token, placedAt: Number.isNaN(at.getTime()) ? null : at };
}

function keyOf({ account, documentRoot, token }: Placement): string {
  return JSON.stringify([account, documentRoot, token]);
}
