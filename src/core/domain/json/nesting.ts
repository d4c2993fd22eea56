/** Deeper than anything of ours or of people, and far from what ends JSON.stringify by a full stack (some 5,000). */
const MOST_LEVELS = 1000;
/** Shorter text cannot be deeper: a level has two characters. */
const SURELY_FLAT = 2 * MOST_LEVELS;

/** Whether JSON is nested so deep that whoever walks through it, as JSON.stringify does, may run out of stack. */
export function isTooDeep(json: string): boolean {
  if (json.length <= SURELY_FLAT) return false;
  let level = 0;
  let isInString = false;
  for (let at = 0; at < json.length; at += 1) {
    const one = json[at];
    if (isInString) {
      if (one === '\\') at += 1;
      else if (one === '"') isInString = false;
    } else if (one === '"') isInString = true;
    else if (one === '[' || one === '{') level += 1;
    else if (one === ']' || one === '}') level -= 1;
    if (level > MOST_LEVELS) return true;
  }
  return false;
}
