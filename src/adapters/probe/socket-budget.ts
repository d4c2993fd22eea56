import { Slots } from './slots.js';

/** Connections under way at once to one address of others; what CAs themselves and busy crawlers keep to. */
const STRANGER_SOCKETS = 4;
/** The same to an address of this server, where most names lie: one slow website there must not hold up the others. */
const OWN_SOCKETS = 16;

/** Bounds connections: overall, and to each address. Whoever waits for a busy address takes no place of others. */
export class SocketBudget {
  readonly #all: Slots;
  readonly #isOwn: (address: string) => boolean;
  readonly #byAddress = new Map<string, { readonly slots: Slots; users: number }>();

  constructor(sockets: number, isOwn: (address: string) => boolean) {
    this.#all = new Slots(sockets);
    this.#isOwn = isOwn;
  }

  /** Runs the task when both the address and the whole have a place. */
  async run<T>(address: string, task: () => Promise<T>): Promise<T> {
    const slots = new Slots(this.#isOwn(address) ? OWN_SOCKETS : STRANGER_SOCKETS);
    const entry = this.#byAddress.get(address) ?? { slots, users: 0 };
    this.#byAddress.set(address, entry);
    entry.users += 1;
    try {
      return await entry.slots.run(() => this.#all.run(task));
    } finally {
      entry.users -= 1;
      if (entry.users === 0) this.#byAddress.delete(address);
    }
  }
}
