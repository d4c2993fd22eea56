import type { TxtRecord } from '../../core/dcv/dns-observation.js';
import { isWithin, parseDnsName } from '../../core/domain/name/dns-name.js';
import { type DeadJournal, ProcessJournal } from '../system/process/process-journal.js';
import type { Tree } from '../system/tree.js';

/** `placed/dns/<process>.jsonl`: the TXT records that each process placed. */
export class RecordJournal {
  readonly #journal: ProcessJournal<TxtRecord>;

  constructor(tree: Tree) {
    this.#journal = new ProcessJournal(tree.placedRecords(), { keyOf: recordKeyOf, parse: parseRecord });
  }

  /** @throws StateError WRITE_FAILED or NO_SPACE */
  note(records: readonly TxtRecord[]): Promise<void> {
    return this.#journal.note(records.map(({ zone, recordName, value }) => ({ zone, recordName, value })));
  }

  /** The records are gone again. Never throws. */
  forget(records: readonly TxtRecord[]): Promise<void> {
    return this.#journal.forget(records.map(recordKeyOf));
  }

  readDead(): Promise<readonly DeadJournal<TxtRecord>[]> {
    return this.#journal.readDead();
  }
}

/** What tells a record from every other. */
export function recordKeyOf({ zone, recordName, value }: TxtRecord): string {
  return JSON.stringify([zone, recordName, value]);
}

function parseRecord({ zone, recordName, value }: Readonly<Record<string, unknown>>): TxtRecord | undefined {
  if (typeof zone !== 'string' || typeof recordName !== 'string' || typeof value !== 'string')
    return undefined;
  if (parseDnsName(recordName) !== recordName || !isWithin(recordName, zone)) return undefined;
  return { zone, recordName, value };
}
