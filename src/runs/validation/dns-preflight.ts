import { testRecordOf, testValueOf } from '../../core/dcv/dns-challenge.js';
import type { RecordPlace, RecordTrouble, ServerView, TxtRecord } from '../../core/dcv/dns-observation.js';
import type { WantedName } from '../../core/domain/name/names.js';
import type { DnsChallengeSolver } from '../ports/challenges.js';
import type { RandomSource } from '../ports/clock.js';

/** Of chance, in a test record. */
const TEST_BYTES = 32;

/** How one name fared. */
export interface DnsTrial {
  readonly name: WantedName;
  /** Null: it can be validated by DNS. */
  readonly trouble: RecordTrouble | null;
  readonly zone: string | null;
  readonly servers: readonly ServerView[];
  /** What the test record was to hold, or the first of several; null: there is no place for one. */
  readonly value: string | null;
}

type ZoneTrial = Pick<DnsTrial, 'trouble' | 'servers' | 'value'>;

/**
 * Tries whether names can be validated by DNS: one test record in each zone, once in a run, whatever names it has. Where an
 * editor may not place that one (a key that is good for challenges alone, a hook that knows nothing else), the records of
 * the challenges themselves are tried, for each website.
 */
export class DnsPreflight {
  readonly #solver: DnsChallengeSolver;
  readonly #random: RandomSource;
  readonly #onLeft: (line: string) => void;
  readonly #zones = new Map<string, Promise<ZoneTrial>>();

  /** `onLeft`: told of each zone where a test record stays, for now. */
  constructor(solver: DnsChallengeSolver, random: RandomSource, onLeft: (line: string) => void) {
    this.#solver = solver;
    this.#random = random;
    this.#onLeft = onLeft;
  }

  /** Names of one website. @throws the signal's reason, StateError */
  async try(names: readonly WantedName[], signal: AbortSignal): Promise<readonly DnsTrial[]> {
    const places = await Promise.all(
      names.map(async (name) => ({ name, place: await this.#solver.locate(name, signal) })),
    );
    const located = places.flatMap(({ place }) => ('kind' in place ? [] : [place]));
    const trials = new Map<RecordPlace, ZoneTrial>();
    await Promise.all(
      [...new Set(located.map(({ zone }) => zone))].map(async (zone) => {
        const ofZone = located.filter((place) => place.zone === zone);
        for (const [one, trial] of await this.#tryPlaces(zone, ofZone, signal)) trials.set(one, trial);
      }),
    );
    return places.map(({ name, place }) => {
      if ('kind' in place) return { name, trouble: place, zone: null, servers: [], value: null };
      const { trouble = null, servers = [], value = null } = trials.get(place) ?? {};
      return { name, trouble, zone: place.zone, servers, value };
    });
  }

  /** Where its owner left little room for a record, that very one is tried, too: the test record tells nothing of it. */
  async #tryPlaces(
    zone: string,
    places: readonly RecordPlace[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<RecordPlace, ZoneTrial>> {
    const trial = await this.#tryZone(zone, signal);
    const trials = new Map(places.map((place) => [place, trial] as const));
    const { trouble } = trial;
    const isRefused = trouble?.kind === 'update-refused';
    const doubtful = isRefused
      ? places
      : places.filter(({ isCrowded }) => trouble === null && isCrowded === true);
    if (doubtful.length === 0) return trials;
    for (const [place, one] of await this.#tryThemselves(zone, doubtful, signal)) trials.set(place, one);
    return trials;
  }

  /** The challenges' own records: all at once, and if that is refused each by itself, as one may spoil it for the others. */
  async #tryThemselves(
    zone: string,
    places: readonly RecordPlace[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<RecordPlace, ZoneTrial>> {
    const names = [...new Set(places.map(({ recordName }) => recordName))];
    const records = names.map((recordName) => this.#newRecord(zone, recordName));
    const all = await this.#place(records, signal);
    if (all.trouble?.kind !== 'update-refused') return new Map(places.map((place) => [place, all]));
    const byName = new Map<string, ZoneTrial>();
    for (const record of records) {
      const one = records.length === 1 ? all : await this.#place([record], signal);
      byName.set(record.recordName, one);
    }
    return new Map(places.map((place) => [place, blaming(place, byName.get(place.recordName) ?? all)]));
  }

  async #tryZone(zone: string, signal: AbortSignal): Promise<ZoneTrial> {
    const known = this.#zones.get(zone);
    const trial = known ?? this.#tryTestRecord(zone, signal);
    this.#zones.set(zone, trial);
    try {
      return await trial;
    } catch (error) {
      // Whoever tried it first was stopped: that says nothing of the zone.
      if (this.#zones.get(zone) === trial) this.#zones.delete(zone);
      if (known === undefined || signal.aborted) throw error;
      return await this.#tryZone(zone, signal);
    }
  }

  /** Also whether resolvers get an answer: no CA looks at this record, so they may remember it. */
  async #tryTestRecord(zone: string, signal: AbortSignal): Promise<ZoneTrial> {
    const record = this.#newRecord(zone, testRecordOf(zone));
    return await this.#place([record], signal, () => this.#solver.checkResolved(record, signal));
  }

  async #place(
    records: readonly TxtRecord[],
    signal: AbortSignal,
    lookAgain: () => Promise<RecordTrouble | null> = async () => null,
  ): Promise<ZoneTrial> {
    try {
      const [presented] = await this.#solver.present(records, signal);
      const { trouble = null, servers = [] } = presented ?? {};
      return { trouble: trouble ?? (await lookAgain()), servers, value: records[0]?.value ?? null };
    } finally {
      for (const line of await this.#solver.cleanUp(records)) this.#onLeft(line);
    }
  }

  #newRecord(zone: string, recordName: string): TxtRecord {
    return { zone, recordName, value: testValueOf(this.#random.bytes(TEST_BYTES)) };
  }
}

/** A refusal where the owner's CNAME record chose the place is no fault of what edits zones. */
function blaming({ delegatedFrom }: RecordPlace, trial: ZoneTrial): ZoneTrial {
  const { trouble } = trial;
  if (trouble?.kind !== 'update-refused' || delegatedFrom === undefined) return trial;
  return { ...trial, trouble: { ...trouble, delegatedFrom } };
}
