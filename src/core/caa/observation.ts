import type { WantedName } from '../domain/name/names.js';

/** One record of type CAA (RFC 8659 section 4.1), as its zone's owner wrote it: unescaped. */
export interface CaaRecord {
  readonly flags: number;
  readonly tag: string;
  readonly value: string;
}

/** Why a name's CAA records are not known. */
export type CaaLookupFault =
  | 'SERVFAIL'
  /** Without verification there is an answer: its DNSSEC signatures are wrong. */
  | 'BOGUS'
  | 'REFUSED'
  | 'ALIAS_LOOP'
  | 'BAD_ANSWER'
  | 'TIMED_OUT'
  /** No server could be reached at all. */
  | 'UNREACHABLE';

/** What DNS said of one name; no conclusion drawn. */
export type CaaLookup =
  | {
      readonly state: 'answered';
      /** As it was asked for. */
      readonly name: string;
      /** Where the records lie: the name itself, or where its aliases (CNAME, DNAME) lead. Unescaped. */
      readonly owner: string;
      /** Empty also where the name does not exist. */
      readonly records: readonly CaaRecord[];
    }
  | { readonly state: 'failed'; readonly name: string; readonly fault: CaaLookupFault };

/** What was seen on the way up from a name: all lookups, to the first that gave records or failed. */
export interface CaaObservation {
  readonly name: WantedName;
  readonly path: readonly CaaLookup[];
}
