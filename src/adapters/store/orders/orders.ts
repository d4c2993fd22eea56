import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { InternalError, StateError } from '../../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../../core/domain/name/names.js';
import { reasonOf } from '../../../core/domain/system-fault.js';
import type { OrderRecord } from '../../../core/order/record.js';
import type { OrderJournalEntry, OrderStore, StagedOrder } from '../../../runs/ports/orders.js';
import {
  asWriteError,
  ensureFolder,
  isErrno,
  isThere,
  listFolder,
  readBytes,
  readTextFile,
  removeFile,
  syncFolder,
  temporaryPathIn,
  writeFileAtomically,
  writeNewFile,
} from '../../system/files/files.js';
import { ownIdentity } from '../../system/process/process-identity.js';
import type { Tree } from '../../system/tree.js';
import { isMakerGone } from '../orphans/maker.js';
import { corrupt } from '../records/record-fields.js';
import { readRecordFile, writeRecordFile } from '../records/record-file.js';
import { parseOrderRecord } from './order-record.js';

/** `<epoch ms, 13 digits>-<16 hex>`: sorts by age, and nothing else reaches a path. */
const ORDER_ID = /^\d{13}-[0-9a-f]{16}$/;
const PRIVATE = { mode: 0o600, uid: 0, gid: 0 } as const;
/** The staging folder's note of the process that makes it, so that only a dead one's leftovers are swept. */
const MADE_BY = 'made-by.json';

/**
 * The order journal (design 5.8). Order of the writes, each synced with its folder before the next begins:
 * create: key and CSR in a folder aside, its rename to `staging/<id>`, record. A crash before the record leaves staging without a record: `sweep`
 * takes it, and no order was sent. remove: record, then staging, so that a record never stands without its key.
 */
