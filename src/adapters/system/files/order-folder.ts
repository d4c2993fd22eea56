import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { StateError } from '../../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../../core/domain/name/names.js';
import { ensureFolder, listFolder, readTextFile, writeFileAtomically } from './files.js';

const ID = /^\d{13}-[0-9a-f]{16}$/;
/** An order of a thousand names with its chain has about 150 KiB. */
const MAX_ORDER_BYTES = 1024 * 1024;

/** The orders of an authority of our own, one small file each: `<epoch ms, 13 digits>-<16 hex>.json`. */
export class OrderFolder<Order extends { readonly id: string }> {
  readonly #folder: string;
  readonly #owner: string;
  readonly #parse: (value: unknown, id: string) => Order | undefined;
  readonly #turns = new Map<string, Promise<unknown>>();

  /** `owner`: whose orders these are, for messages; `parse` gives undefined for what is no order. */
  constructor(folder: string, owner: string, parse: (value: unknown, id: string) => Order | undefined) {
    this.#folder = folder;
    this.#owner = owner;
    this.#parse = parse;
  }

  /** Undefined for an id of no order. @throws StateError CORRUPT_RECORD */
  async read(id: string): Promise<Order | undefined> {
    if (!ID.test(id)) return undefined;
    const path = this.#pathOf(id);
    const text = await readTextFile(path, MAX_ORDER_BYTES);
    if (text === undefined) return undefined;
    const order = this.#parse(jsonOf(text), id);
    if (order === undefined) {
      throw new StateError('CORRUPT_RECORD', `${quoteForMessage(path)} is no order of ${this.#owner}`, {
        advice: 'Remove the file; the order is then unknown and a new one is made.',
      });
    }
    return order;
  }

  /** @throws StateError WRITE_FAILED, NO_SPACE */
  async write(order: Order): Promise<void> {
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

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
