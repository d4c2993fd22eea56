/** When the nightly run starts, as cron's entry says now. */
export interface CheckSchedule {
  /** The five fields of the entry; null: there is none. */
  readonly fields: string | null;
  /** Null: there is no entry, or it is not one time of every day. */
  readonly nextRunAt: Date | null;
}

/** Reads the entry that is there. */
export type ReadCheckSchedule = () => Promise<CheckSchedule>;
