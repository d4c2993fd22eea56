import { createHash } from 'node:crypto';
import { servicesMail, servicesOverMail, TOLD_CODES } from '../../report/services/services-mail.js';
import type { ServicesReport } from '../../report/services/services-report.js';

const WEEK_MS = 7 * 86_400_000;
/** Hexadecimal digits of a digest that tell two troubles of a server apart. */
const DIGEST_LENGTH = 16;

/** What the administrator was told of the server's own certificates, and is not over. Instants are ISO 8601 UTC. */
export interface ToldServices {
  readonly troubles: readonly ToldTrouble[];
  /** When he was told last. */
  readonly mentionedAt: string;
}
export interface ToldTrouble {
  readonly code: string;
  /** What makes it the same trouble at the next run: its text without instants and numbers. */
  readonly digest: string;
  readonly since: string;
}

export interface ServicesNews {
  /** Null: he knows. */
  readonly mail: { readonly subject: string; readonly lines: readonly string[] } | null;
  /** What is remembered once the mail is sent; null: nothing is wrong. */
  readonly told: ToldServices | null;
}

/**
 * What a run of checkallsslcerts has to say that the administrator was not told yet: troubles that are new, all of them
 * again after a week (`repeat`), and once that nothing is wrong any more. A placeholder that was put in place is news.
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
  const at = now.toISOString();
  const known = new Map((told?.troubles ?? []).map((one) => [keyOf(one), one]));
  const troubles = troublesIn(report).map((one) => ({ ...one, since: known.get(keyOf(one))?.since ?? at }));
  const mail = servicesMail(report);
  if (mail === null) return { mail: told === null ? null : servicesOverMail(report), told: null };
  const isNews = troubles.length === 0 || troubles.some((one) => !known.has(keyOf(one)));
  if (isNews || isToRepeat(told, repeat, now)) {
    return { mail, told: troubles.length === 0 ? null : { troubles, mentionedAt: at } };
  }
  return { mail: null, told: { troubles, mentionedAt: told?.mentionedAt ?? at } };
}

function isToRepeat(told: ToldServices | null, repeat: 'weekly' | 'every-run' | 'never', now: Date): boolean {
  if (repeat !== 'weekly' || told === null) return repeat === 'every-run';
  return now.getTime() - Date.parse(told.mentionedAt) >= WEEK_MS;
}

function troublesIn(report: ServicesReport): Omit<ToldTrouble, 'since'>[] {
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
