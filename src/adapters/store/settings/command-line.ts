/** Characters that mean something to a shell and nothing to a program. */
const SHELL_SYNTAX = /[|&;<>()$`*?[\]{}~#!\n\r\0]/;

/**
 * A command written as one text, split into program and arguments without a shell: words at blanks, '…' and "…" keep
 * blanks together, a backslash takes the next character as it is. Undefined when nothing is left, a quote stays open
 * or the text relies on a shell (|, ;, $ … outside quotes): who writes that expects more than would happen.
 */
export function splitCommandLine(text: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let at = 0; at < text.length; at++) {
    let character = text.charAt(at);
    if (quote === undefined && (character === ' ' || character === '\t')) {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    if (character === quote) {
      quote = undefined;
      continue;
    }
    if (quote === undefined && (character === '"' || character === "'")) {
      quote = character;
      word ??= '';
      continue;
    }
    if (character === '\\' && quote !== "'") {
      at++;
      if (at === text.length) return undefined;
      character = text.charAt(at);
    } else if (quote === undefined && SHELL_SYNTAX.test(character)) return undefined;
    if (character === '\0') return undefined;
    word = (word ?? '') + character;
  }
  if (quote !== undefined) return undefined;
  if (word !== undefined) words.push(word);
  return words.length > 0 && words[0] !== '' ? words : undefined;
}
