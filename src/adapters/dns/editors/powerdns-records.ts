import type { ZoneChange } from '../../../runs/ports/zones.js';
import { TTL_SECONDS, zoneFileText } from './zone-backend.js';

/** One record of a set, as the API has it. */
export interface PowerDnsRecord {
  readonly content: string;
  readonly disabled: boolean;
}

/** All records of one name and type. */
export interface PowerDnsRecordSet {
  readonly name: string;
  readonly type: ZoneChange['type'];
  readonly ttl: number;
  readonly records: readonly PowerDnsRecord[];
}

/** One element of a PATCH: the whole set is replaced, so it holds everything that stays. */
export type RecordSetPatch =
  | ({ readonly changetype: 'REPLACE' } & PowerDnsRecordSet)
  | { readonly changetype: 'DELETE'; readonly name: string; readonly type: ZoneChange['type'] };

/**
 * What has to be sent for the changes, given the sets that are there now (sets that are missing are empty). Comments stay:
 * a set that is sent without them keeps its own.
 */
export function patchesFor(
  changes: readonly ZoneChange[],
  present: readonly PowerDnsRecordSet[],
): readonly RecordSetPatch[] {
  const sets = new Map<string, ZoneChange[]>();
  for (const change of changes) {
    const key = keyOf(change.name, change.type);
    sets.set(key, [...(sets.get(key) ?? []), change]);
  }
  const patches: RecordSetPatch[] = [];
  for (const [key, ofSet] of sets) {
    const [first] = ofSet;
    if (first === undefined) continue;
    const found = present.find((set) => keyOf(bare(set.name), set.type) === key);
    const before = found?.records ?? [];
    const after = ofSet.reduce(applied, before);
    if (after.length === before.length && after.every((record) => before.includes(record))) continue;
    const { type } = first;
    const name = `${first.name}.`;
    patches.push(
      after.length === 0
        ? { changetype: 'DELETE', name, type }
        : { changetype: 'REPLACE', name, type, ttl: found?.ttl ?? TTL_SECONDS[type], records: after },
    );
  }
  return patches;
}

/** The sets of an answer that may be changed; null when it is not understood as a whole: then nothing may be replaced. */
export function recordSetsOf(answer: unknown): readonly PowerDnsRecordSet[] | null {
  const list = fieldOf(answer, 'rrsets');
  if (!Array.isArray(list)) return null;
  const sets: PowerDnsRecordSet[] = [];
  for (const set of list) {
    const [name, type, ttl] = [fieldOf(set, 'name'), fieldOf(set, 'type'), fieldOf(set, 'ttl')];
    if (type !== 'TXT' && type !== 'CAA') continue;
    const given = fieldOf(set, 'records');
    if (typeof name !== 'string' || typeof ttl !== 'number' || !Array.isArray(given)) return null;
    const records = given.flatMap(recordOf);
    if (records.length < given.length) return null;
    sets.push({ name, type, ttl, records });
  }
  return sets;
}

/** A field of an object from outside. */
export function fieldOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.hasOwn(value, key) ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
}

function recordOf(value: unknown): PowerDnsRecord[] {
  const content = fieldOf(value, 'content');
  return typeof content === 'string' ? [{ content, disabled: fieldOf(value, 'disabled') === true }] : [];
}

function applied(records: readonly PowerDnsRecord[], change: ZoneChange): readonly PowerDnsRecord[] {
  const isIt = ({ content, disabled }: PowerDnsRecord): boolean => !disabled && isSameData(content, change);
  if (change.op === 'remove') return records.filter((record) => !isIt(record));
  return records.some(isIt) ? records : [...records, { content: zoneFileText(change), disabled: false }];
}

function isSameData(content: string, { type, value }: ZoneChange): boolean {
  return type === 'TXT' ? textOf(content) === value : content.trim() === value;
}

/** The text of a TXT record: its character-strings, unescaped and joined. */
function textOf(content: string): string {
  const parts = [...content.matchAll(/"((?:[^"\\]|\\.)*)"|[^\s"]+/g)];
  return parts
    .map(([whole, quoted]) =>
      (quoted ?? whole).replace(/\\(\d{3}|.)/g, (_, escaped: string) => unescaped(escaped)),
    )
    .join('');
}

function unescaped(escaped: string): string {
  return escaped.length === 3 ? String.fromCharCode(Number(escaped)) : escaped;
}

function keyOf(name: string, type: string): string {
  return `${name.toLowerCase()} ${type}`;
}

function bare(name: string): string {
  return name.replace(/\.$/, '');
}
