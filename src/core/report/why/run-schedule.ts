const DAY_MS = 86_400_000;

/** When things happen by themselves on this server. */
export interface RunSchedule {
  /** The next nightly run; null: none is known of. */
  readonly nextRunAt: Date | null;
  /** The first one at or after an instant, where entries say more than one time of every day. */
  readonly runAtOrAfter?: (at: Date) => Date | null;
  /** The 5-minute job is there. */
  readonly isPolled: boolean;
}

/** The first nightly run at or after the instant (on days of 24 hours); null: none is known of. */
export function runAtOrAfter({ nextRunAt, runAtOrAfter: following }: RunSchedule, at: Date): Date | null {
  if (nextRunAt === null) return null;
  if (following !== undefined) return following(at);
  const nights = Math.max(0, Math.ceil((at.getTime() - nextRunAt.getTime()) / DAY_MS));
  return new Date(nextRunAt.getTime() + nights * DAY_MS);
}
