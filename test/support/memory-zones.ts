import { distrustOfChange } from '../../src/adapters/dns/editors/zone-backend.js';
import { closestZone } from '../../src/core/domain/name/dns-name.js';
import type { EditableZone, NoZone, ZoneChange, ZoneEditor } from '../../src/runs/ports/zones.js';

/** Zones in memory: record → values, as `name type`. */
export class MemoryZones implements ZoneEditor {
  readonly zones: readonly string[];
  readonly records = new Map<string, readonly string[]>();
  /** Why the next changes of a zone are refused, by apex. */
  readonly refusals = new Map<string, string>();
  /** Every change that was made, in order. */
  readonly changes: (readonly ZoneChange[])[] = [];

  constructor(zones: readonly string[]) {
    this.zones = zones;
  }

  async zoneOf(name: string): Promise<EditableZone | NoZone> {
    const apex = closestZone(name, this.zones);
    return apex === undefined ? { fault: `no zone holds ${name}` } : { apex, editor: 'memory' };
  }

  canEdit(): boolean {
    return true;
  }

  async change(zone: EditableZone, changes: readonly ZoneChange[]): ReturnType<ZoneEditor['change']> {
    const refusal =
      this.refusals.get(zone.apex) ??
      changes.map((change) => distrustOfChange(zone.apex, change)).find((why) => why !== undefined);
    if (refusal !== undefined) return { ok: false, why: refusal };
    this.changes.push(changes);
    for (const { op, name, type, value } of changes) {
      const key = `${name} ${type}`;
      const others = (this.records.get(key) ?? []).filter((one) => one !== value);
      this.records.set(key, op === 'add' ? [...others, value] : others);
    }
    return { ok: true };
  }
}
