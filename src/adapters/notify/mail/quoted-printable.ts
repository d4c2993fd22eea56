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
    const encoded = encodedCharacter(character, isLast, current === '');
    // Room for the soft break, but at the end of the line itself.
    if (current.length + encoded.length > LONGEST_LINE - (isLast ? 0 : 1)) {
      lines.push(`${current}=`);
      current = encodedCharacter(character, isLast, true);
    } else current += encoded;
  }
  return [...lines, current].join('\n');
}

/** Whole characters, so that no line ends within one. */
function encodedCharacter(character: string, isLast: boolean, isFirst: boolean): string {
  // Blanks at an end get lost on the way; some programs take a dot, or “From”, at the beginning for theirs.
  if ((character === ' ' || character === '\t') && !isLast) return character;
  const isSpecial = character === '=' || (isFirst && (character === '.' || character === 'F'));
  if (/^[!-~]$/.test(character) && !isSpecial) return character;
  return [...Buffer.from(character)]
    .map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('');
}
