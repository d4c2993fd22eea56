/** Links looked at in one answer; CAs send a handful. */
const MOST_LINKS = 32;

/** The targets of RFC 8288 Link headers with this relation, in order, as written. */
export function linksOf(headers: readonly string[], relation: string): readonly string[] {
  const found: string[] = [];
  for (const header of headers) {
    for (const match of header.matchAll(/<([^<>]*)>((?:[^<>",]|"[^"]*")*)/g)) {
      if (found.length >= MOST_LINKS) return found;
      const relations = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))/i.exec(match[2] ?? '');
      const named = (relations?.[1] ?? relations?.[2] ?? '').toLowerCase().split(/\s+/);
      if (named.includes(relation) && match[1] !== undefined) found.push(match[1]);
    }
  }
  return found;
}
