/**
 * The lines `KEY=value` of a users, features, packages or cpanel.config file; blank lines, comments and lines without
 * `=` mean nothing; the last of equal keys counts. Takes any text.
 */
export function parseKeyValueLines(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const equals = line.indexOf('=');
    if (equals > 0 && !line.startsWith('#'))
      values.set(line.slice(0, equals).trim(), line.slice(equals + 1).trim());
  }
  return values;
}
