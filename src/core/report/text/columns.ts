/** A column of a plain table. */
export interface Column {
  readonly title: string;
  /** Characters that stay when the table must be made narrower. */
  readonly leastWidth: number;
  /** Set at the right. */
  readonly isNumber?: boolean;
}

const GAP = '  ';
const ELLIPSIS = '…';
/** No terminal is narrower in practice; what is, wraps. */
const LEAST_TERMINAL_WIDTH = 80;

/**
 * The titles and one line for each row of cells, aligned, without blanks at their ends. `width` null: every cell as it is;
 * otherwise the widest columns are shortened, their cells with an ellipsis, until a line fits, 80 at least.
 */
export function* renderColumns(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number | null,
): Generator<string> {
  const natural = columns.map(({ title }) => title.length);
  for (const cells of rows) {
    for (const [index, cell] of cells.entries()) {
      natural[index] = Math.max(natural[index] ?? 0, lengthOf(cell));
    }
  }
  const widths = width === null ? natural : narrowed(columns, natural, Math.max(LEAST_TERMINAL_WIDTH, width));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => aligned(shortened(cell, widths[index] ?? 0), widths[index] ?? 0, columns[index]))
      .join(GAP)
      .trimEnd();
  yield line(columns.map(({ title }) => title));
  for (const cells of rows) yield line(cells);
}

function narrowed(columns: readonly Column[], natural: readonly number[], width: number): readonly number[] {
  const widths = [...natural];
  const least = columns.map(({ leastWidth }, index) => Math.min(leastWidth, natural[index] ?? 0));
  let excess = widths.reduce((sum, one) => sum + one, 0) + GAP.length * (columns.length - 1) - width;
  while (excess > 0) {
    let widest = -1;
    for (const [index, one] of widths.entries()) {
      const isShrinkable = one > (least[index] ?? 0);
      if (isShrinkable && (widest === -1 || one > (widths[widest] ?? 0))) widest = index;
    }
    if (widest === -1) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess -= 1;
  }
  return widths;
}

/** In characters as people count them, near enough: code points. */
function lengthOf(text: string): number {
  return isAscii(text) ? text.length : [...text].length;
}

function shortened(text: string, width: number): string {
  if (lengthOf(text) <= width) return text;
  return `${[...text].slice(0, width - 1).join('')}${ELLIPSIS}`;
}

function aligned(text: string, width: number, column: Column | undefined): string {
  const blanks = ' '.repeat(Math.max(0, width - lengthOf(text)));
  return column?.isNumber === true ? blanks + text : text + blanks;
}

function isAscii(text: string): boolean {
  return /^[\u0020-\u007e]*$/.test(text);
}
