/**
 * One member of an object, or one element of a list, as it stands in JSON text: offsets of what belongs to it, in the order
 * `lead head value trail`. `lead` and `trail` are white space; `head` is the name with its colon, nothing in a list.
 */
export interface SourceItem {
  /** Undefined in a list. */
  readonly key: string | undefined;
  readonly start: number;
  readonly headStart: number;
  readonly valueStart: number;
  readonly valueEnd: number;
  readonly end: number;
}

/** What an object or list holds, in the order of the text. `text` is valid JSON, and `open` the offset of its `{` or `[`. */
export function sourceItems(text: string, open: number): readonly SourceItem[] {
  const isObject = text[open] === '{';
  const items: SourceItem[] = [];
  let start = open + 1;
  for (;;) {
    const headStart = skipSpace(text, start);
    if (text[headStart] === '}' || text[headStart] === ']') return items;
    const keyEnd = isObject ? skipText(text, headStart) : headStart;
    const valueStart = isObject ? skipSpace(text, skipSpace(text, keyEnd) + 1) : headStart;
    const valueEnd = skipValue(text, valueStart);
    const end = skipSpace(text, valueEnd);
    const key = isObject ? decodedText(text.slice(headStart, keyEnd)) : undefined;
    items.push({ key, start, headStart, valueStart, valueEnd, end });
    if (text[end] !== ',') return items;
    start = end + 1;
  }
}

/** What JSON allows and a file of settings must not have: the first one found. */
export type SourceFault = { readonly kind: 'twice'; readonly key: string } | { readonly kind: 'too-deep' };

/**
 * Looks through valid JSON for an object that names a key twice (readers disagree which one counts) and for nesting deeper
 * than `maxDepth`. Takes no more of the stack than a flat file does.
 */
export function findSourceFault(text: string, maxDepth: number): SourceFault | undefined {
  // One entry for each object or list that is open; a list has no names.
  const open: (Set<string> | null)[] = [];
  let isNameNext = false;
  for (let at = 0; at < text.length; ) {
    const character = text[at];
    if (character === '"') {
      const end = skipText(text, at);
      const names = isNameNext ? open.at(-1) : null;
      if (names !== null && names !== undefined) {
        const key = decodedText(text.slice(at, end));
        if (names.has(key)) return { kind: 'twice', key };
        names.add(key);
      }
      isNameNext = false;
      at = end;
      continue;
    }
    if (character === '{' || character === '[') {
      open.push(character === '{' ? new Set() : null);
      if (open.length > maxDepth) return { kind: 'too-deep' };
      isNameNext = character === '{';
    } else if (character === '}' || character === ']') {
      open.pop();
      isNameNext = false;
    } else if (character === ',') isNameNext = true;
    at += 1;
  }
  return undefined;
}

/** The offset of the first character at or after `at` that is no white space of JSON. */
export function skipSpace(text: string, at: number): number {
  let next = at;
  while (text[next] === ' ' || text[next] === '\n' || text[next] === '\r' || text[next] === '\t') next += 1;
  return next;
}

/** From the quote that begins a text to behind the one that ends it. */
function skipText(text: string, at: number): number {
  let next = at + 1;
  while (text[next] !== '"') next += text[next] === '\\' ? 2 : 1;
  return next + 1;
}

/** Behind the value that begins at `at`. */
function skipValue(text: string, at: number): number {
  let depth = 0;
  for (let next = at; ; ) {
    const character = text[next];
    if (character === '"') next = skipText(text, next);
    else if (character === '{' || character === '[') {
      depth += 1;
      next += 1;
    } else if (character === '}' || character === ']') {
      depth -= 1;
      next += 1;
    } else if (depth === 0) return endOfScalar(text, next);
    else next += 1;
    if (depth === 0) return next;
  }
}

/** Behind a number, `true`, `false` or `null`. */
function endOfScalar(text: string, at: number): number {
  let next = at;
  while (next < text.length && /[-+.\w]/.test(text[next] ?? '')) next += 1;
  return next;
}

function decodedText(text: string): string {
  return text.includes('\\') ? (JSON.parse(text) as string) : text.slice(1, -1);
}
