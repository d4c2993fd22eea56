import { nginxTokens } from './nginx-tokens.js';

/** One directive with its words, and its block's directives where it has one. */
export interface NginxDirective {
  /** Lower case is not forced: nginx's directives are case-sensitive. */
  readonly name: string;
  readonly words: readonly string[];
  readonly file: string;
  readonly line: number;
  /** Null for a simple directive. */
  readonly block: readonly NginxDirective[] | null;
}

/** Deeper nesting is no configuration; what lies below is left out. */
const MAX_DEPTH = 100;

/**
 * The directives of one file, includes not followed. A missing `}` ends at the file's end, one too many is passed over, words
 * without `;` at the end are a directive. Never throws.
 */
export function parseNginxDirectives(text: string, file: string): readonly NginxDirective[] {
  const top: NginxDirective[] = [];
  const open: NginxDirective[][] = [top];
  let words: string[] = [];
  let line = 0;
  let ignored = 0;
  const place = (block: NginxDirective[] | null): void => {
    const [name, ...rest] = words;
    if (name !== undefined || block !== null) {
      open.at(-1)?.push({ name: name ?? '', words: rest, file, line, block });
    }
    words = [];
  };
  for (const token of nginxTokens(text)) {
    if (words.length === 0) line = token.line;
    if (token.type === 'word') words.push(token.text);
    else if (token.type === ';') place(null);
    else if (token.type === '{') {
      if (open.length > MAX_DEPTH) {
        ignored++;
        words = [];
        continue;
      }
      const block: NginxDirective[] = [];
      place(block);
      open.push(block);
    } else {
      place(null);
      if (ignored > 0) ignored--;
      else if (open.length > 1) open.pop();
    }
  }
  place(null);
  return top;
}
