import { createHash } from 'node:crypto';
import { servicesMail, servicesOverMail, TOLD_CODES } from '../../report/services/services-mail.js';
import type { ServicesReport } from '../../report/services/services-report.js';
import { isPast, SETTLED_MS } from '../told/allowance.js';

const WEEK_MS = 7 * 86_400_000;
/** A server has a handful of services, each with a handful of troubles. */
const MOST_REMEMBERED = 200;
/** Hexadecimal digits of a digest that tell two troubles of a server apart. */
const DIGEST_LENGTH = 16;

/** What the administrator was told of the server's own certificates, and is not over, or was lately. Instants are ISO 8601 UTC. */
export interface ToldServices {
  readonly troubles: readonly ToldTrouble[];
  /** When he was told last. */
  readonly mentionedAt: string;
  /** Whether he knows that something is wrong; else he was told that it is over. */
  readonly isKnown: boolean;
}
export interface ToldTrouble {
  readonly code: string;
  /** What makes it the same trouble at the next run: its text without instants and numbers. */
  readonly digest: string;
  readonly since: string;
  /** Since when it is gone; null: it is there. */
  readonly goneAt: string | null;
  /** How often it came back within a week of having gone. */
  readonly returns: number;
}

export interface ServicesNews {
  /** Null: he knows. */
  readonly mail: { readonly subject: string; readonly lines: readonly string[] } | null;
  /** What is remembered once the mail is sent; null: nothing is wrong. */
  readonly told: ToldServices | null;
}

/**
 * What a run of checkallsslcerts has to say that the administrator was not told yet: troubles that are new, all of them
 * again after a week (`repeat`), and once that nothing is wrong any more. What comes back within a week of having gone is not
 * new, and that it is gone once more is told when it has been for a week. A placeholder that was put in place is news.
 */
export function servicesNews(
  report: ServicesReport,
  told: ToldServices | null,
  repeat: 'weekly' | 'every-run' | 'never',
  now: Date,
): ServicesNews {
  // Nothing was looked at.
  if (report.standstills.some(({ code }) => code === 'SERVICE_MANAGEMENT_DISABLED'))
    return { mail: null, told };
  const mentionedAt = now.toISOString();
  const mail = servicesMail(report);
  const found = new Map(troublesIn(report).map((one) => [keyOf(one), one]));
  const known = (told?.troubles ?? []).filter(
    ({ goneAt }) => goneAt === null || !isPast(goneAt, SETTLED_MS, now),
  );
  const troubles = remembered(found, known, now);
  if (mail === null) return whenInOrder(report, told, troubles, now);
  const keys = new Set(known.map(keyOf));
  const isNews = found.size === 0 || [...found.keys()].some((key) => !keys.has(key));
  if (isNews || isToRepeat(told, repeat, now)) {
    const isKnown = found.size > 0 || (told?.isKnown ?? false);
    return { mail, told: troubles.length === 0 ? null : { troubles, mentionedAt, isKnown } };
  }
  return {
    mail: null,
    told: { troubles, mentionedAt: told?.mentionedAt ?? mentionedAt, isKnown: told?.isKnown ?? true },
  };
}

function whenInOrder(
  report: ServicesReport,
  told: ToldServices | null,
  troubles: readonly ToldTrouble[],
  now: Date,
): ServicesNews {
  if (told === null) return { mail: null, told: null };
  const comesAndGoes = troubles.some(({ returns }) => returns > 0);
  const kept = { ...told, troubles };
  if (!told.isKnown || comesAndGoes) {
    return { mail: null, told: troubles.length === 0 && !told.isKnown ? null : kept };
  }
  const after = { troubles, mentionedAt: now.toISOString(), isKnown: false };
  return { mail: servicesOverMail(report), told: troubles.length === 0 ? null : after };
}

/** What is there, and what was there within the last week. */
function remembered(
  found: ReadonlyMap<string, Pick<ToldTrouble, 'code' | 'digest'>>,
  known: readonly ToldTrouble[],
  now: Date,
): readonly ToldTrouble[] {
  const at = now.toISOString();
  const keys = new Set(known.map(keyOf));
  const fresh = [...found].flatMap(([key, one]) =>
    keys.has(key) ? [] : [{ ...one, since: at, goneAt: null, returns: 0 }],
  );
  const former = known.map((one) => {
    if (!found.has(keyOf(one))) return { ...one, goneAt: one.goneAt ?? at };
    return one.goneAt === null ? one : { ...one, goneAt: null, returns: one.returns + 1 };
  });
  return [...former, ...fresh].slice(-MOST_REMEMBERED);
}

function isToRepeat(told: ToldServices | null, repeat: 'weekly' | 'every-run' | 'never', now: Date): boolean {
  if (repeat !== 'weekly' || told === null) return repeat === 'every-run';
  return isPast(told.mentionedAt, WEEK_MS, now);
}

function troublesIn(report: ServicesReport): Pick<ToldTrouble, 'code' | 'digest'>[] {
  const told = report.warnings.filter(({ code }) => TOLD_CODES.has(code));
  const all = [...report.faults, ...report.problems, ...told].map(({ code, message }) => ({
    code,
    digest: digestOf(message),
  }));
  return [...new Map(all.map((one) => [keyOf(one), one])).values()];
}

function keyOf({ code, digest }: Pick<ToldTrouble, 'code' | 'digest'>): string {
  return `${code} ${digest}`;
}

/** Instants, spans, digests and numbers differ from night to night. */
function digestOf(message: string): string {
  const same = message
    .replace(/[0-9a-f]*\d[0-9a-fTZ:.-]*/gi, '#')
    .replace(/# (?:second|minute|hour|day)s?/g, '#');
  return createHash('sha256').update(same).digest('hex').slice(0, DIGEST_LENGTH);
}
