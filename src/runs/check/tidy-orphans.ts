import { isPlaceholder } from '../../core/certificate/placeholder.js';
import { isAccountName } from '../../core/domain/account/account-name.js';
import { isServersOwn } from '../../core/domain/account/hostname-owner.js';
import { AutosslError, StateError } from '../../core/domain/autossl-error.js';
import { printable } from '../../core/domain/name/names.js';
import {
  isCopyLeftOver,
  judgeOrphans,
  ORPHAN_GRACE_MS,
  type OrphanNote,
  type UnmetWebsite,
} from '../../core/plan/orphans.js';
import { Unclaimed } from '../../core/plan/served/unclaimed.js';
import {
  manyWebsitesGone,
  websiteBack,
  websiteForgotten,
  websiteGone,
} from '../../core/report/events/orphan-events.js';
import { runFailed } from '../../core/report/events/work-events.js';
import { archiveOrphans, type LeftOverCopy } from './archive-orphans.js';
import { type OrphanHost, refOf } from './orphan-host.js';
import type { RunRecorder } from './run-recorder.js';

/** What a run over all accounts takes with it to its end. */
export interface TidyingBegun {
  /** To be told of each account. */
  readonly unclaimed: Unclaimed;
  readonly begunAt: Date;
}

/** Lists what lies on disk before the accounts are read. Null, and said, when it cannot be listed. */
export function beginTidying(host: OrphanHost, recorder: RunRecorder): TidyingBegun | null {
  try {
    return { begunAt: host.clock.now(), unclaimed: new Unclaimed(host.orphans.notes.listOnDisk()) };
  } catch (error) {
    sayFailed(error, recorder);
    return null;
  }
}

/**
 * Tidies what removed websites, names and accounts left, at the end of a run that met every account (design section 3).
 * `isMassMeant`: a person says that many are gone. Never throws for what it met: it is said.
 */
export async function tidyOrphans(
  begun: TidyingBegun,
  options: { readonly isMassMeant: boolean; readonly signal: AbortSignal },
  host: OrphanHost,
  recorder: RunRecorder,
): Promise<void> {
  try {
    await new Tidying(begun, options, host, recorder).run();
  } catch (error) {
    if (options.signal.aborted && error === options.signal.reason) return;
    sayFailed(error, recorder);
  }
}

class Tidying {
  readonly #unclaimed: Unclaimed;
  readonly #begunAt: Date;
  readonly #options: { readonly isMassMeant: boolean; readonly signal: AbortSignal };
  readonly #host: OrphanHost;
  readonly #recorder: RunRecorder;
  readonly #now: Date;

  constructor(
    { unclaimed, begunAt }: TidyingBegun,
    options: { readonly isMassMeant: boolean; readonly signal: AbortSignal },
    host: OrphanHost,
    recorder: RunRecorder,
  ) {
    this.#unclaimed = unclaimed;
    this.#begunAt = begunAt;
    this.#options = options;
    this.#host = host;
    this.#recorder = recorder;
    this.#now = host.clock.now();
  }

