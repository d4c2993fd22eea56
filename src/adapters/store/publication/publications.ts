import type { WebsiteRef } from '../../../core/domain/website/website.js';
import type { Clock } from '../../../runs/ports/clock.js';
import { sweepFolder } from '../../system/files/temporary-files.js';
import type { Tree } from '../../system/tree.js';
import type { Archive } from './archive.js';
import type { Derivation } from './derivation.js';
import { namesWithCopy } from './derived-files.js';
import { publishFault } from './publish-fault.js';
import { PublishJournal, type WithdrawnSet } from './publish-journal.js';

/** How one half-done publication was finished. */
export interface FinishedPublication {
  readonly vhost: string;
  /** `derived`: the new set was in place, its derived files are now too; `nothing`: it had not got so far. */
  readonly outcome: 'derived' | 'nothing' | 'failed';
  readonly why: string | null;
}

export interface PublicationParts {
  readonly tree: Tree;
  readonly clock: Clock;
  readonly archive: Archive;
  readonly derivation: Derivation;
  readonly reached: (step: 'journalled' | 'combined' | 'done') => Promise<void>;
}

/** Changes of `combined` that a crash at any point leaves to be finished. */
export class Publications {
  readonly #parts: PublicationParts;
  readonly #journal: PublishJournal;

  constructor(parts: PublicationParts) {
    this.#parts = parts;
    this.#journal = new PublishJournal(parts.tree);
  }

  /**
   * One change of `combined`, made by `put`, between the beginning and the end of its journal entry; what follows from it
   * is derived. `names` and `withdrawn`: whose copies it touches. @throws InstallError PUBLISH_FAILED, and what `put` throws
   */
  async change<T>(
    website: WebsiteRef,
    names: readonly string[],
    withdrawn: readonly WithdrawnSet[],
    put: (path: string) => Promise<T>,
  ): Promise<T> {
    const { tree, clock, derivation, reached } = this.#parts;
    try {
      const path = tree.combined(website.vhost);
      tree.assertInside(path);
      await this.#sweepAfterCrash(website);
      const allWithdrawn = await this.#journal.begin(website, names, clock.now(), withdrawn);
      await reached('journalled');
      const done = await put(path);
      await reached('combined');
      await derivation.derive(website, allWithdrawn, names);
      await this.#journal.end(website);
      await reached('done');
      return done;
    } catch (error) {
      throw publishFault(website, error);
    }
  }

  /**
   * Finishes what crashed runs began; call it at the start of a run. Publications of living processes are left to them.
   * Never throws for one website's trouble.
   */
  async finishHalfDone(): Promise<readonly FinishedPublication[]> {
    const finished: FinishedPublication[] = [];
    for (const entry of await this.#journal.list()) {
      if (entry.state === 'broken') {
        finished.push({ vhost: entry.path, outcome: 'failed', why: entry.why });
        continue;
      }
      const { website, names, withdrawn, isUnderWay } = entry.publication;
      if (isUnderWay) continue;
      try {
        await this.#sweepAfterCrash(website);
        const isDerived = await this.#parts.derivation.derive(website, withdrawn, names);
        await this.#journal.end(website);
        finished.push({ vhost: website.vhost, outcome: isDerived ? 'derived' : 'nothing', why: null });
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        finished.push({ vhost: website.vhost, outcome: 'failed', why });
      }
    }
    return finished;
  }

  /** Temporary files that a dead process can have left for this website: where its journal entry says that it wrote. */
  async #sweepAfterCrash(website: WebsiteRef): Promise<void> {
    const begun = this.#journal.readIfUsable(website);
    if (begun === undefined || begun.isUnderWay) return;
    const { tree, archive } = this.#parts;
    sweepFolder(tree.websiteTls(website.vhost));
    const names = [...begun.names, ...begun.withdrawn.flatMap((set) => set.names)];
    for (const name of namesWithCopy(names)) sweepFolder(tree.domainTls(name));
    await archive.sweep(website);
  }
}
