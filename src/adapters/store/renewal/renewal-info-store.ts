import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { AutosslError, StateError } from '../../../core/domain/autossl-error.js';
import { hastened, isAskingDue } from '../../../core/renewal/information/asking-time.js';
import {
  isAskable,
  isCalledBack,
  type RenewalRecord,
  renewalKeyOf,
} from '../../../core/renewal/information/renewal-record.js';
import {
  RENEWAL_SHARDS,
  renewalPhaseOf,
  renewalShardOf,
} from '../../../core/renewal/information/renewal-shard.js';
import type { RenewalInfoStore } from '../../../runs/ports/authority.js';
import type { Clock } from '../../../runs/ports/clock.js';
import type { LockKeeper } from '../../../runs/ports/locks.js';
import { ensureFolder, removeFile } from '../../system/files/files.js';
import type { Tree } from '../../system/tree.js';
import { readRecordFile, writeRecordFile } from '../records/record-file.js';
import { parseRenewalRecord, renewalRecordData } from './renewal-record-data.js';

/** Asked about within this time, nothing is hastened: an incident that goes on is met once an hour. */
const LATELY_MS = 60 * 60_000;
const NEXT = 'next';
const LOCK = 'renewal-info';

type ByKey = ReadonlyMap<string, RenewalRecord>;

/** What `ari/next.json` says of the other files. */
interface Contents {
  /** When each has somebody to be asked about next, epoch ms. */
  readonly nextAt: ReadonlyMap<number, number>;
  /** Those that have somebody who is called back. */
  readonly callingBack: ReadonlySet<number>;
}

/** `ari/<two hex digits>.json`, and `ari/next.json`: of which of these files there is something to be done, and when. */
export class FileRenewalInfo implements RenewalInfoStore {
  readonly #tree: Tree;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #locks: Pick<LockKeeper, 'acquire'>;
  readonly #shards = new Map<number, ByKey>();
  /** By key, of what was read: a run asks twice about each of thousands, and need not hash them. */
  readonly #places = new Map<string, number>();
  readonly #damaged = new Set<string>();
  #toldDamaged = 0;

  constructor(tree: Tree, clock: Pick<Clock, 'now'>, locks: Pick<LockKeeper, 'acquire'>) {
    this.#tree = tree;
    this.#clock = clock;
    this.#locks = locks;
  }

  of(key: string, certificateId: string): RenewalRecord | null {
    const record = this.#shard(this.#places.get(key) ?? renewalShardOf(key)).get(key);
    return record?.certificateId === certificateId ? record : null;
  }