  async run(): Promise<void> {
    const { notes } = this.#host.orphans;
    const before = this.#readNotes();
    const verdict = judgeOrphans(await this.#unmetWebsites(), before, {
      known: this.#unclaimed.known,
      isMassMeant: this.#options.isMassMeant,
      now: this.#now,
    });
    if (verdict.isMass) {
      this.#recorder.record(manyWebsitesGone(verdict.newlyGone, verdict.limit));
      return;
    }
    if (before.length + verdict.notes.length > 0) await notes.write(verdict.notes);
    this.#recorder.record(
      ...verdict.newlyGone.map((note) => websiteGone(note, graceEndOf(note))),
      ...verdict.back.map(websiteBack),
    );
    for (const account of this.#unclaimed.accounts) {
      if (isAccountName(account)) await this.#host.problems.write(account, []);
    }
    if (!(await notes.isClockSettled(this.#now))) return;
    await archiveOrphans(
      { due: await this.#withFolder(verdict.due), copies: await this.#leftOverCopies() },
      { begunAt: this.#begunAt, signal: this.#options.signal },
      this.#host,
      this.#recorder,
    );
    const forgotten = await this.#forgetExpired(verdict.due);
    if (forgotten.size > 0) await notes.write(verdict.notes.filter((note) => !forgotten.has(note)));
    await notes.forgetNames(this.#unclaimed.remembered, this.#graceAgo());
  }

  /** A damaged file is made anew, which gives every orphan a new month. */
  #readNotes(): readonly OrphanNote[] {
    try {
      return this.#host.orphans.notes.read();
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      const contents = `${printable(error.message)}; it is made anew.`;
      this.#recorder.record({ type: 'warn', code: 'ORPHAN_NOTES_DAMAGED', indent: 0, contents });
      return [];
    }
  }

  /** Websites of ours that no account was found to have; those of accounts that were not looked at are theirs. */
  async #unmetWebsites(): Promise<readonly UnmetWebsite[]> {
    const unmet: UnmetWebsite[] = [];
    for (const vhost of this.#unclaimed.websites) {
      const known = await this.#ownershipOf(vhost);
      if (known === null) continue;
      const standing = this.#unclaimed.standingOf(vhost, known.account);
      if (standing === 'hidden') continue;
      unmet.push({ vhost, account: known.account, isUnsure: known.isUnsure || standing === 'unsure' });
    }
    return unmet;
  }

  /** What our records say of a website; null: it is none of ours, and somebody else's to tidy. */
  async #ownershipOf(vhost: string): Promise<Pick<UnmetWebsite, 'account' | 'isUnsure'> | null> {
    const { issued, install, certificates } = this.#host;
    try {
      const [records, seen] = [await issued.read(vhost), await install.served.read(vhost)];
      // What the server's own services were given is no website's to leave behind.
      if (records.some(isServersOwn)) return null;
      const account = seen?.account ?? records[0]?.account;
      if (account !== undefined) return { account, isUnsure: false };
      const evidence = await certificates.gatherEvidence(refOf({ vhost, account: null }));
      const isOurs = evidence.kind === 'present' && isPlaceholder(evidence.leaf);
      return isOurs ? { account: null, isUnsure: false } : null;
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      return { account: null, isUnsure: true };
    }
  }

  async #withFolder(due: readonly OrphanNote[]): Promise<readonly OrphanNote[]> {
    const found: OrphanNote[] = [];
    for (const note of due) if (await this.#host.orphans.sets.hasFolder(note.vhost)) found.push(note);
    return found;
  }

  async #leftOverCopies(): Promise<readonly LeftOverCopy[]> {
    const found: LeftOverCopy[] = [];
    for (const name of this.#unclaimed.copies) {
      if (this.#unclaimed.standingOf(name, null) === 'hidden') continue;
      const copy = this.#host.orphans.sets.readCopy(name, this.#graceAgo());
      if (copy === null) continue;
      for (const vhost of copy.certified) {
        const records = await this.#host.issued.read(vhost).catch(nothingOfDamaged);
        const account = records[0]?.account ?? null;
        if (!isCopyLeftOver(copy, records, this.#now)) continue;
        if (this.#unclaimed.standingOf(vhost, account) === 'nobodys')
          found.push({ copy, website: refOf({ vhost, account }) });
        break;
      }
    }
    return found;
  }

  /** Those of which nothing is left now. */
  async #forgetExpired(due: readonly OrphanNote[]): Promise<ReadonlySet<OrphanNote>> {
    const { orphans, install } = this.#host;
    const forgotten = new Set<OrphanNote>();
    for (const note of due) {
      if (await orphans.sets.hasFolder(note.vhost)) continue;
      await install.served.forget(note.vhost);
      if (!(await orphans.sets.forgetExpired(note.vhost, this.#now))) continue;
      forgotten.add(note);
      this.#recorder.record(websiteForgotten(note));
    }
    return forgotten;
  }

  #graceAgo(): Date {
    return new Date(this.#now.getTime() - ORPHAN_GRACE_MS);
  }
}

function graceEndOf({ goneSince }: OrphanNote): Date {
  return new Date(Date.parse(goneSince) + ORPHAN_GRACE_MS);
}

function nothingOfDamaged(error: unknown): readonly [] {
  if (error instanceof StateError) return [];
  throw error;
}

function sayFailed(error: unknown, recorder: RunRecorder): void {
  if (!(error instanceof AutosslError)) throw error;
  const message = `What removed websites left could not be tidied: ${printable(error.message)}`;
  recorder.record(runFailed('TIDYING_FAILED', message, error.advice));
}
