import type { CaaLookup, CaaLookupFault, CaaRecord } from '../../src/core/caa/observation.js';
import type { CaaResolver, NameStanding } from '../../src/runs/ports/looks.js';
import type {
  EditableZone,
  ZoneAddition,
  ZoneAdditions,
  ZoneChange,
  ZoneCheck,
  ZoneEditor,
} from '../../src/runs/ports/zones.js';
import type { CaaHost } from '../../src/runs/validation/caa-host.js';

/** `0 issue "x"` as a record. */
export function caaRecord(text: string): CaaRecord {
  const [, flags = '0', tag = '', value = ''] = /^(\d+) (\S+) "(.*)"$/.exec(text) ?? [];
  return { flags: Number(flags), tag, value };
}

/** Zones in memory: what resolvers show, what the zones' servers show, and an editor of those that are ours. */
export class FakeCaa implements CaaHost {
  mode: 'fix' | 'report' = 'fix';
  /** Records by name, as in a zone file, or what asking ends with. */
  readonly records = new Map<string, readonly string[] | CaaLookupFault>();
  /** What resolvers still remember, whatever is changed. */
  readonly remembered = new Map<string, readonly string[]>();
  /** How names stand in their zones; those that are not told have records of their own. */
  readonly standings = new Map<string, NameStanding>();
  readonly aliases = new Map<string, string>();
  /** Apexes of the zones that can be edited; null: there is no editor. */
  ownZones: readonly string[] | null = null;
  /** What changes end with. */
  changeFault: string | null = null;
  isDenied = false;
  /** Lookups after a change that do not show it yet. */
  slowLooks = 0;
  areServersAskable = false;
  /** How often resolvers were asked again. */
  looksAnew = 0;
  readonly asked: string[] = [];
  readonly changes: ZoneChange[] = [];
  readonly additions = new MemoryZoneAdditions();

  readonly resolver: CaaResolver = {
    caaAt: async (name) => {
      this.asked.push(name);
      return this.#lookUp(name, true);
    },
    caaAnew: async (name) => {
      this.looksAnew += 1;
      if (this.changes.length > 0 && this.slowLooks > 0) {
        this.slowLooks -= 1;
        return this.#lookUp(name, true, this.#before);
      }
      return this.#lookUp(name, true);
    },
    standingOf: async (_zone, name) => this.standings.get(name) ?? 'own',
    caaAtServersOf: async (_zone, name) => (this.areServersAskable ? [this.#lookUp(name, false)] : []),
  };

  #before: ReadonlyMap<string, readonly string[] | CaaLookupFault> = new Map();

  get zones(): ZoneEditor | null {
    const { ownZones } = this;
    if (ownZones === null) return null;
    return {
      zoneOf: async (name) => {
        const apex = ownZones.find((zone) => name === zone || name.endsWith(`.${zone}`));
        return apex === undefined ? { fault: 'no local authority' } : { apex, editor: 'fake editor' };
      },
      canEdit: () => true,
      change: (zone, changes) => this.#change(zone, changes),
    };
  }

  async #change(_zone: EditableZone, changes: readonly ZoneChange[]): Promise<ZoneCheck> {
    if (this.changeFault !== null)
      return { ok: false, why: this.changeFault, ...(this.isDenied ? { isDenied: true } : {}) };
    this.#before = new Map(this.records);
    for (const change of changes) {
      this.changes.push(change);
      const there = this.records.get(change.name) ?? [];
      if (typeof there === 'string') continue;
      const others = there.filter((one) => one !== change.value);
      this.records.set(change.name, change.op === 'add' ? [...others, change.value] : others);
    }
    return { ok: true };
  }

  #lookUp(name: string, byResolver: boolean, records = this.#shown(byResolver)): CaaLookup {
    const owner = this.aliases.get(name) ?? name;
    const there = records.get(owner) ?? [];
    if (typeof there === 'string') return { state: 'failed', name, fault: there };
    return { state: 'answered', name, owner, records: there.map(caaRecord) };
  }

  #shown(byResolver: boolean): ReadonlyMap<string, readonly string[] | CaaLookupFault> {
    return byResolver ? new Map([...this.records, ...this.remembered]) : this.records;
  }
}

export class MemoryZoneAdditions implements ZoneAdditions {
  readonly kept = new Map<string, ZoneAddition>();
  /** Every state that was written, in order. */
  readonly written: string[] = [];
  readonly #values = new Set<string>();

  async read(name: string, type: 'CAA', value: string): Promise<ZoneAddition | undefined> {
    return this.kept.get(`${name} ${type} ${value}`);
  }

  async list(): Promise<readonly ZoneAddition[]> {
    return [...this.kept.values()];
  }

  async write(addition: Omit<ZoneAddition, 'id'>): Promise<ZoneAddition> {
    const { name, type, value } = addition;
    const kept = { id: this.#idOf(name, value), ...addition };
    this.kept.set(`${name} ${type} ${value}`, kept);
    this.written.push(addition.state);
    return kept;
  }

  #idOf(name: string, value: string): string {
    this.#values.add(value);
    return `${name}_${[...this.#values].indexOf(value) + 1}`;
  }

  async forget({ name, type, value }: ZoneAddition): Promise<void> {
    this.kept.delete(`${name} ${type} ${value}`);
  }
}
