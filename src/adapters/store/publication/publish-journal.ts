import { join } from 'node:path';
import { parseOwner } from '../../../core/domain/account/hostname-owner.js';
import { parseHostName } from '../../../core/domain/name/names.js';
import type { WebsiteRef } from '../../../core/domain/website/website.js';
import { ensureFolder, listFolder, removeFile } from '../../system/files/files.js';
import {
  livenessOf,
  ownIdentity,
  type ProcessIdentity,
  parseIdentity,
} from '../../system/process/process-identity.js';
import type { Tree } from '../../system/tree.js';
import type { RecordFields } from '../records/record-fields.js';
import { type RawRecord, readRecordFile, writeRecordFile } from '../records/record-file.js';
import { recordFileName } from '../records/record-name.js';

/** A process that we cannot see (another container's) is believed to be at it so long. */
const UNSEEN_GRACE_MS = 3_600_000;

/** A set that is taken back. */
export interface WithdrawnSet {
  /** SHA-256 of its `combined`, hex. */
  readonly digest: string;
  /** Names that may have copies of it. */
  readonly names: readonly string[];
}

/** A publication that was begun: what it writes besides `combined`. */
export interface BegunPublication {
  readonly website: WebsiteRef;
  /** Names whose `domain_tls` copies it writes. */
  readonly names: readonly string[];
  /** Sets whose copies go. */
  readonly withdrawn: readonly WithdrawnSet[];
  /** Whether the process that began it may still be at it. */
  readonly isUnderWay: boolean;
}

/** What was found in the journal's folder. */
export type PublishJournalEntry =
  | { readonly state: 'ok'; readonly publication: BegunPublication }
  | { readonly state: 'broken'; readonly path: string; readonly why: string };

/**
 * `staging/publishing/<website>.json` stands from before the first write of a publication until after its last one. What it
 * names is finished by the next run (or doctor) when the process that wrote it is gone.
 */
export class PublishJournal {
  readonly #tree: Tree;
  readonly #folder: string;

  constructor(tree: Tree) {
    this.#tree = tree;
    this.#folder = join(tree.staging(), 'publishing');
  }

  /** Gives what is withdrawn: besides `withdrawn` whatever an entry says that was never ended. */
  async begin(
    website: WebsiteRef,
    names: readonly string[],
    startedAt: Date,
    withdrawn: readonly WithdrawnSet[] = [],
  ): Promise<readonly WithdrawnSet[]> {
    const all = [...(this.readIfUsable(website)?.withdrawn ?? []), ...withdrawn];
    for (const path of [this.#tree.own(), this.#tree.staging(), this.#folder])
      await ensureFolder(path, 0o700);
    await writeRecordFile(this.#path(website), {
      account: website.account,
      vhost: website.vhost,
      names,
      withdrawn: all,
      startedAt: startedAt.toISOString(),
      madeBy: ownIdentity(),
    });
    return all;
  }

  async end(website: WebsiteRef): Promise<void> {
    await removeFile(this.#path(website));
  }

  /** Undefined also for an entry that cannot be used: `begin` sets it aside, or refuses when a newer version wrote it. */
  readIfUsable(website: WebsiteRef): BegunPublication | undefined {
    try {
      return readRecordFile(this.#path(website), parsePublication);
    } catch {
      return undefined;
    }
  }

  async list(): Promise<readonly PublishJournalEntry[]> {
    const files = (await listFolder(this.#folder)).filter((name) => name.endsWith('.json'));
    return files.flatMap((file): PublishJournalEntry[] => {
      const path = join(this.#folder, file);
      try {
        const publication = readRecordFile(path, parsePublication);
        return publication === undefined ? [] : [{ state: 'ok', publication }];
      } catch (error) {
        return [{ state: 'broken', path, why: error instanceof Error ? error.message : String(error) }];
      }
    });
  }

  #path(website: WebsiteRef): string {
    return join(this.#folder, recordFileName(website.vhost));
  }
}

function parsePublication(fields: RecordFields, raw: RawRecord): BegunPublication {
  const account = parseOwner(fields.text('account'));
  const identity = parseIdentity(raw['madeBy']);
  return {
    website: { account, vhost: parseHostName(fields.text('vhost')) },
    names: fields.texts('names'),
    // Versions before this one withdrew nothing.
    withdrawn:
      raw['withdrawn'] === undefined
        ? []
        : fields.records('withdrawn', (one) => ({ digest: one.text('digest'), names: one.texts('names') })),
    isUnderWay: identity !== undefined && isUnderWay(identity, fields.instant('startedAt')),
  };
}

function isUnderWay(identity: ProcessIdentity, startedAt: string): boolean {
  const liveness = livenessOf(identity);
  return liveness === 'unknown' ? Date.parse(startedAt) > Date.now() - UNSEEN_GRACE_MS : liveness === 'alive';
}
