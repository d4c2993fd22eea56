/** A key that differs in more than this part of its letters is another word, not a slip of the pen. */
const MAX_DISTANCE_RATIO = 0.5;

/** The known key that the written one was probably meant to be; undefined when none is near. */
export function nearestKey(written: string, known: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  // Longer than any key: not worth the comparison.
  if (written.length > 100) return undefined;
  for (const key of known) {
    const distance = editDistance(written.toLowerCase(), key.toLowerCase());
    if (distance < least && distance <= Math.max(written.length, key.length) * MAX_DISTANCE_RATIO) {
      least = distance;
      nearest = key;
    }
  }
  return nearest;
}

/** Levenshtein's: the fewest letters to insert, leave out or change. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const change = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(change, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
