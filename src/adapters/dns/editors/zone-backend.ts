import { isWithin, parseDnsName } from '../../../core/domain/name/dns-name.js';
import { quoteForMessage } from '../../../core/domain/name/names.js';
import type { ZoneChange, ZoneCheck } from '../../../runs/ports/zones.js';

/** One way of editing zones. `ZoneEditors` sees to locks and bounds: each change that arrives here is within them. */
export interface ZoneBackend {
  /** What it is, for a message. */
  readonly describe: string;
  canEdit(type: ZoneChange['type']): boolean;
  /** Apex of the closest of its zones; undefined: none. MUST NOT throw. */
  zoneOf(name: string): Promise<string | undefined | { readonly fault: string }>;
  change(apex: string, changes: readonly ZoneChange[]): Promise<ZoneCheck>;
}

/** TTL in seconds of what is added: challenges live for minutes, and resolvers of CAs keep nothing for longer. */
export const TTL_SECONDS = { TXT: 60, CAA: 3600 } as const;

/** RFC 1035 section 3.3: one character-string. */
const MAX_TEXT_BYTES = 255;
/** RFC 8659 section 4.1: flags, tag, and a value without what would need escaping. */
const CAA_TEXT = /^\d{1,3} [A-Za-z0-9]{1,15} "[ !#-[\]-~]{0,200}"$/;

/** Why a change is not carried out; undefined: nothing of it could mean something else in a script or a URL. */
export function distrustOfChange(apex: string, { name, type, value }: ZoneChange): string | undefined {
  if (parseDnsName(apex) !== apex || parseDnsName(name) !== name) {
    return `${quoteForMessage(name)} is no name that is edited from here`;
  }
  if (!isWithin(name, apex)) return `${quoteForMessage(name)} lies outside of the zone`;
  const isValue = type === 'TXT' ? isText(value) : CAA_TEXT.test(value);
  return isValue ? undefined : `${quoteForMessage(value)} is no ${type} record that is placed from here`;
}

/** Printable ASCII, as all that is placed. */
function isText(value: string): boolean {
  return value.length <= MAX_TEXT_BYTES && /^[ -~]+$/.test(value);
}

/** The record's data as in a zone file (RFC 1035 section 5.1). */
export function zoneFileText({ type, value }: Pick<ZoneChange, 'type' | 'value'>): string {
  return type === 'TXT' ? `"${value.replace(/["\\]/g, '\\$&')}"` : value;
}
