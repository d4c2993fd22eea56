/** RFC 2045 6.7 (5): lines of at most 76 characters, the `=` of a soft break among them. */
const LONGEST_LINE = 76;

/** The text as quoted-printable (RFC 2045 6.7): seven bits, short lines, LF between them. */
export function quotedPrintable(text: string): string {
  return text.split('\n').map(encodedLine).join('\n');
}

function encodedLine(line: string): string {
  const lines: string[] = [];
  let current = '';
  const characters = [...line];
  for (const [index, character] of characters.entries()) {
    const isLast = index === characters.length - 1;
    const encoded = encodedCharacter(character, isLast);
    // Room for the soft break, but at the end of the line itself.
    const isFull = current.length + encoded.length > LONGEST_LINE - (isLast ? 0 : 1);
    if (isFull) {
      lines.push(`${current}=`);
      current = '';
    }
    // Some programs take a dot, or “From”, at a beginning for theirs.
    const isTaken =
      character === '.' || (character === 'F' && characters.slice(index, index + 5).join('') === 'From ');
    current += current === '' && isTaken ? escaped(character) : encoded;
  }
  return [...lines, current].join('\n');
}

/** Whole characters, so that no line ends within one. */
function encodedCharacter(character: string, isLast: boolean): string {
  // Blanks at an end get lost on the way.
  if ((character === ' ' || character === '\t') && !isLast) return character;
  return /^[!-<>-~]$/.test(character) ? character : escaped(character);
}

function escaped(character: string): string {
  return [...Buffer.from(character)]
    .map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('');
}
