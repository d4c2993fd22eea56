import type { ConfigurationAdvice } from './configuration-lines.js';
import { blockCount } from './dovecot-include.js';
import { type NameOffer, offersByPair } from './offer.js';

const KIB = 1024;
const MIB = 1024 * KIB;
/**
 * What one block costs Dovecot's config process besides its texts: a copy of all settings. Measured with Dovecot 2.3: 150 to
 * 190 kB, by how its pools grow.
 */
const BLOCK_BYTES = 192 * KIB;
/** The text of a pair is kept for the certificate and for the key, and its pools grow by doubling. */
const TEXT_TIMES = 4;
/** The process itself and the other settings; measured: 6 MB. */
const BASE_BYTES = 16 * MIB;
/** At a reload the new configuration is read while the old one is still there. */
const GENERATIONS = 2;
/** `default_vsz_limit` where nobody changed it. */
const DEFAULT_LIMIT_BYTES = 256 * MIB;
/** A limit costs nothing by itself: what is advised lasts until there are half as many certificates again without another hint. */
const ADVISED_TIMES = 3;
const ADVISED_STEP_BYTES = 256 * MIB;
/** What doveconf prints where a service has no limit of its own: the largest number of 64 bits. */
const UNSET = '18446744073709551615';
const UNITS: Readonly<Record<string, number>> = { '': 1, K: KIB, M: MIB, G: KIB * MIB, T: MIB * MIB };

/** What Dovecot's config process may hold. */
export interface DovecotRoom {
  /** By its configuration; null: no limit. */
  readonly limitBytes: number | null;
  /** Of the process that runs, which keeps the limit that it was started with; null: none, or not known. */
  readonly runningLimitBytes: number | null;
  /** Blocks of the configuration that are not ours. */
  readonly otherBlocks: number;
  readonly hasNewNames: boolean;
}

/** Which of the offers Dovecot has room for. */
export interface RoomFit {
  /** In the order of the offers. */
  readonly offers: readonly NameOffer[];
  readonly held: readonly NameOffer[];
  /** For all offers, held back ones too; an upper estimate. */
  readonly needBytes: number;
  /** For those that fit. */
  readonly fitBytes: number;
  readonly limitBytes: number | null;
}

/**
 * Bytes of a size as doveconf prints it (`256 M`, `2G`, `18446744073709551615 B`, `unlimited`); null: no limit; undefined: no
 * size, or the one that stands for the default.
 */
export function parseSize(text: string): number | null | undefined {
  const words = text.trim();
  if (words === 'unlimited') return null;
  const [, digits = '', unit = ''] = /^(\d{1,20}) ?([KMGT]?)(?:i?B)?$/i.exec(words) ?? [];
  if (digits === '' || digits === UNSET) return undefined;
  const bytes = Number(digits) * (UNITS[unit.toUpperCase()] ?? 1);
  return bytes === 0 ? null : bytes;
}

/** The limit of the config process: its own (`service/config/vsz_limit`), else `default_vsz_limit`, both as doveconf prints them. */
export function limitOf(own: string, byDefault: string): number | null {
  const limit = parseSize(own);
  if (limit !== undefined) return limit;
  const common = parseSize(byDefault);
  return common === undefined ? DEFAULT_LIMIT_BYTES : common;
}

/**
 * The offers that fit into the limit across a reload, certificate by certificate: first those of names that are answered for
 * already (`before`), then by name. One that does not fit keeps none behind it from its place. `bytesOf`: length of each
 * pair's text.
 */
export function fitOffers(
  offers: readonly NameOffer[],
  room: DovecotRoom,
  {
    bytesOf,
    before,
  }: { readonly bytesOf: ReadonlyMap<string, number>; readonly before: ReadonlySet<string> },
): RoomFit {
  const costs = new Map<string, number>();
  for (const { pair, names } of offersByPair(offers)) {
    const each = BLOCK_BYTES + TEXT_TIMES * (bytesOf.get(pair) ?? 0);
    costs.set(pair, (costs.get(pair) ?? 0) + blockCount(names.length, room.hasNewNames) * each);
  }
  const former = new Set(offers.flatMap(({ name, pair }) => (before.has(name) ? [pair] : [])));
  const pairs = [...costs.keys()];
  const inOrder = [...pairs.filter((pair) => former.has(pair)), ...pairs.filter((pair) => !former.has(pair))];
  const { limitBytes } = room;
  const base = BASE_BYTES + GENERATIONS * room.otherBlocks * BLOCK_BYTES;
  let [needBytes, fitBytes] = [base, base];
  const fitting = new Set<string>();
  for (const pair of inOrder) {
    const cost = GENERATIONS * (costs.get(pair) ?? 0);
    needBytes += cost;
    if (limitBytes !== null && fitBytes + cost > limitBytes) continue;
    fitBytes += cost;
    fitting.add(pair);
  }
  const isIn = ({ pair }: NameOffer): boolean => fitting.has(pair);
  return {
    offers: offers.filter(isIn),
    held: offers.filter((offer) => !isIn(offer)),
    needBytes,
    fitBytes,
    limitBytes,
  };
}

/** Whether the limit is half used up, or more than that. */
export function isRoomScarce({ needBytes, limitBytes }: RoomFit): boolean {
  return limitBytes !== null && needBytes > limitBytes / 2;
}

/** What `vsz_limit` of the config process should be, in MB. */
export function advisedLimit({ needBytes }: RoomFit): number {
  return (Math.ceil((ADVISED_TIMES * needBytes) / ADVISED_STEP_BYTES) * ADVISED_STEP_BYTES) / MIB;
}

/** What is to be added to dovecot.conf, one setting a line. */
export function advisedLimitLines(fit: RoomFit): readonly string[] {
  return ['service config {', `  vsz_limit = ${advisedLimit(fit)}M`, '}'];
}

/** The same with why, from half of the limit on; empty before. */
export function roomAdvice(fit: RoomFit): readonly ConfigurationAdvice[] {
  if (!isRoomScarce(fit)) return [];
  const { held, needBytes, limitBytes } = fit;
  const needs = `for all names its config process needs some ${megabytes(needBytes)} MB at a reload, and may have ${megabytes(limitBytes ?? 0)}`;
  const because =
    held.length === 0
      ? `Soon names must be held back: ${needs}.`
      : `${held.length} ${held.length === 1 ? 'name is' : 'names are'} held back: ${needs}.`;
  return [{ because, place: 'to dovecot.conf', lines: advisedLimitLines(fit) }];
}

/** In MB, as settings say them. */
export function megabytes(bytes: number): number {
  return Math.ceil(bytes / MIB);
}
