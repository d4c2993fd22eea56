import type { OrderRecord } from '../../src/core/order/record.js';
import type { OrderStore, StagedOrder } from '../../src/runs/ports/orders.js';

/** An order journal in memory. `beforeWrite` sees each durable step first: a throw there is a crash before it. */
export class MemoryOrderStore implements OrderStore {
  readonly records = new Map<string, OrderRecord>();
  readonly staged = new Map<string, StagedOrder>();
  /** Every state that was ever durable, oldest first. */
  readonly history: OrderRecord[] = [];
  beforeWrite: (
    what: 'create' | 'update' | 'stageChain' | 'remove',
    record: OrderRecord | undefined,
  ) => void = () => undefined;

  async create(record: OrderRecord, staged: { keyPem: string; csrDer: Uint8Array }): Promise<void> {
    this.beforeWrite('create', record);
    if (this.records.has(record.id)) throw new Error(`order ${record.id} is there already`);
    this.staged.set(record.id, { ...staged, chainPem: null });
    this.#keep(record);
  }

  async update(record: OrderRecord): Promise<void> {
    this.beforeWrite('update', record);
    if (!this.records.has(record.id)) throw new Error(`there is no order ${record.id}`);
    this.#keep(record);
  }

  async stageChain(id: string, chainPem: string): Promise<void> {
    this.beforeWrite('stageChain', this.records.get(id));
    this.staged.set(id, { ...(await this.readStaged(id)), chainPem });
  }

  async readStaged(id: string): Promise<StagedOrder> {
    const staged = this.staged.get(id);
    if (staged === undefined) throw new Error(`nothing is staged for ${id}`);
    return staged;
  }

  async list(): ReturnType<OrderStore['list']> {
    return [...this.records.values()]
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .map((record) => ({ state: 'ok', record }));
  }

  async read(id: string): Promise<OrderRecord | undefined> {
    return this.records.get(id);
  }

  async remove(id: string): Promise<void> {
    this.beforeWrite('remove', this.records.get(id));
    this.records.delete(id);
    this.staged.delete(id);
  }

  /** Phases in the order in which they became durable, repeats apart. */
  phases(): readonly string[] {
    return this.history.map((one) => one.phase).filter((phase, index, all) => phase !== all[index - 1]);
  }

  #keep(record: OrderRecord): void {
    const copy = structuredClone(record);
    this.records.set(record.id, copy);
    this.history.push(copy);
  }
}
