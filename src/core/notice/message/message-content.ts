import type { NoticeAudience } from '../../domain/notice-level.js';
import type { NoticeRepeat } from '../told/digest.js';
import type { NoticeReader } from './reader.js';

/** What a message says, as templates and the JSON document have it. Texts are printable lines; nothing is escaped yet. */
export interface MessageContent {
  readonly host: string;
  readonly audience: NoticeAudience;
  readonly reader: NoticeReader;
  /** Null for administrators, and where it speaks of several. */
  readonly account: string | null;
  /** Of owners: the accounts that it speaks of; of administrators none. */
  readonly accounts: readonly string[];
  readonly createdAt: Date;
  readonly repeat: NoticeRepeat;
  readonly counts: MessageCounts;
  /** What is new or worse, the gravest first. */
  readonly troubles: readonly TroubleText[];
  readonly over: readonly LineText[];
  readonly renewed: readonly LineText[];
  /** What was told before and stays as it was: only in a digest. */
  readonly standing: readonly LineText[];
}

/** True for the whole message, however few are shown. */
export interface MessageCounts {
  /** Certificates that have expired, with none to be had (of troubles that are new or worse, as all but the last three). */
  readonly expired: number;
  readonly expiring: number;
  readonly deferred: number;
  readonly atRisk: number;
  readonly reduced: number;
  readonly uncovered: number;
  readonly foreign: number;
  /** Websites with names that a CA has paused. */
  readonly paused: number;
  readonly over: number;
  readonly renewed: number;
  readonly standing: number;
}

export interface TroubleText {
  readonly website: string;
  readonly account: string;
  readonly kind: string;
  readonly state: 'new' | 'changed' | 'worse';
  readonly urgency: string;
  readonly headline: string;
  readonly what: string;
  readonly code: string;
  readonly names: readonly NameText[];
  /** `and 3 more names`; empty when all are shown. */
  readonly moreNames: string;
  readonly next: string;
  readonly todo: string;
  /** Empty where none helps, and for owners. */
  readonly command: string;
  readonly excludeHint: string;
  readonly excludeCommand: string;
  /** ISO instants; empty when there is none. */
  readonly deadlineAt: string;
  readonly notAfter: string;
}

export interface NameText {
  readonly name: string;
  readonly code: string;
  readonly why: string;
  readonly advice: string;
}

/** A website that needs no more than a line. */
export interface LineText {
  readonly website: string;
  readonly account: string;
  readonly kind: string;
  readonly text: string;
  /** Of root's, after the text; empty where none helps. */
  readonly command: string;
}
