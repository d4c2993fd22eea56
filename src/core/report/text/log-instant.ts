/** ISO 8601 UTC with second precision, as logs are named and records are stamped: `2026-03-03T23:26:01Z`. */
const LOG_INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/** The instant as logs write it; fractions of a second are cut off. */
export function logInstant(at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z`;
}

/** An ISO 8601 instant of a record as logs write it; what is none, as it is. */
export function shortInstant(text: string): string {
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? text : logInstant(at);
}

/** Reads a log's name; the API's form with `.000Z` is the same log. Undefined for anything else. */
export function parseLogInstant(text: string): Date | undefined {
  const bare = text.replace(/\.000Z$/, 'Z');
  if (!LOG_INSTANT.test(bare)) return undefined;
  const at = new Date(bare);
  return Number.isNaN(at.getTime()) || logInstant(at) !== bare ? undefined : at;
}