export class FileOrderStore implements OrderStore {
  readonly #tree: Tree;

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  async create(record: OrderRecord, staged: { keyPem: string; csrDer: Uint8Array }): Promise<void> {
    const path = this.#recordPath(record.id);
    this.#tree.assertInside(this.#tree.orders());
    this.#tree.assertInside(this.#tree.staging());
    for (const folder of [this.#tree.own(), this.#tree.orders(), this.#tree.staging()]) {
      await ensureFolder(folder, 0o700);
    }
    if (await isThere(path)) throw new InternalError('BUG', `there is an order ${record.id} already`);
    const staging = this.#stagingPath(record.id);
    const aside = temporaryPathIn(this.#tree.staging());
    try {
      await mkdir(aside, { mode: 0o700 });
      // Nobody looks into the folder before its rename, so that its files need no rename of their own.
      await Promise.all([
        writeNewFile(join(aside, MADE_BY), JSON.stringify(ownIdentity()), PRIVATE),
        writeNewFile(join(aside, 'key.pem'), staged.keyPem, PRIVATE),
        writeNewFile(join(aside, 'csr.der'), staged.csrDer, PRIVATE),
      ]);
      await syncFolder(aside);
      await rename(aside, staging);
      await syncFolder(this.#tree.staging());
    } catch (error) {
      // What cannot be taken away either is swept by a later run; why it was not written is worth more.
      await rm(aside, { recursive: true, force: true }).catch(() => undefined);
      throw asWriteError(error, staging);
    }
    await writeRecordFile(path, record);
  }

  async update(record: OrderRecord): Promise<void> {
    const path = this.#recordPath(record.id);
    if (!(await isThere(path)))
      throw new StateError('WRITE_FAILED', `there is no order ${record.id} any more`);
    await writeRecordFile(path, record);
  }

  async stageChain(id: string, chainPem: string): Promise<void> {
    await writeFileAtomically(join(this.#stagingPath(id), 'chain.pem'), chainPem, PRIVATE);
  }

  /** @throws StateError CORRUPT_RECORD when the key or the CSR is gone */
  async readStaged(id: string): Promise<StagedOrder> {
    const folder = this.#stagingPath(id);
    const keyPem = await readTextFile(join(folder, 'key.pem'));
    if (keyPem === undefined) throw corrupt(join(folder, 'key.pem'), 'it is gone');
    const csrDer = await readBytes(join(folder, 'csr.der')).catch((error) => {
      if (error instanceof StateError) throw error;
      const why = isErrno(error, 'ENOENT') ? 'it is gone' : reasonOf(error);
      throw corrupt(join(folder, 'csr.der'), why);
    });
    return { keyPem, csrDer, chainPem: (await readTextFile(join(folder, 'chain.pem'))) ?? null };
  }

  async list(): Promise<readonly OrderJournalEntry[]> {
    const files = (await listFolder(this.#tree.orders())).filter((name) => name.endsWith('.json'));
    const entries: OrderJournalEntry[] = [];
    for (const file of files) {
      const path = join(this.#tree.orders(), file);
      const entry = entryOf(path, file);
      if (entry !== undefined) entries.push(entry);
      // One that another process removed since the folder was read is over; a link to nothing is not.
      else if (await isThere(path)) entries.push({ state: 'broken', path, why: 'it is a link to nothing' });
    }
    return entries;
  }

  /** @throws StateError CORRUPT_RECORD */
  async read(id: string): Promise<OrderRecord | undefined> {
    return readRecordFile(this.#recordPath(id), parseOrderRecord);
  }

  async remove(id: string): Promise<void> {
    await removeFile(this.#recordPath(id));
    await this.#removeStaging(id);
  }

  /** Removes what crashes left: staging whose maker died before its record was written, or after it was removed. Gives how many. */
  async sweep(): Promise<number> {
    const orphaned = await this.#orphaned();
    for (const id of orphaned) await this.#removeStaging(id);
    return orphaned.length;
  }

  /** The folders that `sweep` would remove. */
  async orphanedStaging(): Promise<readonly string[]> {
    return (await this.#orphaned()).map((id) => this.#stagingPath(id));
  }

  async #orphaned(): Promise<readonly string[]> {
    const orphaned: string[] = [];
    for (const id of await listFolder(this.#tree.staging())) {
      if (!ORDER_ID.test(id)) continue;
      // In this order: a maker that is dead cannot write the record after we found none.
      if (!(await isMakerGone(join(this.#stagingPath(id), MADE_BY), this.#stagingPath(id)))) continue;
      if (!(await isThere(this.#recordPath(id)))) orphaned.push(id);
    }
    return orphaned;
  }

  async #removeStaging(id: string): Promise<void> {
    const folder = this.#stagingPath(id);
    // Half a folder that a crash leaves must not lie under the order's name: it would name no maker to be swept by.
    const aside = temporaryPathIn(this.#tree.staging());
    try {
      await rename(folder, aside);
      await rm(aside, { recursive: true, force: true });
      await syncFolder(this.#tree.staging());
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return;
      throw asWriteError(error, folder);
    }
  }

  #recordPath(id: string): string {
    return join(this.#tree.orders(), `${orderId(id)}.json`);
  }

  #stagingPath(id: string): string {
    return join(this.#tree.staging(), orderId(id));
  }
}

/** What the journal's file of that name holds; undefined when there is none. */
function entryOf(path: string, file: string): OrderJournalEntry | undefined {
  const broken = (why: string): OrderJournalEntry => ({ state: 'broken', path, why });
  try {
    const record = readRecordFile(path, parseOrderRecord);
    if (record === undefined) return undefined;
    if (file !== `${record.id}.json` || !ORDER_ID.test(record.id)) {
      return broken(`it says that it is the order ${quoteForMessage(record.id)}`);
    }
    return { state: 'ok', record };
  } catch (error) {
    return broken(error instanceof Error ? error.message : String(error));
  }
}

function orderId(id: string): string {
  if (!ORDER_ID.test(id)) throw new InternalError('BUG', `${quoteForMessage(id)} is not an order's id`);
  return id;
}
