import { challengeRecordOf } from '../../src/core/dcv/dns-challenge.js';
import type { RecordPlace, RecordTrouble, TxtRecord } from '../../src/core/dcv/dns-observation.js';
import type { WantedName } from '../../src/core/domain/name/names.js';
import type { DnsChallengeSolver } from '../../src/runs/ports/challenges.js';

/** Places TXT records in memory; zones are the last two labels of a name, and what is called `foreign` is in none. */
export class FakeDnsSolver implements DnsChallengeSolver {
  readonly presented: TxtRecord[][] = [];
  readonly cleaned: TxtRecord[] = [];
  /** What becomes of records whose name begins so. */
  readonly troubles = new Map<string, RecordTrouble>();
  /** What more is known of the place of a name's record. */
  readonly places = new Map<string, Partial<RecordPlace>>();
  unresolved: RecordTrouble | null = null;
  /** What looking for the place of any record ends with. */
  down: RecordTrouble | null = null;
  error: Error | null = null;

  async locate(name: WantedName) {
    if (this.down !== null) return this.down;
    if (name.includes('foreign')) return { kind: 'no-zone', recordName: name, why: 'not ours' } as const;
    const zone = name.split('.').slice(-2).join('.');
    return { name, recordName: challengeRecordOf(name), zone, ...this.places.get(name) };
  }

  async present(records: readonly TxtRecord[]) {
    this.presented.push([...records]);
    if (this.error !== null) throw this.error;
    const [first] = records;
    const trouble = [...this.troubles].find(([prefix]) => first?.recordName.startsWith(prefix))?.[1] ?? null;
    return [{ zone: first?.zone ?? '', trouble, servers: [] }];
  }

  async checkResolved() {
    return this.unresolved;
  }

  async cleanUp(records: readonly TxtRecord[]) {
    this.cleaned.push(...records);
    return [];
  }

  async sweep() {
    return [];
  }
}
