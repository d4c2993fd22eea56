/** No terminal is narrower in practice, and lines that are longer than the second are no easier to read. */
const LEAST_PAGE_WIDTH = 80;
const MOST_PAGE_WIDTH = 160;

/** How wide a page of text is on a terminal of so many columns; null: on none. */
export function pageWidth(columns: number | null): number {
  return Math.min(MOST_PAGE_WIDTH, Math.max(LEAST_PAGE_WIDTH, columns ?? LEAST_PAGE_WIDTH));
}

/**
 * A text in lines of at most `width` characters, broken at blanks; a word that is longer than a line is broken where the
 * line ends. No line begins or ends with a blank; at least one line.
 */
export function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/ +/).filter((one) => one !== '')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (lengthOf(longer) <= width) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    const characters = [...word];
    while (characters.length > width) lines.push(characters.splice(0, width).join(''));
    line = characters.join('');
  }
  return line === '' && lines.length > 0 ? lines : [...lines, line];
}

function lengthOf(text: string): number {
  return [...text].length;
}
