import { NOTICE_AUDIENCES, type NoticeAudience } from '../../domain/notice-level.js';
import type { NoticeFinding, NoticeKind } from '../finding.js';
import { isMoreUrgent, matterOf } from './matter.js';
import type { NoticeMatter, ToldEntry } from './told-record.js';
import { type Trouble, troubleOf } from './trouble.js';

/** A situation that was told within this time is no news when it comes back, in ms: DNS that flaps changes its mind nightly. */
const LATELY_MS = 7 * 86_400_000;
/** So many situations of a website are remembered; one that has more of them in a week is told of again. */
const MOST_LATELY = 8;
/** How long a renewal that was told is remembered, in ms: a crash before it was noted may have it found again. */
const RENEWAL_KEPT_MS = 7 * 86_400_000;
/** A line that says that it is over names so many. */
const NAMES_KEPT = 10;

/** What there is to tell one audience of one website. */
export type NoticeItem = {
  readonly audience: NoticeAudience;
  readonly account: string;
  readonly vhost: string;
} & (
  | { readonly state: 'new' | 'changed' | 'worse'; readonly trouble: Trouble }
  | { readonly state: 'renewed'; readonly renewal: NoticeFinding }
  | {
      readonly state: 'over';
      readonly entry: ToldEntry;
      /** Another trouble of the website that stays; null: none is known. */
      readonly remaining: Trouble | null;
      readonly renewal: NoticeFinding | null;
    }
  /** Told before and as it was: only to be listed now and then. */
  | { readonly state: 'standing'; readonly trouble: Trouble; readonly entry: ToldEntry }
);

export interface AccountFacts {
  readonly account: string;
  /** All of the account. */
  readonly findings: readonly NoticeFinding[];
  readonly told: readonly ToldEntry[];
  /** Whether the run looked at the website completely: what is not found there is over. */
  readonly isLookedAt: (vhost: string) => boolean;
  /** Audiences of which somebody can be reached; what others were told stays as it is. */
  readonly audiences: readonly NoticeAudience[];
  readonly wants: (kind: NoticeKind, audience: NoticeAudience) => boolean;
  readonly now: Date;
}

export interface AccountVerdict {
  readonly items: readonly NoticeItem[];
  /** What is to be remembered once the items but for the standing ones are on their way. */
  readonly entries: readonly ToldEntry[];
}

/** What is new, worse, over, or as it was since people were told last of an account's websites. */
export function judgeAccount(facts: AccountFacts): AccountVerdict {
  const items: NoticeItem[] = [];
  const entries: ToldEntry[] = [];
  const findingsOf = grouped(facts.findings);
  const toldOf = grouped(facts.told);
  for (const vhost of [...new Set([...findingsOf.keys(), ...toldOf.keys()])].sort()) {
    for (const audience of NOTICE_AUDIENCES) {
      const told = (toldOf.get(vhost) ?? []).filter((entry) => entry.audience === audience);
      if (!facts.audiences.includes(audience)) {
        entries.push(...told);
        continue;
      }
      const verdict = judgeWebsite(facts, { vhost, audience, findings: findingsOf.get(vhost) ?? [], told });
      items.push(...verdict.items);
      entries.push(...verdict.entries);
    }
  }
  return { items, entries };
}

interface WebsiteFacts {
  readonly vhost: string;
  readonly audience: NoticeAudience;
  readonly findings: readonly NoticeFinding[];
  readonly told: readonly ToldEntry[];
}

const LASTING: readonly NoticeMatter[] = ['expiry', 'foreign', 'lost', 'deferral', 'risk', 'missing'];

function judgeWebsite(facts: AccountFacts, website: WebsiteFacts): AccountVerdict {
  const { audience, vhost } = website;
  const whose = { audience, account: facts.account, vhost };
  const items: NoticeItem[] = [];
  const entries: ToldEntry[] = [];
  const ended: ToldEntry[] = [];
  for (const matter of LASTING) {
    const entry = website.told.find((one) => one.matter === matter);
    const found = website.findings.filter(({ kind }) => matterOf(kind) === matter);
    const [first, ...others] = found.filter(({ kind }) => facts.wants(kind, audience));
    if (first === undefined) {
      if (entry === undefined) continue;
      // What he no longer wants to be told of stays as it was told, as long as it lasts.
      if (found.length > 0 || !facts.isLookedAt(vhost)) entries.push(entry);
      else if (facts.wants(entry.kind, audience)) ended.push(entry);
      continue;
    }
    const trouble = troubleOf([first, ...others], facts.now);
    const state = stateOf(trouble, entry, facts.now);
    entries.push(entryOf(trouble, audience, entry, state !== 'standing', facts.now));
    if (state !== 'standing') items.push({ ...whose, state, trouble });
    else if (entry !== undefined) items.push({ ...whose, state, trouble, entry });
  }
  const renewal = judgeRenewal(facts, website);
  if (renewal.entry !== null) entries.push(renewal.entry);
  items.push(...overItems(whose, ended, items, renewal.found));
  if (renewal.isNews && renewal.found !== null && !isSaidAlready(items)) {
    items.push({ ...whose, state: 'renewed', renewal: renewal.found });
  }
  return { items, entries };
}

