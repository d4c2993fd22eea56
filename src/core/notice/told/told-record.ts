import type { NoticeAudience } from '../../domain/notice-level.js';
import type { NoticeKind } from '../finding.js';

/** What a kind is about; only what was told of the same matter is compared. */
export const NOTICE_MATTERS = [
  'expiry',
  'deferral',
  'risk',
  'lost',
  'missing',
  'foreign',
  'paused',
  'renewal',
] as const;
export type NoticeMatter = (typeof NOTICE_MATTERS)[number];

/** How near the end is: each step is told once. `late`: the last tenth of the certificate's life. */
export const URGENCIES = ['calm', 'late', 'expired'] as const;
export type Urgency = (typeof URGENCIES)[number];

/** What one audience was told of one website in one matter, and what is found of it. Instants are ISO 8601 UTC. */
export interface ToldEntry {
  readonly audience: NoticeAudience;
  readonly vhost: string;
  readonly matter: NoticeMatter;
  /** The kind that was told last. */
  readonly kind: NoticeKind;
  /** What a person would call the same situation: digest of the kind of trouble, its names and their codes. */
  readonly situation: string;
  readonly urgency: Urgency;
  /** Of the certificate in use then; of a renewal: the one that was told. */
  readonly serial: string | null;
  /** Some of the names it was about, for the line that says that it is over. */
  readonly names: readonly string[];
  readonly since: string;
  /** When it was last told, or listed as staying so. */
  readonly mentionedAt: string;
  /** Whether they know that it is so; else they were told that it is over, or nothing yet. */
  readonly isKnown: boolean;
  /** When the allowance of news is whole again. */
  readonly fullAt: string;
  /** Since when it is there without a break. */
  readonly backAt: string;
  /** Since when it is gone; null: it is there. */
  readonly goneAt: string | null;
  /** How often it came back since `since` without having been gone for long: while there are any it comes and goes. */
  readonly returns: number;
}

/** What tells the entries of an account apart. */
export function keyOf({ audience, vhost, matter }: Pick<ToldEntry, 'audience' | 'vhost' | 'matter'>): string {
  return `${audience} ${vhost} ${matter}`;
}

/** `notices/told/<account>.json`. */
export interface ToldAccount {
  readonly account: string;
  /** How often people were told something of it: the same situation told again later is another message. */
  readonly tellings: number;
  /** When that was last. */
  readonly toldAt: string;
  /** When the allowance of its news to administrators is whole again; null: it is. */
  readonly administratorsFullAt: string | null;
  readonly entries: readonly ToldEntry[];
}
