import type { RecordPlace, RecordTrouble, ServerView, TxtRecord } from '../../core/dcv/dns-observation.js';
import type { PlacementFault } from '../../core/dcv/outcome.js';
import type { WantedName } from '../../core/domain/name/names.js';
import type { Website } from '../../core/domain/website/website.js';

/** Where challenge content is put for one name. */
export interface HttpChallenge {
  readonly website: Website;
  readonly name: WantedName;
  /** `[A-Za-z0-9_-]+`, at most 128 characters; the solver MUST refuse anything else. */
  readonly token: string;
  readonly content: string;
}

export type PlacementOutcome = { readonly ok: true } | ({ readonly ok: false } & PlacementFault);

/**
 * Places challenge files. `present` returns a fault instead of throwing for anything the customer can cause.
 * `cleanUp` MUST work even if `present` failed, and MUST be safe to repeat.
 */
export interface ChallengeSolver {
  present(challenge: HttpChallenge): Promise<PlacementOutcome>;
  cleanUp(
    challenge: Omit<HttpChallenge, 'content' | 'website'> & {
      readonly documentRoot: string;
      readonly account: string;
    },
  ): Promise<void>;
  /**
   * Removes what crashed runs left, but for the tokens of `wanted`: those of orders that are not over, whose files a CA may
   * still fetch. Called once in a run, after its recovery.
   */
  sweep(wanted: ReadonlySet<string>): Promise<void>;
  close(): Promise<void>;
}

/** How the records of one zone fared. */
export interface PresentedZone {
  readonly zone: string;
  /** Null: every authoritative server that answers shows all of them. */
  readonly trouble: RecordTrouble | null;
  readonly servers: readonly ServerView[];
}

/**
 * Places TXT records of dns-01 challenges (RFC 8555 section 8.4) and takes them away by value: others of the same name stay.
 * What DNS or a name server says is a value.
 */
export interface DnsChallengeSolver {
  /** Where the record of a name goes, delegation by CNAME followed; or why nowhere. */
  locate(name: WantedName, signal?: AbortSignal): Promise<RecordPlace | RecordTrouble>;
  /**
   * Places all of them, those of one zone in one change, then waits for each zone until its authoritative servers show them or
   * the time for that is over. MUST note them durably before placing. MUST be safe to repeat. Rejects with the signal's
   * reason; @throws StateError when our own journal cannot be written
   */
  present(records: readonly TxtRecord[], signal?: AbortSignal): Promise<readonly PresentedZone[]>;
  /** What resolvers say of a record that the servers show; null: nothing against it. */
  checkResolved(record: TxtRecord, signal?: AbortSignal): Promise<RecordTrouble | null>;
  /** MUST work even if `present` failed, and MUST be safe to repeat. One printable line for each zone that stays as it was. */
  cleanUp(records: readonly TxtRecord[]): Promise<readonly string[]>;
  /** Removes what crashed runs left, but for `wanted` values: those of orders that are not over. Lines as `cleanUp`. */
  sweep(wanted: ReadonlySet<string>): Promise<readonly string[]>;
}
