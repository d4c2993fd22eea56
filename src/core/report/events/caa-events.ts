import type { CaaOutcome, CaaRefusal } from '../../caa/outcome.js';
import type { FaultSide } from '../../domain/fault-side.js';
import type { WebsiteRef } from '../../domain/website/website.js';
import { quoted } from '../text/wording.js';
import type { RunEvent } from './event.js';

type Ref = Pick<WebsiteRef, 'account' | 'vhost'>;

/** What becomes of a name that CAA forbids. */
export type CaaFate = 'left-out' | 'ordered' | 'unsure' | 'unsure-limit' | 'forecast';

const FATES: Readonly<Record<CaaFate, string>> = {
  'left-out': 'is not ordered',
  ordered: 'is ordered all the same',
  unsure: 'is ordered all the same, since this may be seen from this server alone',
  'unsure-limit':
    'waits for the next run, which orders a few more of the names whose failure may be seen from this server alone',
  forecast: 'would not be ordered',
};

/** Who may certify the name; nothing where there are no records. */
export function caaPermits(website: Ref, outcome: CaaOutcome): RunEvent[] {
  if (!outcome.isAllowed || outcome.record === null) return [];
  return [
    {
      type: 'out',
      code: 'CAA_PERMITS',
      indent: 2,
      ...refOf(website, outcome),
      contents: `CAA permits the provider for ${quoted(outcome.name)}: ${outcome.record}`,
    },
  ];
}

/** A name that the CA must not certify; `remark`: why the missing record is not there yet, as one clause. */
export function caaForbids(
  website: Ref,
  refusal: CaaRefusal,
  fate: CaaFate,
  remark: string | null,
): RunEvent[] {
  const { code, fault, message, advice, foundAt, records, addition, isConclusive } = refusal;
  const ref = refOf(website, refusal);
  const more = remark === null ? '' : `; ${remark}`;
  const data = { advice, foundAt, records, addition: addition?.line ?? null, isConclusive };
  return [
    {
      type: 'warn',
      code,
      indent: 1,
      ...ref,
      fault,
      contents: `${quoted(refusal.name)} ${FATES[fate]}: ${message}${more}`,
      data,
    },
    { type: 'out', code: 'ADVICE', indent: 2, ...ref, contents: advice },
  ];
}

/** A zone as events speak of it. */
export interface AddedRecord {
  /** The whole line, printable. */
  readonly line: string;
  readonly zone: string;
  readonly editor: string;
  /** What takes it back. */
  readonly id: string;
}

export function caaRecordAdded(website: Ref, { line, zone, editor, id }: AddedRecord): RunEvent {
  return {
    type: 'success',
    code: 'CAA_RECORD_ADDED',
    indent: 1,
    account: website.account,
    vhost: website.vhost,
    contents: `Added to the zone ${quoted(zone)} (${editor}): ${line}; taken back by: autossl caa undo ${id}`,
    data: { line, zone, id },
  };
}

/** The zone is ours, and yet its record could not be added. `fault` null: as the server's policy is, which is a hint to root. */
export function caaRecordNotAdded(
  website: Ref,
  { line, zone, editor }: Omit<AddedRecord, 'id'>,
  why: string,
  fault: FaultSide | null,
): RunEvent {
  return {
    type: fault === 'ours' ? 'error' : 'warn',
    code: 'CAA_RECORD_NOT_ADDED',
    indent: 1,
    account: website.account,
    vhost: website.vhost,
    ...(fault === null ? {} : { fault }),
    contents: `${quoted(website.vhost)}: the zone ${quoted(zone)} could not be edited (${editor}): ${why}. It should have: ${line}`,
  };
}

/** In a forecast: what a run would add. */
export function caaRecordWouldBeAdded(
  website: Ref,
  { line, zone }: Pick<AddedRecord, 'line' | 'zone'>,
): RunEvent {
  return {
    type: 'out',
    code: 'CAA_RECORD_WOULD_BE_ADDED',
    indent: 1,
    account: website.account,
    vhost: website.vhost,
    contents: `Would be added to the zone ${quoted(zone)}: ${line}`,
    data: { line, zone },
  };
}

function refOf({ account, vhost }: Ref, { name }: CaaOutcome) {
  return { account, vhost, name };
}
