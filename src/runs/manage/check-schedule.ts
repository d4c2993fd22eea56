/** When the nightly run starts, as cron's entries say now. */
export interface CheckSchedule {
  /** The five fields of each entry, or the word that stands for them; none: there is no entry. */
  readonly entries: readonly string[];
  /** Null: there is no entry, or none of them says a time. */
  readonly nextRunAt: Date | null;
  /** Entries of which nobody knows when they start something: `@reboot`, a zone that there is not. */
  readonly unclear: readonly string[];
  /** What CRON_TZ says above entries. */
  readonly zones: readonly string[];
}

/** Reads the entries that are there. */
export type ReadCheckSchedule = () => Promise<CheckSchedule>;
