import { join } from 'node:path';
import { InternalError, StateError } from '../../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../../core/domain/name/names.js';
import type { LedgerRecord } from '../../../core/order/ledger-record.js';
import type { HealthRecord, Ledger } from '../../../runs/ports/records.js';
import { ensureFolder } from '../../system/files/files.js';
import type { Tree } from '../../system/tree.js';
import { DAMAGED_ADVICE, type RecordFields } from '../records/record-fields.js';
import {
  readRecordFile,
  recordNamesIn,
  replaceDamagedRecord,
  writeRecordFile,
} from '../records/record-file.js';

/** Provider names are ours or an administrator's settings key; `health` is the file beside them. */
const PROVIDER = /^(?!health$)[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/i;

const MADE_ANEW =
  'The next run that orders keeps the file and makes it anew of what else is known: autossl_check --all';

const STOP_SCOPES = ['registered-domain', 'exact-set', 'name'] as const;

/** What was spent at each CA account, and what the last full run found: `ledger/`. */
export class FileLedger implements Ledger {
  readonly #tree: Tree;

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  /** An account never used before has spent nothing. @throws StateError CORRUPT_RECORD */
  async read(provider: string): Promise<LedgerRecord> {
    const path = this.#path(provider);
    const found = readOrAdvise(path, (fields) => ({
      schemaVersion: 1 as const,
      provider: fields.text('provider'),
      newOrders: fields.texts('newOrders'),
      fullAt: fields.instantsByNameIfAny('fullAt'),
      stops: fields.recordsIfAny('stops', (stop) => ({
        scope: stop.oneOf('scope', STOP_SCOPES),
        key: stop.text('key'),
        until: stop.instant('until'),
        ...presentInstant('notedAt', stop),
        because: stop.text('because'),
        unpauseUrl: stop.textOrNull('unpauseUrl'),
        holdsRenewals: stop.flag('holdsRenewals'),
      })),
      failedOrders: fields.recordsIfAny('failedOrders', (failed) => ({
        vhost: failed.text('vhost'),
        at: failed.instant('at'),
      })),
      stoppedUntil: fields.instantOrNull('stoppedUntil'),
      stoppedBecause: fields.textOrNull('stoppedBecause'),
      downSince: fields.instantOrNull('downSince'),
      stoppedAt: fields.instantOrNull('stoppedAt'),
      downBecause: fields.textOrNull('downBecause'),
      downSeenAt: fields.instantOrNull('downSeenAt'),
    }));
    return found ?? { schemaVersion: 1, provider, newOrders: [], stoppedUntil: null, stoppedBecause: null };
  }

  /** Providers at whose accounts something was spent. @throws StateError TREE_UNREADABLE */
  async providers(): Promise<readonly string[]> {
    return (await recordNamesIn(this.#tree.ledger())).filter((name) => PROVIDER.test(name));
  }

  async write(record: LedgerRecord): Promise<void> {
    await this.#write(this.#path(record.provider), record);
  }

  async replaceDamaged(record: LedgerRecord, now: Date): Promise<string> {
    const path = this.#path(record.provider);
    this.#tree.assertInside(this.#tree.ledger());
    return replaceDamagedRecord(path, record, now);
  }

  async readHealth(): Promise<HealthRecord | undefined> {
    return readRecordFile(this.#healthPath(), (fields) => {
      const expired = fields.textsIfAny('expired');
      return {
        schemaVersion: 1 as const,
        at: fields.instant('at'),
        oursCount: fields.count('oursCount'),
        unhealthy: fields.texts('unhealthy'),
        ...(expired === undefined ? {} : { expired }),
      };
    });
  }

  async writeHealth(record: HealthRecord): Promise<void> {
    await this.#write(this.#healthPath(), record);
  }

  async #write(path: string, record: object): Promise<void> {
    this.#tree.assertInside(this.#tree.ledger());
    await ensureFolder(this.#tree.own(), 0o700);
    await ensureFolder(this.#tree.ledger(), 0o700);
    await writeRecordFile(path, record);
  }

  #healthPath(): string {
    return join(this.#tree.ledger(), 'health.json');
  }

  #path(provider: string): string {
    if (!PROVIDER.test(provider)) {
      throw new InternalError('BUG', `${quoteForMessage(provider)} is not a provider's name`);
    }
    return join(this.#tree.ledger(), `${provider}.json`);
  }
}

/** A key that former versions did not write. */
function presentInstant<Key extends string>(key: Key, fields: RecordFields): Partial<Record<Key, string>> {
  const value = fields.instantOrNull(key);
  return value === null ? {} : ({ [key]: value } as Record<Key, string>);
}

/** What cannot be read is no reason for anybody to act: whoever orders makes it anew. */
function readOrAdvise<T>(path: string, parse: (fields: RecordFields) => T): T | undefined {
  try {
    return readRecordFile(path, parse);
  } catch (error) {
    if (!(error instanceof StateError) || error.advice !== DAMAGED_ADVICE) throw error;
    throw new StateError('CORRUPT_RECORD', error.message, { cause: error, advice: MADE_ANEW });
  }
}
