import { isChallengeToken } from '../../core/dcv/challenge.js';
import { ProcessJournal } from '../system/process/process-journal.js';
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

/** `placed/<process>.jsonl`: the challenge files that each process placed. */
export class PlacementJournal {
  readonly #journal: ProcessJournal<JournalledPlacement>;

  constructor(tree: Tree) {
    this.#journal = new ProcessJournal<JournalledPlacement>(tree.placed(), { keyOf, parse: parsePlacement });
  }

  /** @throws StateError WRITE_FAILED or NO_SPACE */
  note({ account, documentRoot, token }: Placement, now: Date): Promise<void> {
    return this.#journal.note([{ account, documentRoot, token, placedAt: now }]);
  }

  /** When this process placed it; null when it did not. */
  placedAt(placement: Placement): Date | null {
    return this.#journal.noted(keyOf(placement))?.placedAt ?? null;
  }

  /** The file is gone again. Never throws: at worst a later sweep looks for it in vain. */
  forget(placement: Placement): Promise<void> {
    return this.#journal.forget([keyOf(placement)]);
  }

  /**
   * What processes that are gone left behind, without the tokens that are `wanted`: whoever goes on with those orders
   * takes them away. `done` removes the journals whose placements were all given.
   */
  async readDead(
    wanted: ReadonlySet<string>,
  ): Promise<{ placements: readonly JournalledPlacement[]; done: () => Promise<void> }> {
    const journals = await this.#journal.readDead();
    const isDue = ({ token }: Placement): boolean => !wanted.has(token);
    const finished = journals.filter(({ entries }) => entries.every(isDue));
    const done = async (): Promise<void> => {
      await Promise.all(finished.map((journal) => journal.remove()));
    };
    return { placements: journals.flatMap(({ entries }) => entries).filter(isDue), done };
  }
}

function parsePlacement({
  account,
  documentRoot,
  token,
  placedAt,
}: Readonly<Record<string, unknown>>): JournalledPlacement | undefined {
  if (typeof account !== 'string' || typeof documentRoot !== 'string') return undefined;
  if (typeof token !== 'string' || !isChallengeToken(token)) return undefined;
  const at = new Date(typeof placedAt === 'string' ? placedAt : Number.NaN);
  return { account, documentRoot, token, placedAt: Number.isNaN(at.getTime()) ? null : at };
}

function keyOf({ account, documentRoot, token }: Placement): string {
  return JSON.stringify([account, documentRoot, token]);
}
