import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../../runs/ports/clock.js';
import type { IssuedRecord, IssuedStore, UnfitRecord } from '../../../runs/ports/orders.js';
import { ensureFolder } from '../../system/files/files.js';
import type { Tree } from '../../system/tree.js';
import { RecordFields } from '../records/record-fields.js';
import { readForRewrite, readRecordFile, recordNamesIn, writeRecordFile } from '../records/record-file.js';
import { recordFileName } from '../records/record-name.js';

/** How long the record of an expired certificate (or an unfit one) is kept, and how many of them (contract of IssuedStore). */
const KEPT_AFTER_EXPIRY_MS = 90 * 86_400_000;
const MAX_EXPIRED = 20;

/** `issued/<website>.json`: `{ schemaVersion, vhost, records: [newest first], unfit: [newest first] }`; unknown keys survive on both levels. */
export class FileIssuedStore implements IssuedStore {
  readonly #tree: Tree;
  readonly #clock: Clock;

  constructor(tree: Tree, clock: Clock) {
    this.#tree = tree;
    this.#clock = clock;
  }

  /** One open and one read: asked for every website of every run. @throws StateError CORRUPT_RECORD, UsageError BAD_NAME */
  async read(vhost: string): Promise<readonly IssuedRecord[]> {
    const path = join(this.#tree.issued(), recordFileName(vhost));
    return readRecordFile(path, (fields) => fields.records('records', parseIssuedRecord)) ?? [];
  }

  /** Read are the files that were written since. */
  async since(instant: Date): Promise<readonly IssuedRecord[]> {
    const found: IssuedRecord[] = [];
    for (const name of await recordNamesIn(this.#tree.issued())) {
      const path = join(this.#tree.issued(), `${name}.json`);
      try {
        if (statSync(path).mtime < instant) continue;
        found.push(...(readRecordFile(path, (fields) => fields.records('records', parseIssuedRecord)) ?? []));
      } catch {
        // Its website says so when it is looked at.
      }
    }
    return found.filter(({ issuedAt }) => Date.parse(issuedAt) >= instant.getTime());
  }

  async add(record: IssuedRecord): Promise<void> {
    const path = await this.#pathFor(record.vhost);
    const raw = await readForRewrite(path);
    // Judged first, then kept as it is, with the keys that we do not know.
    if (raw['records'] !== undefined) new RecordFields(raw, path).records('records', parseIssuedRecord);
    const before = (raw['records'] ?? []) as readonly IssuedRecord[];
    if (before.some((old) => old.fingerprint === record.fingerprint)) return;
    const records = [record, ...before].sort((a, b) => Date.parse(b.issuedAt) - Date.parse(a.issuedAt));
    await writeRecordFile(path, { vhost: record.vhost, records: this.#worthKeeping(records) });
  }

  async addUnfit(record: UnfitRecord): Promise<void> {
    const path = await this.#pathFor(record.vhost);
    const raw = await readForRewrite(path);
    const before = new RecordFields(raw, path).recordsIfAny('unfit', parseUnfitRecord);
    if (before.some((old) => old.orderId === record.orderId)) return;
    const floor = this.#clock.now().getTime() - KEPT_AFTER_EXPIRY_MS;
    const unfit = [record, ...before].filter(({ at }) => Date.parse(at) >= floor).slice(0, MAX_EXPIRED);
    await writeRecordFile(path, { vhost: record.vhost, records: raw['records'] ?? [], unfit });
  }

  async #pathFor(vhost: string): Promise<string> {
    const path = join(this.#tree.issued(), recordFileName(vhost));
    this.#tree.assertInside(this.#tree.issued());
    await ensureFolder(this.#tree.own(), 0o700);
    await ensureFolder(this.#tree.issued(), 0o700);
    return path;
  }

  #worthKeeping(records: readonly IssuedRecord[]): readonly IssuedRecord[] {
    const now = this.#clock.now().getTime();
    let expired = 0;
    return records.filter((record) => {
      const endsAt = Date.parse(record.notAfter);
      if (endsAt >= now) return true;
      expired += 1;
      return expired <= MAX_EXPIRED && endsAt >= now - KEPT_AFTER_EXPIRY_MS;
    });
  }
}

function parseIssuedRecord(fields: RecordFields): IssuedRecord {
  const replaces = fields.textOrNull('replaces');
  const insteadOf = fields.textOrNull('insteadOf');
  return {
    fingerprint: fields.text('fingerprint'),
    account: fields.text('account'),
    vhost: fields.text('vhost'),
    provider: fields.text('provider'),
    directoryUrl: fields.text('directoryUrl'),
    acmeAccountUrl: fields.textOrNull('acmeAccountUrl'),
    orderUrl: fields.textOrNull('orderUrl'),
    orderId: fields.text('orderId'),
    names: fields.texts('names'),
    because: fields.texts('because'),
    ariCertificateId: fields.textOrNull('ariCertificateId'),
    ...(replaces === null ? {} : { replaces }),
    ...(insteadOf === null ? {} : { insteadOf }),
    serial: fields.text('serial'),
    notBefore: fields.instant('notBefore'),
    notAfter: fields.instant('notAfter'),
    issuedAt: fields.instant('issuedAt'),
  };
}

function parseUnfitRecord(fields: RecordFields): UnfitRecord {
  return {
    vhost: fields.text('vhost'),
    account: fields.text('account'),
    provider: fields.text('provider'),
    directoryUrl: fields.text('directoryUrl'),
    orderUrl: fields.textOrNull('orderUrl'),
    orderId: fields.text('orderId'),
    names: fields.texts('names'),
    code: fields.text('code'),
    why: fields.text('why'),
    at: fields.instant('at'),
    chainPem: fields.text('chainPem'),
  };
}
