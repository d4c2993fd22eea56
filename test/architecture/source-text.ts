/** What of the source is code. `keepStrings`: only comments and regular expressions are blanked. */
interface Keep {
  readonly keepStrings: boolean;
}

/**
 * The source with everything that is not code blanked by spaces, at the same places and lines: comments, regular
 * expressions and, unless kept, the insides of strings and templates (the code in `${…}` stays).
 */
export function bareSource(source: string, { keepStrings }: Keep): string {
  const bare = [...source.split('')];
  /** Open templates: how deep in braces the code of each `${` is. */
  const templates: number[] = [];
  let depth = 0;
  let at = 0;
  const blank = (from: number, to: number): void => {
    for (let i = from; i < to; i++) if (bare[i] !== '\n') bare[i] = ' ';
  };
  const text = (from: number, to: number): void => {
    if (!keepStrings) blank(from, to);
  };
  /** Reads a template's text from `from` to its end or its next `${`. */
  const template = (from: number): number => {
    let i = from;
    while (i < source.length) {
      if (source[i] === '\\') i += 2;
      else if (source[i] === '`') {
        text(from, i);
        return i + 1;
      } else if (source[i] === '$' && source[i + 1] === '{') {
        text(from, i);
        templates.push(depth);
        depth++;
        return i + 2;
      } else i++;
    }
    return i;
  };
  while (at < source.length) {
    const here = source[at] ?? '';
    const pair = source.slice(at, at + 2);
    if (pair === '//' || pair === '/*') {
      const end = pair === '//' ? source.indexOf('\n', at) : source.indexOf('*/', at + 2) + 2;
      const to = end < at + 2 ? source.length : end;
      blank(at, to);
      at = to;
    } else if (here === '/' && beginsExpression(bare, at)) {
      const to = endOfRegularExpression(source, at);
      blank(at, to);
      at = to;
    } else if (here === "'" || here === '"') {
      const to = endOfString(source, at, here);
      text(at + 1, to - 1);
      at = to;
    } else if (here === '`') {
      at = template(at + 1);
    } else if (here === '{') {
      depth++;
      at++;
    } else if (here === '}') {
      depth--;
      at++;
      if (templates.at(-1) === depth) {
        templates.pop();
        at = template(at);
      }
    } else at++;
  }
  return bare.join('');
}

function endOfString(source: string, from: number, quote: string): number {
  let i = from + 1;
  while (i < source.length && source[i] !== quote && source[i] !== '\n') i += source[i] === '\\' ? 2 : 1;
  return i + 1;
}

function endOfRegularExpression(source: string, from: number): number {
  let i = from + 1;
  let isInClass = false;
  while (i < source.length && source[i] !== '\n' && (isInClass || source[i] !== '/')) {
    if (source[i] === '[') isInClass = true;
    if (source[i] === ']') isInClass = false;
    i += source[i] === '\\' ? 2 : 1;
  }
  i++;
  while (/[a-z]/.test(source[i] ?? '')) i++;
  return i;
}

/** Whether a slash here begins a regular expression: a value cannot stand before it. */
function beginsExpression(bare: readonly string[], at: number): boolean {
  let i = at - 1;
  while (i >= 0 && /\s/.test(bare[i] ?? '')) i--;
  const before = bare[i] ?? '';
  if (before === '' || /[(,=:[!&|?{};+\-*%<>~^]/.test(before)) return true;
  if (!/\w/.test(before)) return false;
  let word = '';
  while (i >= 0 && /\w/.test(bare[i] ?? '')) word = `${bare[i--]}${word}`;
  return ['return', 'typeof', 'case', 'in', 'of', 'delete', 'void', 'await', 'yield'].includes(word);
}
