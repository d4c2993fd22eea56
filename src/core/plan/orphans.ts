import { massLimit } from './mass-change.js';

/**
 * How long the files of a removed website, and the copies of a name that left its certificate, stay where they lie, in ms
 * (design section 3): an account that is restored from a backup, or moved back, finds them within a month.
 */
export const ORPHAN_GRACE_MS = 30 * 86_400_000;

/** A website that no account has any more, and since when a full run knows it. */
export interface OrphanNote {
  readonly vhost: string;
  /** Whose it was, as our records of it say; null when they do not. */
  readonly account: string | null;
  /** ISO 8601 UTC. */
  readonly goneSince: string;
}

/** A website of ours that a full run did not meet. */
export interface UnmetWebsite {
  readonly vhost: string;
  readonly account: string | null;
  /** Whether it may belong to an account that could not be looked at: then nothing is decided about it. */
  readonly isUnsure: boolean;
}

export type OrphanVerdict =
  /** So many at once that rather the account list is at fault. */
  | { readonly isMass: true; readonly newlyGone: number; readonly limit: number }
  | {
      readonly isMass: false;
      /** To be remembered from now on. */
      readonly notes: readonly OrphanNote[];
      readonly newlyGone: readonly OrphanNote[];
      /** Noted before, and no orphans any more. */
      readonly back: readonly OrphanNote[];
      /** Gone for the whole grace. */
      readonly due: readonly OrphanNote[];
    };

/**
 * What becomes of websites that no account has. `known`: how many websites of ours lie here in all; `isMassMeant`: a
 * person says that so many were removed.
 */
export function judgeOrphans(
  unmet: readonly UnmetWebsite[],
  before: readonly OrphanNote[],
  facts: { readonly known: number; readonly isMassMeant: boolean; readonly now: Date },
): OrphanVerdict {
  const { now } = facts;
  const noted = new Map(before.map((note) => [note.vhost, note]));
  const notes: OrphanNote[] = [];
  const newlyGone: OrphanNote[] = [];
  const due: OrphanNote[] = [];
  for (const { vhost, account, isUnsure } of unmet) {
    const old = noted.get(vhost);
    noted.delete(vhost);
    if (isUnsure) {
      if (old !== undefined) notes.push(old);
      continue;
    }
    // An instant that lies ahead was noted by a clock that was wrong.
    const isUsable = old !== undefined && Date.parse(old.goneSince) <= now.getTime();
    const note = { vhost, account, goneSince: isUsable ? old.goneSince : now.toISOString() };
    notes.push(note);
    if (old === undefined) newlyGone.push(note);
    if (Date.parse(note.goneSince) <= now.getTime() - ORPHAN_GRACE_MS) due.push(note);
  }
  const limit = massLimit(facts.known);
  if (newlyGone.length > limit && !facts.isMassMeant)
    return { isMass: true, newlyGone: newlyGone.length, limit };
  return { isMass: false, notes, newlyGone, back: [...noted.values()], due };
}

/** What we remember of one certificate of a website. */
interface RecordedCertificate {
  readonly fingerprint: string;
  readonly names: readonly string[];
  readonly issuedAt: string;
}

/**
 * Whether a name's copy of a certificate is left over: that certificate was followed by others of the same website, the
 * first of them for the whole grace, and none of these has the name. `records`: the website's, newest first.
 */
export function isCopyLeftOver(
  copy: { readonly name: string; readonly fingerprint: string },
  records: readonly RecordedCertificate[],
  now: Date,
): boolean {
  const index = records.findIndex(({ fingerprint }) => fingerprint === copy.fingerprint);
  const followers = records.slice(0, Math.max(0, index));
  const first = followers.at(-1);
  if (first === undefined || followers.some(({ names }) => names.includes(copy.name))) return false;
  return Date.parse(first.issuedAt) <= now.getTime() - ORPHAN_GRACE_MS;
}
