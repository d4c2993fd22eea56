import type { Website } from '../../core/domain/website/website.js';
import type { FreeRoom } from '../../core/plan/room/room.js';
import type { LimitsHost } from '../manage/limits.js';
import type { CertificateStore } from '../ports/certificates.js';
import type { LockKeeper } from '../ports/locks.js';
import type { UnusableWay } from '../ports/settings.js';
import type { WhyHost } from '../why-domain/why-host.js';

/** A file of ours that does not lie there as we made it. */
export interface MisplacedFile {
  readonly path: string;
  readonly what: string;
  /** Null: it is left alone. */
  readonly mode: number | null;
}

/** What the doctor sees of our own files, and the few things it puts right. MUST NOT follow a link. */
export interface OwnFiles {
  misplaced(): Promise<readonly MisplacedFile[]>;
  /** False: it was left as it is. */
  putRight(file: MisplacedFile): Promise<boolean>;
  leftovers(): Promise<readonly string[]>;
  deadLocks(): Promise<readonly string[]>;
  freeLock(name: string): boolean;
  damagedCaches(): Promise<readonly string[]>;
  removeCache(path: string): Promise<void>;
  oldestNotice(): Promise<Date | null>;
  daemons(): Promise<{ readonly cron: boolean; readonly at: boolean } | null>;
}

/** A file that should follow from `combined` and does not. */
export interface StaleFile {
  readonly path: string;
  rewrite(): Promise<boolean>;
}

export interface DoctorHost {
  readonly why: WhyHost;
  readonly limits: LimitsHost;
  readonly locks: LockKeeper;
  readonly certificates: Pick<CertificateStore, 'gatherEvidence' | 'readKey'>;
  readonly files: OwnFiles;
  /** Copies of a website that do not follow from its `combined`. */
  staleCopies(website: Website): readonly StaleFile[];
  /** What is free where runs write, also where no run has been yet. */
  freeRoom(): readonly FreeRoom[];
  /** Staging of orders that no journal knows, of dead processes. */
  orphanedStaging(): Promise<readonly string[]>;
  /** Removes temporary files and staging of dead processes; gives how many. */
  sweep(): Promise<number>;
  /** Services whose set lies there, and whether its key belongs to its certificate. */
  servicePairs(): Promise<readonly { readonly service: string; readonly isPair: boolean }[]>;
  /** Publications that were begun by a process that is gone or that cannot be read, a line each. */
  halfDone(): Promise<readonly string[]>;
  /** Processes that are gone and left challenge files or records, by the paths of their journals. */
  leftChallenges(): Promise<readonly string[]>;
  /** Asks the CA's directory; null: none is to be asked. @throws AcmeProtocolError */
  askAuthority(signal: AbortSignal): Promise<{ readonly clockOffsetMs: number | null } | null>;
  /** Ways for messages that the settings name and that cannot be gone now. */
  readonly unusableWays: readonly UnusableWay[];
  /** Makes cron's file, as `autossl setup --cron` does; gives what was done. */
  setUpCron(): Promise<readonly string[]>;
}
