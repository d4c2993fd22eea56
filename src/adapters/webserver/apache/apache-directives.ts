/** One directive, or one section with what stands in it. */
export interface ApacheDirective {
  /** Lower case; a section's without brackets. */
  readonly name: string;
  /** As written: quotes taken off, variables not replaced. */
  readonly words: readonly string[];
  readonly file: string;
  /** Of its last physical line, as Apache counts. */
  readonly line: number;
  /** Null for a simple directive. */
  readonly block: readonly ApacheDirective[] | null;
}

/** Deeper nesting is no configuration; what lies below is read as if it stood here. */
const MAX_DEPTH = 100;

/** The directives of one file, includes not followed. Sections that are not closed end at the file's end. Never throws. */
export function parseApacheDirectives(text: string, file: string): readonly ApacheDirective[] {
  const top: ApacheDirective[] = [];
  const open: { readonly name: string; readonly block: ApacheDirective[] }[] = [{ name: '', block: top }];
  for (const { text: content, line } of logicalLines(text)) {
    const [, closed] = /^<\/\s*([^\s>]+)/.exec(content) ?? [];
    const [, opened, inside = ''] = /^<([^/\s>][^\s>]*)(.*)$/s.exec(content) ?? [];
    if (closed !== undefined) {
      const index = open.findLastIndex(({ name }) => name === closed.toLowerCase());
      if (index > 0) open.length = index;
    } else if (opened !== undefined) {
      const section = { name: opened.toLowerCase(), block: [] };
      const words = wordsOf(inside.replace(/>\s*$/, ''));
      open.at(-1)?.block.push({ ...section, words, file, line });
      if (open.length < MAX_DEPTH) open.push(section);
    } else {
      const [name = '', ...words] = wordsOf(content);
      if (name !== '') open.at(-1)?.block.push({ name: name.toLowerCase(), words, file, line, block: null });
    }
  }
  return top;
}

/** Lines with their continuations joined, without comments and blank ones. */
function* logicalLines(text: string): Generator<{ readonly text: string; readonly line: number }> {
  let parts: string[] = [];
  for (const [index, physical] of text.split('\n').entries()) {
    const bare = physical.endsWith('\r') ? physical.slice(0, -1) : physical;
    if (bare.endsWith('\\')) {
      parts.push(bare.slice(0, -1));
      continue;
    }
    parts.push(bare);
    const joined = parts.join('').trim();
    parts = [];
    if (joined !== '' && !joined.startsWith('#')) yield { text: joined, line: index + 1 };
  }
}

/** Words at blanks; within quotes blanks count as text and a backslash takes the quote or itself. */
function wordsOf(text: string): readonly string[] {
  const words: string[] = [];
  for (const match of text.matchAll(/"((?:[^"\\]|\\.)*)(?:"|$)|'((?:[^'\\]|\\.)*)(?:'|$)|(\S+)/gs)) {
    const quoted = match[1] ?? match[2];
    words.push(quoted === undefined ? (match[3] ?? '') : quoted.replace(/\\(["'\\])/g, '$1'));
  }
  return words;
}
