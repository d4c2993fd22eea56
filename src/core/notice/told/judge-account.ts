import { NOTICE_AUDIENCES, type NoticeAudience } from '../../domain/notice-level.js';
import type { NoticeFinding, NoticeKind } from '../finding.js';
import { isFollowedBy, judgeLasting, type LastingFacts, type LastingItem } from './judge-lasting.js';
import { matterOf } from './matter.js';
import type { NoticeMatter, ToldEntry } from './told-record.js';
import { type Trouble, troubleOf } from './trouble.js';

/** How long a renewal that was told is remembered, in ms: a crash before it was noted may have it found again. */
const RENEWAL_KEPT_MS = 7 * 86_400_000;
/** What there is to tell one audience of one website. */
export type NoticeItem = {
  readonly audience: NoticeAudience;
  readonly account: string;
  readonly vhost: string;
} & (
  | Exclude<LastingItem, { readonly state: 'over' }>
  | { readonly state: 'renewed'; readonly renewal: NoticeFinding }
  | {
      readonly state: 'over';
      readonly entry: ToldEntry;
      /** Another trouble of the website that stays; null: none is known. */
      readonly remaining: Trouble | null;
      readonly renewal: NoticeFinding | null;
    }
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
  /** Whether an audience may be told now of what could wait. */
  readonly isAllowed: (audience: NoticeAudience) => boolean;
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

const LASTING: readonly NoticeMatter[] = [
  'expiry',
  'foreign',
  'lost',
  'deferral',
  'risk',
  'missing',
  'paused',
];

function judgeWebsite(facts: AccountFacts, website: WebsiteFacts): AccountVerdict {
  const { audience, vhost } = website;
  const whose = { audience, account: facts.account, vhost };
  const items: NoticeItem[] = [];
  const entries: ToldEntry[] = [];
  const over: ToldEntry[] = [];
  const lasting: LastingFacts = { audience, isAllowed: facts.isAllowed(audience), now: facts.now };
  for (const matter of LASTING) {
    const entry = website.told.find((one) => one.matter === matter);
    const found = website.findings.filter(({ kind }) => matterOf(kind) === matter);
    const [first, ...others] = found.filter(({ kind }) => facts.wants(kind, audience));
    if (first === undefined && entry === undefined) continue;
    if (first === undefined && entry !== undefined && (found.length > 0 || !facts.isLookedAt(vhost))) {
      // What he no longer wants to be told of stays as it was told, as long as it lasts.
      entries.push(entry);
      continue;
    }
    if (first === undefined && entry !== undefined && !facts.wants(entry.kind, audience)) continue;
    const trouble = first === undefined ? null : troubleOf([first, ...others], facts.now);
    const verdict = judgeLasting(trouble, entry, lasting);
    if (verdict.entry !== null) entries.push(verdict.entry);
    if (verdict.item?.state === 'over') over.push(verdict.item.entry);
    else if (verdict.item !== null) items.push({ ...whose, ...verdict.item });
  }
  const renewal = judgeRenewal(facts, website);
  if (renewal.entry !== null) entries.push(renewal.entry);
  items.push(...overItems(whose, over, items, renewal.found));
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
  const standing = items.flatMap((item) =>
    item.state === 'standing' && item.trouble !== null ? [item.trouble] : [],
  );
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
    isKnown: true,
    fullAt: at,
    backAt: at,
    goneAt: null,
    returns: 0,
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
