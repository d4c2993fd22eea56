import { testRecordOf } from '../../core/dcv/dns-challenge.js';
import {
  isCrowd,
  type RecordPlace,
  type RecordTrouble,
  type TxtRecord,
} from '../../core/dcv/dns-observation.js';
import { printable, type WantedName } from '../../core/domain/name/names.js';
import type { DnsChallengeSolver, PresentedZone } from '../../runs/ports/challenges.js';
import type { ZoneChange, ZoneEditor } from '../../runs/ports/zones.js';
import { endMarked } from '../system/process/run-mark.js';
import type { Tree } from '../system/tree.js';
import { isGone, type PropagationSettings, watchPropagation } from './propagation.js';
import { RecordJournal } from './record-journal.js';
import { aliasInZone, placeOfRecord, textsAt } from './record-places.js';

export interface ZoneSolverSettings extends PropagationSettings {
  readonly tree: Tree;
  readonly editors: ZoneEditor;
  readonly delegations: readonly string[];
}

/** TXT records of challenges in the zones that this server edits. */
export class ZoneChallengeSolver implements DnsChallengeSolver {
  readonly #settings: ZoneSolverSettings;
  readonly #journal: RecordJournal;

  constructor(settings: ZoneSolverSettings) {
    this.#settings = settings;
    this.#journal = new RecordJournal(settings.tree);
  }

  locate(name: WantedName, signal?: AbortSignal): Promise<RecordPlace | RecordTrouble> {
    return placeOfRecord(name, this.#settings, signal);
  }

  async present(records: readonly TxtRecord[], signal?: AbortSignal): Promise<readonly PresentedZone[]> {
    await this.#journal.note(records);
    const settled = await Promise.allSettled(
      [...byZone(records)].map(([zone, ofZone]) => this.#presentIn(zone, ofZone, signal)),
    );
    // Not before every change is made or given up: whoever takes the records away then takes all of them.
    return settled.map((one) => {
      if (one.status === 'rejected') throw one.reason;
      return one.value;
    });
  }

  async checkResolved(record: TxtRecord, signal?: AbortSignal): Promise<RecordTrouble | null> {
    const reply = await this.#settings.servers.resolve(record.recordName, 'TXT', signal);
    signal?.throwIfAborted();
    const isBroken = reply.state === 'answered' && reply.rcode === 'SERVFAIL';
    return isBroken ? { kind: 'not-resolved', zone: record.zone, rcode: reply.rcode } : null;
  }

  async cleanUp(records: readonly TxtRecord[]): Promise<readonly string[]> {
    const faults = await Promise.all(
      [...byZone(records)].map(([zone, ofZone]) => this.#removeFrom(zone, ofZone)),
    );
    return faults.filter((fault) => fault !== null);
  }

  async sweep(wanted: ReadonlySet<string>): Promise<readonly string[]> {
    const faults: string[] = [];
    for (const journal of await this.#journal.readDead()) {
      const due = journal.entries.filter(({ value }) => !wanted.has(value));
      // A hook that was under way when its run was killed goes on, and would add a record after it was taken away here.
      if (due.length > 0 && !(await endMarked(journal.process))) {
        faults.push(`a program that a killed run left does not end, so what it places in DNS stays for now`);
        continue;
      }
      const left = await this.cleanUp(due);
      faults.push(...left);
      // What stays is looked for by the next sweep again, and what is gone already does no harm there.
      if (left.length === 0 && due.length === journal.entries.length) await journal.remove();
    }
    return faults;
  }

  async #presentIn(
    zone: string,
    records: readonly TxtRecord[],
    signal: AbortSignal | undefined,
  ): Promise<PresentedZone> {
    signal?.throwIfAborted();
    const { editors } = this.#settings;
    const editable = await editors.zoneOf(zone);
    if ('fault' in editable) {
      return { zone, trouble: { kind: 'editor-silent', why: editable.fault }, servers: [] };
    }
    const check = (await this.#hasAlias(zone, records, signal))
      ? { ok: false as const, why: 'a CNAME record lies where the test record goes' }
      : await editors.change(editable, records.map(changeTo('add')));
    if (!check.ok) {
      const trouble: RecordTrouble = {
        kind: 'update-refused',
        zone,
        editor: editable.editor,
        why: check.why,
        ...(await this.#crowdAmong(zone, records)),
      };
      return { zone, trouble, servers: [] };
    }
    return await watchPropagation(zone, records, this.#settings, signal);
  }

  /** Servers pass over what is added beside a CNAME record without a word (RFC 2136 section 3.4.2.2). */
  async #hasAlias(
    zone: string,
    records: readonly TxtRecord[],
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    // Of all others it was looked for when they were located.
    const name = testRecordOf(zone);
    if (!records.some(({ recordName }) => recordName === name)) return false;
    const alias = await aliasInZone(name, zone, this.#settings.servers, signal);
    return 'target' in alias && alias.target !== null;
  }

  /** The first of the names at which others' records leave no room, as it seems. */
  async #crowdAmong(zone: string, records: readonly TxtRecord[]): Promise<{ crowdedName?: string }> {
    for (const recordName of new Set(records.map((record) => record.recordName))) {
      if (isCrowd(await textsAt(zone, recordName, this.#settings.servers)))
        return { crowdedName: recordName };
    }
    return {};
  }

  /** Why the records stay, as a line; null: they are gone. */
  async #removeFrom(zone: string, records: readonly TxtRecord[]): Promise<string | null> {
    const { editors } = this.#settings;
    const editable = await editors.zoneOf(zone);
    const check =
      'fault' in editable
        ? { ok: false as const, why: editable.fault }
        : await editors.change(editable, records.map(changeTo('remove')));
    // What was refused when it was to be placed is refused when it is to be removed, and was never there.
    if (!check.ok && !(await isGone(zone, records, this.#settings.servers))) {
      const names = [...new Set(records.map(({ recordName }) => recordName))];
      return `TXT records of ours stay in the zone ${printable(zone)} (${printable(names.join(', '))}): ${printable(check.why)}`;
    }
    await this.#journal.forget(records);
    return null;
  }
}

const changeTo =
  (op: ZoneChange['op']) =>
  ({ recordName, value }: TxtRecord): ZoneChange => ({ op, name: recordName, type: 'TXT', value });

function byZone(records: readonly TxtRecord[]): ReadonlyMap<string, readonly TxtRecord[]> {
  const zones = new Map<string, TxtRecord[]>();
  for (const record of records) {
    const known = zones.get(record.zone);
    if (known === undefined) zones.set(record.zone, [record]);
    else known.push(record);
  }
  return zones;
}