/** What is told of missing names says that the certificate is a new one. */
function isSaidAlready(items: readonly NoticeItem[]): boolean {
  return items.some(
    (item) =>
      (item.state === 'new' || item.state === 'changed') &&
      item.trouble.kind === 'notify_autossl_renewal_coverage_reduced',
  );
}

function stateOf(
  trouble: Trouble,
  entry: ToldEntry | undefined,
  now: Date,
): 'new' | 'changed' | 'worse' | 'standing' {
  if (entry === undefined) return 'new';
  const isSameCertificate = entry.serial === (trouble.certificate?.serial ?? null);
  if (isMoreUrgent(trouble.urgency, isSameCertificate ? entry.urgency : 'calm')) return 'worse';
  if (trouble.situation === entry.situation) return 'standing';
  return recent(entry, now).some(({ situation }) => situation === trouble.situation) ? 'standing' : 'changed';
}

function entryOf(
  trouble: Trouble,
  audience: NoticeAudience,
  before: ToldEntry | undefined,
  isTold: boolean,
  now: Date,
): ToldEntry {
  const at = now.toISOString();
  const { kind, matter, situation, vhost } = trouble;
  const serial = trouble.certificate?.serial ?? null;
  const kept = before === undefined ? [] : recent(before, now);
  const isLess =
    before !== undefined && before.serial === serial && isMoreUrgent(before.urgency, trouble.urgency);
  return {
    audience,
    vhost,
    matter,
    kind,
    situation,
    urgency: isLess ? before.urgency : trouble.urgency,
    serial,
    names: trouble.names.slice(0, NAMES_KEPT).map(({ name }) => name),
    since: before?.since ?? at,
    mentionedAt: isTold ? at : (before?.mentionedAt ?? at),
    lately: isTold
      ? [{ situation, at }, ...kept.filter((one) => one.situation !== situation)].slice(0, MOST_LATELY)
      : kept,
  };
}

/** Situations told within the last week; instants that lie ahead are of a clock that was wrong. */
function recent(entry: ToldEntry, now: Date): ToldEntry['lately'] {
  return entry.lately.filter(({ at }) => {
    const age = now.getTime() - Date.parse(at);
    return age >= 0 && age < LATELY_MS;
  });
}

/** What ended, unless what is told of the same names now takes its place. */
function overItems(
  whose: Pick<NoticeItem, 'audience' | 'account' | 'vhost'>,
  ended: readonly ToldEntry[],
  items: readonly NoticeItem[],
  renewal: NoticeFinding | null,
): NoticeItem[] {
  const told = items.flatMap((item) =>
    item.state === 'new' || item.state === 'changed' || item.state === 'worse' ? [item.trouble] : [],
  );
  const standing = items.flatMap((item) => (item.state === 'standing' ? [item.trouble] : []));
  return ended
    .filter((entry) => !told.some((trouble) => isFollowedBy(entry, trouble)))
    .map((entry) => ({
      ...whose,
      state: 'over',
      entry,
      remaining: standing[0] ?? told[0] ?? null,
      renewal,
    }));
}

function isFollowedBy(entry: ToldEntry, trouble: Trouble): boolean {
  if (trouble.matter === 'expiry' || trouble.matter === 'foreign' || entry.names.length === 0) return true;
  return trouble.names.some(({ name }) => entry.names.includes(name));
}

function judgeRenewal(
  facts: AccountFacts,
  { vhost, audience, findings, told }: WebsiteFacts,
): { readonly found: NoticeFinding | null; readonly isNews: boolean; readonly entry: ToldEntry | null } {
  const { now } = facts;
  const found = findings.find(({ kind }) => matterOf(kind) === 'renewal') ?? null;
  const before = told.find(({ matter }) => matter === 'renewal');
  const isKept = before !== undefined && now.getTime() - Date.parse(before.mentionedAt) < RENEWAL_KEPT_MS;
  const kept = isKept ? before : null;
  const serial = found?.certificate?.serial ?? null;
  if (found === null || serial === null || !facts.wants(found.kind, audience) || kept?.serial === serial) {
    return { found, isNews: false, entry: kept };
  }
  const at = now.toISOString();
  const entry: ToldEntry = {
    audience,
    vhost,
    matter: 'renewal',
    kind: found.kind,
    situation: serial,
    urgency: 'calm',
    serial,
    names: [],
    since: at,
    mentionedAt: at,
    lately: [],
  };
  return { found, isNews: true, entry };
}

function grouped<T extends { readonly vhost: string }>(list: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of list) {
    const group = groups.get(one.vhost);
    if (group === undefined) groups.set(one.vhost, [one]);
    else group.push(one);
  }
  return groups;
}
