import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { StateError } from '../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../core/domain/names.js';
import { ensureFolder, listFolder, readTextFile, writeFileAtomically } from '../system/files.js';

/** An authorization as the local CA keeps it: one for each name of the order. */
export interface StoredAuthorization {
  readonly name: string;
  readonly token: string;
  readonly status: 'pending' | 'valid' | 'invalid' | 'deactivated';
  /** Short name of the problem's type and its text, when invalid. */
  readonly problem: { readonly code: string; readonly detail: string } | null;
}

/** `local_ca/orders/<id>.json`. */
export interface StoredOrder {
  readonly schemaVersion: 1;
  /** `<epoch ms, 13 digits>-<16 hex>`. */
  readonly id: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  /** Latest end of the certificate that the client asked for. */
  readonly notAfter: string | null;
  readonly authorizations: readonly StoredAuthorization[];
  /** Leaf first; set when issued. */
  readonly chainPem: string | null;
}

const ID = /^\d{13}-[0-9a-f]{16}$/;
/** An order of a hundred names with its chain has about 30 KiB. */
const MAX_ORDER_BYTES = 1024 * 1024;

/** The local CA's orders, one small file each, so that a run that crashed finds its order again. */
export class OrderFiles {
  readonly #folder: string;
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Undefined for an id of no order. @throws StateError CORRUPT_RECORD */
  async read(id: string): Promise<StoredOrder | undefined> {
    if (!ID.test(id)) return undefined;
    const path = this.#pathOf(id);
    const text = await readTextFile(path, MAX_ORDER_BYTES);
    if (text === undefined) return undefined;
    const order = parseOrder(text, id);
    if (order === undefined) {
      throw new StateError('CORRUPT_RECORD', `${quoteForMessage(path)} is no order of the local CA`, {
        advice: 'Remove the file; the order is then unknown and a new one is made.',
      });
    }
    return order;
  }

  /** @throws StateError WRITE_FAILED, NO_SPACE */
  async write(order: StoredOrder): Promise<void> {
    await ensureFolder(this.#folder, 0o700);
    await writeFileAtomically(this.#pathOf(order.id), `${JSON.stringify(order, null, 1)}\n`, { mode: 0o600 });
  }

  /** Runs the tasks that change one order one after another. */
  async inTurn<T>(id: string, task: () => Promise<T>): Promise<T> {
    const result = (this.#turns.get(id) ?? Promise.resolve()).then(task);
    const settled = result.then(
      () => undefined,
      () => undefined,
    );
    this.#turns.set(id, settled);
    await settled;
    if (this.#turns.get(id) === settled) this.#turns.delete(id);
    return result;
  }

  /** Removes the orders made before that instant. Never throws. */
  async prune(before: Date): Promise<void> {
    for (const file of await listFolder(this.#folder).catch(() => [])) {
      const id = file.replace(/\.json$/, '');
      if (!ID.test(id) || Number(id.slice(0, 13)) >= before.getTime()) continue;
      await unlink(join(this.#folder, file)).catch(() => undefined);
    }
  }

  #pathOf(id: string): string {
    return join(this.#folder, `${id}.json`);
  }
}

function parseOrder(text: string, id: string): StoredOrder | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const order = value as StoredOrder;
  const isInstant = (instant: unknown): boolean =>
    typeof instant === 'string' && !Number.isNaN(Date.parse(instant));
  const isRight =
    order.schemaVersion === 1 &&
    order.id === id &&
    isInstant(order.expiresAt) &&
    (order.notAfter === null || isInstant(order.notAfter)) &&
    (order.chainPem === null || typeof order.chainPem === 'string') &&
    Array.isArray(order.authorizations) &&
    order.authorizations.every(isAuthorization);
  return isRight ? order : undefined;
}

function isAuthorization(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { name, token, status, problem } = value as StoredAuthorization;
  return (
    typeof name === 'string' &&
    typeof token === 'string' &&
    ['pending', 'valid', 'invalid', 'deactivated'].includes(status) &&
    (problem === null || (typeof problem?.code === 'string' && typeof problem.detail === 'string'))
  );
}
