import { join } from 'node:path';
import type { NotServedCode } from '../../../core/plan/served/served.js';
import type { ServedPlaceRecord, ServedRecord } from '../../../core/plan/served/served-record.js';
import type { ServedStore } from '../../../runs/ports/records.js';
import { ensureFolder, isThere, listFolder, removeFile } from '../../system/files/files.js';
import type { Tree } from '../../system/tree.js';
import type { RecordFields } from './record-fields.js';
import { readRecordFile, writeRecordFile } from './record-file.js';
import { nameOfRecordFile, recordFileName } from './record-name.js';

const STATES = ['served', 'not-served', 'unknown'] as const;
const CODES: Readonly<Record<NotServedCode, true>> = {
  NO_TLS_SITE: true,
  PREVIOUS_CERTIFICATE: true,
  OTHER_WEBSITES_CERTIFICATE: true,
  OTHER_CERTIFICATE: true,
  NO_TLS: true,
  NAME_REJECTED: true,
  CONNECTION_REFUSED: true,
  NO_ANSWER: true,
  HANDSHAKE_FAILED: true,
};

/**
 * What was last seen of websites: `served/<website>.json`, and `served/not-served/<website>.json` for those that are not
 * known to be served, so that these are found without reading all. Of two files, as a crash may leave them, the newer one counts.
 */
export class FileServedStore implements ServedStore {
  readonly #tree: Tree;

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  /** @throws StateError CORRUPT_RECORD, UsageError BAD_NAME */
  async read(vhost: string): Promise<ServedRecord | undefined> {
    return this.#newest(recordFileName(vhost));
  }

  /** @throws StateError, UsageError BAD_NAME */
  async write(record: ServedRecord): Promise<void> {
    const file = recordFileName(record.vhost);
    const isServed = record.served.state === 'served';
    const path = isServed ? this.#servedPath(file) : this.#notServedPath(file);
    const other = isServed ? this.#notServedPath(file) : this.#servedPath(file);
    this.#tree.assertInside(this.#tree.notServed());
    for (const folder of [this.#tree.own(), this.#tree.served(), this.#tree.notServed()])
      await ensureFolder(folder, 0o700);
    await writeRecordFile(path, record, other);
    await removeFile(other);
  }

  /** A damaged record is counted in: it was not known to be served when it was written. */
  async listUnproved(): Promise<readonly string[]> {
    const vhosts: string[] = [];
    for (const file of await listFolder(this.#tree.notServed())) {
      if (!file.endsWith('.json')) continue;
      const vhost = nameOfRecordFile(file) ?? this.#tryNewest(file)?.vhost;
      if (vhost === undefined) continue;
      const isDoubtful = await isThere(this.#servedPath(file));
      if (!isDoubtful || (this.#tryNewest(file)?.served.state ?? 'unknown') !== 'served') vhosts.push(vhost);
    }
    return vhosts.sort();
  }

  async forget(vhost: string): Promise<void> {
    const file = recordFileName(vhost);
    await removeFile(this.#servedPath(file));
    await removeFile(this.#notServedPath(file));
  }

  #newest(file: string): ServedRecord | undefined {
    const [first, second] = [this.#notServedPath(file), this.#servedPath(file)].map((path) =>
      readRecordFile(path, parseServedRecord),
    );
    if (first === undefined || second === undefined) return first ?? second;
    return Date.parse(second.served.at) > Date.parse(first.served.at) ? second : first;
  }

  #tryNewest(file: string): ServedRecord | undefined {
    try {
      return this.#newest(file);
    } catch {
      return undefined;
    }
  }

  #servedPath(file: string): string {
    return join(this.#tree.served(), file);
  }

  #notServedPath(file: string): string {
    return join(this.#tree.notServed(), file);
  }
}

function parseServedRecord(fields: RecordFields): ServedRecord {
  return {
    account: fields.text('account'),
    vhost: fields.text('vhost'),
    wanted: fields.texts('wanted'),
    issued: fields.record('issued', (issued) => ({
      fingerprint: issued.text('fingerprint'),
      names: issued.texts('names'),
      notAfter: issued.instant('notAfter'),
    })),
    served: fields.record('served', (served) => ({
      at: served.instant('at'),
      state: served.oneOf('state', STATES),
      code: served.textOrNull('code') === null ? null : served.oneOf('code', codes()),
      message: served.textOrNull('message'),
      advice: served.textOrNull('advice'),
      places: served.records('places', parsePlace),
      namesWithoutSite: served.texts('namesWithoutSite'),
    })),
  };
}

function parsePlace(place: RecordFields): ServedPlaceRecord {
  return {
    name: place.text('name'),
    address: place.text('address'),
    port: place.count('port'),
    fingerprint: place.textOrNull('fingerprint'),
    names: place.texts('names'),
    error: place.textOrNull('error'),
  };
}

function codes(): readonly NotServedCode[] {
  return Object.keys(CODES) as NotServedCode[];
}
