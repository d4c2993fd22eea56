import type { ZoneEditor } from '../../runs/ports.js';
import type { Base } from './base.js';

/** By what the settings have zones edited; null: by nothing. */
export function openZoneEditor(_base: Base): ZoneEditor | null {
  return null;
}
