import type { FaultSide } from '../../core/domain/fault-side.js';
import type { WantedName } from '../../core/domain/name/names.js';
import type { LedgerRecord } from '../../core/order/ledger-record.js';
import type { NameRecord } from '../../core/order/name-record.js';
import type { ServedRecord } from '../../core/plan/served/served-record.js';

export interface NameMemory {
  read(name: WantedName): Promise<NameRecord | undefined>;
  write(record: NameRecord): Promise<void>;
  forget(name: WantedName): Promise<void>;
}

/** What the last full run saw of websites recorded as ours: `ledger/health.json` (mass-change brake, design 5.19). */
export interface HealthRecord {
  readonly schemaVersion: 1;
  readonly at: string;
  /** Websites with an issued record. */
  readonly oursCount: number;
  /** Those of them found absent or defective. */
  readonly unhealthy: readonly string[];
  /** Those found expired or not valid yet, by a clock that was trusted; absent in records of former versions. */
  readonly expired?: readonly string[];
}

export interface Ledger {
  read(provider: string): Promise<LedgerRecord>;
  write(record: LedgerRecord): Promise<void>;
  /**
   * Puts a record in place of one that cannot be read, which is kept beside it; gives where. @throws StateError CORRUPT_RECORD for a newer version's
   */
  replaceDamaged(record: LedgerRecord, now: Date): Promise<string>;
  readHealth(): Promise<HealthRecord | undefined>;
  writeHealth(record: HealthRecord): Promise<void>;
}

/** Latest problem per name of one account: `problems/<account>.json`. */
export interface ProblemRecord {
  readonly domain: string;
  readonly vhost: string;
  readonly code: string;
  readonly message: string;
  readonly advice: string | null;
  /** Absent in records of former versions. */
  readonly fault?: FaultSide;
  /** Of the website as such; absent: of the name, and in all records of former versions. */
  readonly about?: 'website';
  /** None of the name's addresses is on this server, which may be why. */
  readonly pointsElsewhere?: true;
  /** Where a person ends the pause that a CA put on the name; the administrator's. */
  readonly unpauseUrl?: string;
  /** When it was first seen, of those that were seen at every look since; absent in records of former versions. */
  readonly since?: string;
  /** When it was last seen. */
  readonly at: string;
  /** Start of the run whose log tells of it. */
  readonly logStartedAt: string | null;
}

export interface ProblemStore {
  read(account: string): Promise<readonly ProblemRecord[]>;
  /** Replaces the account's list (an empty one removes the file). */
  write(account: string, problems: readonly ProblemRecord[]): Promise<void>;
}

export interface ServedStore {
  read(vhost: string): Promise<ServedRecord | undefined>;
  write(record: ServedRecord): Promise<void>;
  /** Websites whose newest record says anything but `served`; costs one folder's listing. */
  listUnproved(): Promise<readonly string[]>;
  forget(vhost: string): Promise<void>;
}
