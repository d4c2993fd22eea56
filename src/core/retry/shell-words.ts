/** Characters that no POSIX shell gives a meaning, wherever in a word. */
const PLAIN = /^[A-Za-z0-9_./:@%+,-]+$/;
/** One word as `quoteForShell` writes it: plain, or quoted pieces with `\'` between them. */
const WORD = /[A-Za-z0-9_./:@%+,-]+|'[^']*'(?:\\''[^']*')*/y;

/** Words as a POSIX shell reads them back, each exactly as it is (XCU 2.2.2: nothing is special between single quotes). */
export function quoteForShell(words: readonly string[]): string {
  return words.map((word) => (PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}

/**
 * The inverse: the words up to the first newline outside quotes, or the end. Undefined for anything that `quoteForShell`
 * does not write.
 */
export function readShellWords(text: string): readonly string[] | undefined {
  const words: string[] = [];
  for (let at = 0; ; ) {
    WORD.lastIndex = at;
    const found = WORD.exec(text)?.[0];
    if (found === undefined) return undefined;
    words.push(found.startsWith("'") ? found.slice(1, -1).replaceAll(`'\\''`, "'") : found);
    at += found.length;
    if (at === text.length || text[at] === '\n') return words;
    if (text[at] !== ' ') return undefined;
    at += 1;
  }
}
