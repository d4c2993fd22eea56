import type { FaultSide } from '../domain/fault-side.js';
import type { CaaLookupFault } from './observation.js';

/** How a lookup that failed is told. */
export interface LookupWords {
  /** Goes on from “the CAA records of NAME cannot be looked up: ”. */
  readonly what: string;
  readonly advice: (name: string) => string;
  readonly isConclusive: boolean;
  readonly fault: FaultSide;
}

const repair = (name: string): string =>
  `Have the DNS of ${name} repaired: its name servers must answer questions for CAA records too, if only by saying that there are none.`;

/** BR 3.2.2.8: a CA may pass over a failed lookup only where the zone is provably not signed, and mostly does not. */
export const LOOKUP_WORDS: Readonly<Record<CaaLookupFault, LookupWords>> = {
  SERVFAIL: {
    what: 'its name servers fail (SERVFAIL)',
    advice: repair,
    isConclusive: true,
    fault: 'owner',
  },
  BOGUS: {
    what: 'its DNSSEC signatures do not verify',
    advice: (name) =>
      `Have the zone of ${name} signed anew, or its DS record at the registrar corrected or removed: resolvers that verify DNSSEC get no answer.`,
    isConclusive: true,
    fault: 'owner',
  },
  REFUSED: {
    what: 'the name server refuses to answer',
    advice: (name) =>
      `Check that the name servers to which ${name} is delegated serve its zone, and that this server may use its resolvers.`,
    isConclusive: true,
    fault: 'owner',
  },
  ALIAS_LOOP: {
    what: 'its aliases (CNAME) lead in a circle',
    advice: (name) => `Correct the CNAME records of ${name}: they lead back to where they began.`,
    isConclusive: true,
    fault: 'owner',
  },
  BAD_ANSWER: {
    what: 'the answer makes no sense',
    advice: repair,
    isConclusive: false,
    fault: 'owner',
  },
  TIMED_OUT: {
    what: 'DNS does not answer in time',
    advice: repair,
    isConclusive: false,
    fault: 'owner',
  },
  UNREACHABLE: {
    what: 'this server’s resolver does not answer',
    advice: () => 'Check `resolvers` in /etc/autossl.yaml or /etc/resolv.conf.',
    isConclusive: false,
    fault: 'ours',
  },
};
