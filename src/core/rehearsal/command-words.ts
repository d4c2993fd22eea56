import { UsageError } from '../domain/autossl-error.js';
import { quoteForMessage } from '../domain/name/names.js';
import { DAY_MS, HOUR_MS, MOST_REHEARSED_DAYS, MOST_REHEARSED_WEBSITES, type Outage } from './scenario.js';

/** What CAs issue or have announced: the documented lives. */
export const USUAL_LIVES = ['200d', '90d', '64d', '45d', '160h'] as const;
const SHORTEST_LIFE_MS = HOUR_MS;
const LONGEST_LIFE_MS = 1000 * DAY_MS;

/** `90d` or `160h`, in ms. @throws UsageError BAD_ARGUMENT */
export function parseLife(word: string): number {
  const [, number, unit] = /^(\d{1,4})([dh])$/.exec(word) ?? [];
  const ms = Number(number) * (unit === 'd' ? DAY_MS : HOUR_MS);
  if (ms >= SHORTEST_LIFE_MS && ms <= LONGEST_LIFE_MS) return ms;
  throw bad('--lifetime takes days or hours such as 90d or 160h', word);
}

/** @throws UsageError BAD_ARGUMENT */
export function parseDays(word: string): number {
  return wholeNumber('--days', word, MOST_REHEARSED_DAYS);
}

/** @throws UsageError BAD_ARGUMENT */
export function parseCount(word: string): number {
  return wholeNumber('--websites', word, MOST_REHEARSED_WEBSITES);
}

/** @throws UsageError BAD_ARGUMENT */
export function parseSeed(word: string): number {
  if (/^\d{1,9}$/.test(word)) return Number(word);
  throw bad('--seed takes a whole number', word);
}

/** A day of the rehearsal, the first being 0. @throws UsageError BAD_ARGUMENT */
export function parseIncident(word: string, days: number): number {
  if (/^\d{1,4}$/.test(word) && Number(word) < days) return Number(word);
  throw bad(`--ari-incident takes a day from 0 to ${days - 1}`, word);
}

/** `DAY:DAYS`. @throws UsageError BAD_ARGUMENT */
export function parseOutage(word: string, days: number): Outage {
  const [, fromDay, lasts] = /^(\d{1,4}):(\d{1,3}(?:\.\d)?)$/.exec(word) ?? [];
  if (Number(lasts) > 0 && Number(fromDay) < days) return { fromDay: Number(fromDay), days: Number(lasts) };
  const first = `the day on which it begins (0 to ${days - 1})`;
  throw bad(`--outage takes ${first} and how many days it lasts, such as 100:5`, word);
}

function wholeNumber(option: string, word: string, most: number): number {
  if (/^\d{1,9}$/.test(word) && Number(word) >= 1 && Number(word) <= most) return Number(word);
  throw bad(`${option} takes a whole number from 1 to ${most}`, word);
}

function bad(expected: string, word: string): UsageError {
  return new UsageError('BAD_ARGUMENT', `${expected}, not ${quoteForMessage(word)}`);
}
