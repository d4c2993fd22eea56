import { quoteForMessage } from '../../core/domain/name/names.js';
import type { LockKeeper } from '../../runs/ports/locks.js';
import type { DnsEditorSettings } from '../../runs/ports/settings.js';
import type { EditableZone, NoZone, ZoneChange, ZoneCheck, ZoneEditor } from '../../runs/ports/zones.js';
import type { DnsClient } from './dns-client.js';
import { HookEditor } from './editors/hook-editor.js';
import { NsupdateEditor } from './editors/nsupdate-editor.js';
import { PowerDnsEditor } from './editors/powerdns-editor.js';
import { distrustOfChange, type ZoneBackend } from './editors/zone-backend.js';

/**
 * All zones that this server edits, each by the editor that rules it; of several the one with the closest zone, then the
 * first. One writer per zone among all of our processes: a zone is changed under its lock.
 */
export class ZoneEditors implements ZoneEditor {
  readonly #backends: readonly ZoneBackend[];
  readonly #locks: Pick<LockKeeper, 'acquire'>;

  constructor(backends: readonly ZoneBackend[], locks: Pick<LockKeeper, 'acquire'>) {
    this.#backends = backends;
    this.#locks = locks;
  }

  async zoneOf(name: string): Promise<EditableZone | NoZone> {
    let closest: EditableZone | undefined;
    const faults: string[] = [];
    for (const backend of this.#backends) {
      const found = await backend.zoneOf(name);
      if (typeof found === 'object') faults.push(found.fault);
      else if (found !== undefined && found.length > (closest?.apex.length ?? 0)) {
        closest = { apex: found, editor: backend.describe };
      }
    }
    if (closest !== undefined) return closest;
    const [fault] = faults;
    return fault === undefined
      ? { fault: `no zone that is edited from here holds ${quoteForMessage(name)}` }
      : { fault, isUnsure: true };
  }

  canEdit(type: ZoneChange['type'], zone?: EditableZone): boolean {
    const backends =
      zone === undefined ? this.#backends : this.#backends.filter(({ describe }) => describe === zone.editor);
    return backends.some((backend) => backend.canEdit(type));
  }

  async change(zone: EditableZone, changes: readonly ZoneChange[]): Promise<ZoneCheck> {
    if (changes.length === 0) return { ok: true };
    const backend = await this.#backendOf(zone);
    if (backend === undefined) return { ok: false, why: `nothing edits ${quoteForMessage(zone.apex)} here` };
    for (const change of changes) {
      const why = distrustOfChange(zone.apex, change);
      if (why !== undefined) return { ok: false, why };
      if (!backend.canEdit(change.type)) return { ok: false, why: `it cannot change ${change.type} records` };
    }
    const lock = await this.#locks.acquire(`zone:${zone.apex}`, 'changing records');
    try {
      await lock.assertHeld();
      const check = await backend.change(zone.apex, changes);
      return check.ok ? check : { ...check, why: `${check.why}${await this.#othersOf(zone, backend)}` };
    } finally {
      await lock.release();
    }
  }

  /** A clause on what else has the zone and is not asked. */
  async #othersOf({ apex }: EditableZone, asked: ZoneBackend): Promise<string> {
    const others: string[] = [];
    for (const backend of this.#backends) {
      if (backend !== asked && (await backend.zoneOf(apex)) === apex) others.push(backend.describe);
    }
    return others.length === 0
      ? ''
      : ` (${others.join(' and ')} has the zone, too, but the first of “dns.editors” counts)`;
  }

  async #backendOf(zone: EditableZone): Promise<ZoneBackend | undefined> {
    for (const backend of this.#backends) {
      if (backend.describe === zone.editor && (await backend.zoneOf(zone.apex)) === zone.apex) return backend;
    }
    return undefined;
  }
}

/** The editors that the settings name, in their order. */
export function openZoneEditors(
  settings: readonly DnsEditorSettings[],
  client: DnsClient,
  locks: Pick<LockKeeper, 'acquire'>,
): ZoneEditors {
  return new ZoneEditors(
    settings.map((one) => openBackend(one, client)),
    locks,
  );
}

function openBackend(settings: DnsEditorSettings, client: DnsClient): ZoneBackend {
  switch (settings.kind) {
    case 'nsupdate':
      return new NsupdateEditor(settings, client);
    case 'powerdns':
      return new PowerDnsEditor(settings);
    case 'hook':
      return new HookEditor(settings);
  }
}
