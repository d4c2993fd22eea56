import type { FaultSide } from '../domain/fault-side.js';
import type { WantedName } from '../domain/name/names.js';

/** Why a CA must not certify a name. */
export type CaaFailureCode =
  | 'CAA_FORBIDS'
  | 'CAA_WILDCARD_FORBIDDEN'
  | 'CAA_ACCOUNT_MISMATCH'
  | 'CAA_METHOD_FORBIDDEN'
  | 'CAA_CRITICAL_UNKNOWN'
  | 'CAA_MALFORMED'
  | 'CAA_LOOKUP_FAILED';

/** By whom a certificate would be ordered: the same for every name. */
export interface CaaIssuer {
  /** The CA's issuer domain names, its usual one first; none: it does not say, and nothing is judged. */
  readonly identities: readonly string[];
  /** URL of our account there; null: not known, and no account is judged. */
  readonly accountUrl: string | null;
}
/** By whom and how. */
export interface CaaPolicy extends CaaIssuer {
  /** Methods by which this name can be validated here, by wire name. */
  readonly methods: readonly string[];
}

/** A record that would let our CA in. */
export interface CaaAddition {
  /** Owner name, without the final dot. */
  readonly name: string;
  /** As in a zone file: `0 issue "ca.example"`. */
  readonly value: string;
  /** The whole line. */
  readonly line: string;
  /**
   * Whether it may be added without asking: not where it would take back what the owner said of wildcards or methods, nor
   * behind an alias, whose target is somebody else's.
   */
  readonly isHarmless: boolean;
}

export type CaaOutcome =
  | {
      readonly name: WantedName;
      readonly isAllowed: true;
      readonly because: 'NOT_JUDGED' | 'NO_RECORDS' | 'NOT_RESTRICTED' | 'PERMITTED';
      /** Where the deciding records lie; null: there are none. Printable. */
      readonly foundAt: string | null;
      /** The line that permits it; null: none had to. Printable. */
      readonly record: string | null;
      /** Those of the policy's methods that the records leave. */
      readonly methods: readonly string[];
    }
  | {
      readonly name: WantedName;
      readonly isAllowed: false;
      readonly code: CaaFailureCode;
      /** One printable sentence, with the record and where it lies. */
      readonly message: string;
      /** One printable sentence: what to change. */
      readonly advice: string;
      /** Where the records lie, or which name could not be looked up. Printable. */
      readonly foundAt: string;
      /** The lines that decide, printable; none when the lookup failed. */
      readonly records: readonly string[];
      /** Null where no record that is added would help. */
      readonly addition: CaaAddition | null;
      /** False when this may be seen from here alone. */
      readonly isConclusive: boolean;
      readonly fault: FaultSide;
    };

export type CaaRefusal = Extract<CaaOutcome, { isAllowed: false }>;
