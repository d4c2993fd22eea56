import type { CaaLookup, CaaObservation } from '../../caa/observation.js';
import type { CaaOutcome, CaaRefusal } from '../../caa/outcome.js';
import { shownLine, shownText } from '../../caa/zone-line.js';
import type { FaultSide } from '../../domain/fault-side.js';
import { counted } from '../text/wording.js';

/** What the CAA records say of a name and the provider in use (RFC 8659). Plain JSON, texts printable. */
export interface CaaSight {
  /** Null: it cannot be told from here, or a run adds what is missing. */
  readonly isPermitted: boolean | null;
  /** One clause that names the record and where it was found. */
  readonly message: string;
  /** What to change; null: nothing. */
  readonly advice: string | null;
  /** Who can mend it. */
  readonly fault: FaultSide;
  /** Domains that were asked, the name first, each with what it answered. */
  readonly path: readonly { readonly domain: string; readonly answer: string }[];
}

/** Records of a domain that are shown before the rest is counted. */
const SHOWN_RECORDS = 3;

/** Null when nothing was judged. */
export function caaPermission(
  observation: CaaObservation,
  outcome: Extract<CaaOutcome, { isAllowed: true }>,
): CaaSight | null {
  if (outcome.because === 'NOT_JUDGED') return null;
  return {
    isPermitted: true,
    message: permissionWords(outcome),
    advice: null,
    fault: 'owner',
    path: pathOf(observation),
  };
}

/** `added`: the record that a run would add for it; null: none. */
export function caaRefusal(observation: CaaObservation, refusal: CaaRefusal, added: string | null): CaaSight {
  const path = pathOf(observation);
  const { message, advice, fault, isConclusive } = refusal;
  return added === null
    ? { isPermitted: isConclusive ? false : null, message, advice, fault, path }
    : { isPermitted: null, message: `${message}; the next run adds: ${added}`, advice: null, fault, path };
}

function permissionWords({ because, record, foundAt }: Extract<CaaOutcome, { isAllowed: true }>): string {
  if (because === 'NO_RECORDS') return 'no records: every provider may certify the name';
  return record === null
    ? `the records of ${foundAt} do not restrict who may certify the name`
    : `permitted by ${record}`;
}

function pathOf({ path }: CaaObservation): CaaSight['path'] {
  return path.map((lookup) => ({ domain: shownText(lookup.name), answer: answerOf(lookup) }));
}

function answerOf(lookup: CaaLookup): string {
  if (lookup.state === 'failed') return lookup.fault;
  const { owner, records } = lookup;
  if (records.length === 0) return 'no records';
  const more = records.length - SHOWN_RECORDS;
  const shown = records.slice(0, SHOWN_RECORDS).map((record) => shownLine(owner, record));
  return [...shown, ...(more > 0 ? [counted(more, 'more record')] : [])].join('; ');
}
