/** A token of nginx's configuration language. */
export type NginxToken =
  | { readonly type: 'word'; readonly text: string; readonly line: number }
  | { readonly type: ';' | '{' | '}'; readonly line: number };

const BLANK = /\s/;
/** What a backslash makes of the next character, in and out of quotes; before others it stays. */
const ESCAPED: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  '\\': '\\',
  t: '\t',
  r: '\r',
  n: '\n',
};

/**
 * The tokens of one configuration file as nginx takes them: quotes at a word's beginning, `${…}` within words, comments
 * at a word's place, the Lua of `…_by_lua_block` passed over as an empty block. Total: what no nginx would accept gives some
 * tokens too. Linear in the text.
 */
export function* nginxTokens(text: string): Generator<NginxToken> {
  const lines = new LineCounter(text);
  let at = 0;
  let isAtStart = true;
  let isLua = false;
  while (at < text.length) {
    const character = text.charAt(at);
    if (BLANK.test(character)) {
      at++;
      continue;
    }
    const line = lines.at(at);
    if (character === '#') {
      at = endOr(text, text.indexOf('\n', at));
      continue;
    }
    if (character === ';' || character === '{' || character === '}') {
      yield { type: character, line };
      at++;
      if (character === '{' && isLua) {
        at = endOfLua(text, at);
        yield { type: '}', line: lines.at(Math.min(at, text.length - 1)) };
        at++;
      }
      isAtStart = true;
      isLua = false;
      continue;
    }
    const word = character === '"' || character === "'" ? quotedWord(text, at) : plainWord(text, at);
    yield { type: 'word', text: word.text, line };
    at = word.end;
    if (isAtStart) isLua = word.text.endsWith('_by_lua_block');
    isAtStart = false;
  }
}

interface Word {
  readonly text: string;
  readonly end: number;
}

function quotedWord(text: string, begin: number): Word {
  const quote = text.charAt(begin);
  const parts: string[] = [];
  let at = begin + 1;
  while (at < text.length && text.charAt(at) !== quote) {
    const [part, length] = unescaped(text, at);
    parts.push(part);
    at += length;
  }
  return { text: parts.join(''), end: at + 1 };
}

function plainWord(text: string, begin: number): Word {
  const parts: string[] = [];
  let at = begin;
  while (at < text.length) {
    const character = text.charAt(at);
    if (BLANK.test(character) || character === ';' || character === '{') break;
    if (character === '$' && text.charAt(at + 1) === '{') {
      // A variable's braces are no block.
      parts.push('${');
      at += 2;
      continue;
    }
    const [part, length] = unescaped(text, at);
    parts.push(part);
    at += length;
  }
  return { text: parts.join(''), end: at };
}

/** The character there, or what an escape stands for, and how much of the text that takes. */
function unescaped(text: string, at: number): readonly [string, number] {
  if (text.charAt(at) !== '\\' || at + 1 >= text.length) return [text.charAt(at), 1];
  const next = text.charAt(at + 1);
  return [ESCAPED[next] ?? `\\${next}`, 2];
}

/** Where the `}` stands that ends a Lua block whose content begins at `at`; strings and comments of Lua hide braces. */
function endOfLua(text: string, begin: number): number {
  let depth = 1;
  let at = begin;
  while (at < text.length) {
    const character = text.charAt(at);
    if (character === '{') depth++;
    else if (character === '}') {
      depth--;
      if (depth === 0) return at;
    } else if (character === '"' || character === "'") {
      at = endOfLuaString(text, at);
      continue;
    } else if (character === '[' || text.startsWith('--', at)) {
      at = endOfLuaLong(text, at);
      continue;
    }
    at++;
  }
  return text.length;
}

function endOfLuaString(text: string, begin: number): number {
  const quote = text.charAt(begin);
  let at = begin + 1;
  while (at < text.length && text.charAt(at) !== quote && text.charAt(at) !== '\n') {
    at += text.charAt(at) === '\\' ? 2 : 1;
  }
  return at + 1;
}

/** `[[…]]`, `[=[…]=]`, `--[[…]]` and `-- …`; a `[` that opens none of them is a character. */
function endOfLuaLong(text: string, begin: number): number {
  const isComment = text.startsWith('--', begin);
  const open = isComment ? begin + 2 : begin;
  let level = open + 1;
  if (text.charAt(open) === '[') {
    while (text.charAt(level) === '=') level++;
    if (text.charAt(level) === '[') {
      const close = `]${'='.repeat(level - open - 1)}]`;
      const found = text.indexOf(close, level + 1);
      return found === -1 ? text.length : found + close.length;
    }
  }
  return isComment ? endOr(text, text.indexOf('\n', open)) : begin + 1;
}

function endOr(text: string, found: number): number {
  return found === -1 ? text.length : found;
}

/** Line numbers from 1 for positions that only grow. */
class LineCounter {
  readonly #text: string;
  #line = 1;
  #next: number;

  constructor(text: string) {
    this.#text = text;
    this.#next = text.indexOf('\n');
  }

  at(position: number): number {
    while (this.#next !== -1 && this.#next < position) {
      this.#line++;
      this.#next = this.#text.indexOf('\n', this.#next + 1);
    }
    return this.#line;
  }
}
