/**
 * Whether an instant that we stored lies further ahead than the rules that set it can have put it (`longestMs`): then it was written
 * by a clock that was wrong, and what waits for it would wait for as long as that clock was off.
 */
export function isOutOfReach(at: Date, longestMs: number, now: Date): boolean {
  return at.getTime() - now.getTime() > longestMs;
}

/** Whether something that was put off until `at`, by at most `longestMs`, is due: its instant has come, or is out of reach. */
export function isInstantDue(at: Date, longestMs: number, now: Date): boolean {
  return at <= now || isOutOfReach(at, longestMs, now);
}