  nextAskAt(now: Date): Date | null {
    const instants = [...this.#contents().nextAt.values()];
    if (instants.length === 0) return null;
    const isAnyDue = instants.some((at) => isAskingDue(new Date(at), now));
    const earliest = Math.min(...instants);
    return new Date(isAnyDue ? Math.min(earliest, now.getTime()) : earliest);
  }

  calledBack(now: Date): readonly RenewalRecord[] {
    return [...this.#contents().callingBack].flatMap((shard) =>
      [...this.#shard(shard).values()].filter((one) => isAskable(one, now) && isBack(one)),
    );
  }

  due(now: Date, most: number, isForced = false): readonly RenewalRecord[] {
    const found: RenewalRecord[] = [];
    for (const [shard, nextAt] of this.#contents().nextAt) {
      if (!isForced && !isAskingDue(new Date(nextAt), now)) continue;
      for (const record of this.#shard(shard).values())
        if (isAskable(record, now) && (isForced || isAskingDue(record.askAt, now))) found.push(record);
    }
    return longestWaiting(found, now).slice(0, most);
  }

  async keep(records: readonly RenewalRecord[]): Promise<void> {
    const byShard = byShardOf(records);
    await this.#change([...byShard.keys()], (shard, known) => {
      for (const record of byShard.get(shard) ?? []) known.set(renewalKeyOf(record), record);
    });
  }

  async forget(records: readonly RenewalRecord[]): Promise<void> {
    const byShard = byShardOf(records);
    await this.#change([...byShard.keys()], (shard, known) => {
      for (const record of byShard.get(shard) ?? []) {
        const key = renewalKeyOf(record);
        if (known.get(key)?.certificateId === record.certificateId) known.delete(key);
      }
    });
  }

  async hasten(directoryUrl: string, now: Date): Promise<void> {
    const lately = now.getTime() - LATELY_MS;
    await this.#change([...this.#contents().nextAt.keys()], (_, known) => {
      for (const [key, record] of known) {
        const askAt = hastened(renewalPhaseOf(key), now);
        const saidAt = record.saidAt?.getTime();
        const isLate = saidAt === undefined || saidAt < lately || saidAt > now.getTime();
        if (record.directoryUrl === directoryUrl && isLate && askAt < record.askAt)
          known.set(key, { ...record, askAt });
      }
    });
  }

  damaged(): readonly string[] {
    const all = [...this.#damaged];
    const news = all.slice(this.#toldDamaged);
    this.#toldDamaged = all.length;
    return news;
  }

  /** One process at a time; what another has learnt meanwhile stays, and what has expired goes. */
  async #change(
    shards: readonly number[],
    change: (shard: number, known: Map<string, RenewalRecord>) => void,
  ): Promise<void> {
    if (shards.length === 0) return;
    const lock = await this.#locks.acquire(LOCK, 'renewal information');
    try {
      this.#tree.assertInside(this.#tree.ari());
      await ensureFolder(this.#tree.own(), 0o700);
      await ensureFolder(this.#tree.ari(), 0o700);
      const contents = this.#contents();
      const next = new Map(contents.nextAt);
      const callingBack = new Set(contents.callingBack);
      const now = this.#clock.now();
      for (const shard of shards) {
        const known = new Map(this.#read(shard));
        change(shard, known);
        for (const [key, record] of known) if (!isAskable(record, now)) known.delete(key);
        await lock.assertHeld();
        await this.#write(shardPath(shard, this.#tree), {
          certificates: [...known.values()].map(renewalRecordData),
        });
        this.#shards.set(shard, known);
        const earliest = earliestIn(known);
        if (earliest === null) next.delete(shard);
        else next.set(shard, earliest);
        if ([...known.values()].some(isBack)) callingBack.add(shard);
        else callingBack.delete(shard);
      }
      const instants = [...next].map(([shard, at]) => [fileOf(shard), new Date(at).toISOString()] as const);
      await lock.assertHeld();
      await this.#write(this.#nextPath(), {
        askAt: Object.fromEntries(instants),
        callingBack: [...callingBack].map(fileOf).sort(),
      });
    } finally {
      await lock.release();
    }
  }

  #shard(shard: number): ByKey {
    const known = this.#shards.get(shard);
    if (known !== undefined) return known;
    const read = this.#read(shard);
    this.#shards.set(shard, read);
    for (const key of read.keys()) this.#places.set(key, shard);
    return read;
  }

  /** A damaged one counts as empty: its certificates are asked about anew when they are met. */
  #read(shard: number): ByKey {
    const path = shardPath(shard, this.#tree);
    try {
      const records = readRecordFile(path, (fields) => fields.records('certificates', parseRenewalRecord));
      return new Map((records ?? []).map((one) => [renewalKeyOf(one), one]));
    } catch (error) {
      if (!(error instanceof AutosslError)) throw error;
      this.#damaged.add(path);
      return new Map();
    }
  }

  /** Where the list is gone, or of a former version, it is made of the files themselves. */
  #contents(): Contents {
    try {
      const contents = readRecordFile(this.#nextPath(), (_, raw) => parseContents(raw));
      if (contents !== undefined) return contents;
    } catch (error) {
      if (!(error instanceof AutosslError)) throw error;
    }
    const nextAt = new Map<number, number>();
    const callingBack = new Set<number>();
    for (const shard of this.#shardsOnDisk()) {
      const known = this.#shard(shard);
      const earliest = earliestIn(known);
      if (earliest !== null) nextAt.set(shard, earliest);
      if ([...known.values()].some(isBack)) callingBack.add(shard);
    }
    return { nextAt, callingBack };
  }

  #shardsOnDisk(): readonly number[] {
    let names: readonly string[];
    try {
      names = readdirSync(this.#tree.ari());
    } catch {
      return [];
    }
    return names.flatMap((name) => (/^[0-9a-f]{2}\.json$/.test(name) ? [Number.parseInt(name, 16)] : []));
  }

  async #write(path: string, record: object): Promise<void> {
    try {
      await writeRecordFile(path, record);
    } catch (error) {
      // Of another version: it can be asked for again.
      if (!(error instanceof StateError) || error.code !== 'CORRUPT_RECORD') throw error;
      await removeFile(path);
      await writeRecordFile(path, record);
    }
  }

  #nextPath(): string {
    return join(this.#tree.ari(), `${NEXT}.json`);
  }
}

function byShardOf(records: readonly RenewalRecord[]): ReadonlyMap<number, readonly RenewalRecord[]> {
  const byShard = new Map<number, RenewalRecord[]>();
  for (const record of records) {
    const shard = renewalShardOf(renewalKeyOf(record));
    byShard.set(shard, [...(byShard.get(shard) ?? []), record]);
  }
  return byShard;
}

function shardPath(shard: number, tree: Tree): string {
  return join(tree.ari(), `${fileOf(shard)}.json`);
}

function fileOf(shard: number): string {
  return shard.toString(16).padStart(2, '0');
}

/** Whose instant was set by a clock that was wrong has waited for nobody knows how long: it comes first. */
function longestWaiting(records: readonly RenewalRecord[], now: Date): readonly RenewalRecord[] {
  const since = ({ askAt }: RenewalRecord): number =>
    askAt > now && isAskingDue(askAt, now) ? 0 : askAt.getTime();
  return [...records].sort((a, b) => since(a) - since(b));
}

function earliestIn(known: ByKey): number | null {
  let earliest: number | null = null;
  for (const { askAt } of known.values()) {
    if (earliest === null || askAt.getTime() < earliest) earliest = askAt.getTime();
  }
  return earliest;
}

function isBack({ info }: RenewalRecord): boolean {
  return info !== null && isCalledBack(info);
}

/** Undefined: it is not what we write. */
function parseContents(raw: Readonly<Record<string, unknown>>): Contents | undefined {
  const nextAt = parseNext(raw['askAt']);
  const files: unknown = raw['callingBack'];
  if (nextAt === undefined || !Array.isArray(files)) return undefined;
  const shards = files.map((file) => shardNamed(String(file)));
  return shards.includes(null)
    ? undefined
    : { nextAt, callingBack: new Set(shards.filter((one) => one !== null)) };
}

function parseNext(value: unknown): ReadonlyMap<number, number> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const next = new Map<number, number>();
  for (const [file, text] of Object.entries(value)) {
    const at = Date.parse(String(text));
    const shard = shardNamed(file);
    if (shard === null || Number.isNaN(at)) return undefined;
    next.set(shard, at);
  }
  return next;
}

function shardNamed(file: string): number | null {
  const shard = Number.parseInt(file, 16);
  return /^[0-9a-f]{2}$/.test(file) && shard < RENEWAL_SHARDS ? shard : null;
}
