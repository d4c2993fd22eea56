import { testValueOf } from '../../core/dcv/dns-challenge.js';
import type { RecordTrouble, TxtRecord } from '../../core/dcv/dns-observation.js';
import type { WantedName } from '../../core/domain/name/names.js';
import { isSuspectHere } from '../../core/order/name-attempt.js';
import { challengesLeft } from '../../core/report/events/work-events.js';
import type { CheckHost } from '../check/check-host.js';
import type { RunRecorder } from '../check/run-recorder.js';
import type { OrderDesk } from '../order/order-desk.js';

/** Of chance, in a record. */
const CHANCE_BYTES = 32;

/**
 * Of names that passed by DNS, places the challenges' own records where the last order failed before the CA looked: a test
 * record shows that a zone is edited, not that each of its records is shown, and an order is too dear for finding out.
 * Gives what is wrong. @throws the signal's reason, StateError
 */
export async function rehearseRecords(
  names: readonly WantedName[],
  desk: OrderDesk,
  host: Pick<CheckHost, 'names' | 'random'>,
  recorder: RunRecorder,
  signal: AbortSignal,
): Promise<ReadonlyMap<WantedName, RecordTrouble>> {
  const troubles = new Map<WantedName, RecordTrouble>();
  const solver = await desk.dnsSolver();
  if (solver === null) return troubles;
  const records: (TxtRecord & { readonly name: WantedName })[] = [];
  for (const name of names) {
    if (!isSuspectHere(await host.names.read(name))) continue;
    const place = await solver.locate(name, signal);
    if ('kind' in place) troubles.set(name, place);
    else {
      const { recordName, zone } = place;
      records.push({ name, recordName, zone, value: testValueOf(host.random.bytes(CHANCE_BYTES)) });
    }
  }
  if (records.length === 0) return troubles;
  try {
    for (const { zone, trouble } of await solver.present(records, signal)) {
      if (trouble === null) continue;
      for (const record of records) if (record.zone === zone) troubles.set(record.name, trouble);
    }
  } finally {
    for (const line of await solver.cleanUp(records)) recorder.record(challengesLeft(line));
  }
  return troubles;
}
