import { StateError } from '../../src/core/domain/autossl-error.js';
import type { LedgerRecord } from '../../src/core/order/ledger-record.js';
import type { NameRecord } from '../../src/core/order/name-record.js';
import { type DueIndex, NO_DUE_WEBSITES } from '../../src/core/plan/due-website.js';
import type { ServedRecord } from '../../src/core/plan/served/served-record.js';
import { isAskingDue } from '../../src/core/renewal/information/asking-time.js';
import {
  isCalledBack,
  type RenewalRecord,
  renewalKeyOf,
} from '../../src/core/renewal/information/renewal-record.js';
import type { RenewalInfoStore } from '../../src/runs/ports/authority.js';
import type { ReloadDebt } from '../../src/runs/ports/installation.js';
import type { HeldLock, LockHolder, LockKeeper } from '../../src/runs/ports/locks.js';
import type { DueIndexStore, IssuedRecord, IssuedStore, UnfitRecord } from '../../src/runs/ports/orders.js';
import type {
  HealthRecord,
  Ledger,
  NameMemory,
  ProblemRecord,
  ProblemStore,
  ServedStore,
} from '../../src/runs/ports/records.js';

/** Stores in memory, for runs without a file system; test/contract holds them to what the real ones do. */
export class MemoryIssuedStore implements IssuedStore {
  readonly records = new Map<string, readonly IssuedRecord[]>();
  readonly unfit: UnfitRecord[] = [];

  async read(vhost: string): Promise<readonly IssuedRecord[]> {
    return this.records.get(vhost) ?? [];
  }

  async since(instant: Date): Promise<readonly IssuedRecord[]> {
    return [...this.records.values()]
      .flat()
      .filter(({ issuedAt }) => Date.parse(issuedAt) >= instant.getTime());
  }

  async add(record: IssuedRecord): Promise<void> {
    const before = await this.read(record.vhost);
    if (before.some(({ fingerprint }) => fingerprint === record.fingerprint)) return;
    const records = [record, ...before].sort((a, b) => Date.parse(b.issuedAt) - Date.parse(a.issuedAt));
    this.records.set(record.vhost, records);
  }

  async addUnfit(record: UnfitRecord): Promise<void> {
    if (!this.unfit.some(({ orderId }) => orderId === record.orderId)) this.unfit.unshift(record);
  }
}

export class MemoryNameMemory implements NameMemory {
  readonly records = new Map<string, NameRecord>();

  async read(name: string): Promise<NameRecord | undefined> {
    return this.records.get(name);
  }

  async write(record: NameRecord): Promise<void> {
    this.records.set(record.name, structuredClone(record));
  }

  async forget(name: string): Promise<void> {
    this.records.delete(name);
  }
}

export class MemoryLedger implements Ledger {
  readonly records = new Map<string, LedgerRecord>();
  /** Providers whose record cannot be read. */
  readonly damaged = new Set<string>();
  health: HealthRecord | undefined;

  async read(provider: string): Promise<LedgerRecord> {
    if (this.damaged.has(provider))
      throw new StateError('CORRUPT_RECORD', `the ledger of ${provider} is damaged`);
    const none = {
      schemaVersion: 1,
      provider,
      newOrders: [],
      stoppedUntil: null,
      stoppedBecause: null,
    } as const;
    return this.records.get(provider) ?? none;
  }

  async write(record: LedgerRecord): Promise<void> {
    this.records.set(record.provider, structuredClone(record));
  }

  async replaceDamaged(record: LedgerRecord, now: Date): Promise<string> {
    this.damaged.delete(record.provider);
    await this.write(record);
    return `${record.provider}.json.damaged-${now.toISOString()}`;
  }

  async readHealth(): Promise<HealthRecord | undefined> {
    return this.health;
  }

  async writeHealth(record: HealthRecord): Promise<void> {
    this.health = structuredClone(record);
  }
}

export class MemoryProblemStore implements ProblemStore {
  readonly records = new Map<string, readonly ProblemRecord[]>();

  async read(account: string): Promise<readonly ProblemRecord[]> {
    return this.records.get(account) ?? [];
  }

  async write(account: string, problems: readonly ProblemRecord[]): Promise<void> {
    if (problems.length === 0) this.records.delete(account);
    else this.records.set(account, structuredClone(problems));
  }
}

export class MemoryDueIndex implements DueIndexStore {
  index: DueIndex = NO_DUE_WEBSITES;
  writes = 0;

  read(): DueIndex {
    return this.index;
  }

  async write(index: DueIndex): Promise<void> {
    this.writes += 1;
    this.index = structuredClone(index);
  }
}

export class MemoryServedStore implements ServedStore {
  readonly records = new Map<string, ServedRecord>();

  async read(vhost: string): Promise<ServedRecord | undefined> {
    return this.records.get(vhost);
  }

  async write(record: ServedRecord): Promise<void> {
    this.records.set(record.vhost, structuredClone(record));
  }

  async listUnproved(): Promise<readonly string[]> {
    const records = [...this.records.values()].filter(({ served }) => served.state !== 'served');
    return records.map(({ vhost }) => vhost).sort();
  }

  async forget(vhost: string): Promise<void> {
    this.records.delete(vhost);
  }
}

export class MemoryReloadDebt implements ReloadDebt {
  /** Publications noted, by the number of reloads begun before. */
  #owed = new Set<number>();
  #begun = 0;

  async owe(): Promise<void> {
    this.#owed.add(this.#begun);
  }

  async isOwed(): Promise<boolean> {
    return this.#owed.size > 0;
  }

  async begin(): Promise<{ settle(): Promise<void> }> {
    const owed = [...this.#owed];
    this.#begun += 1;
    return {
      settle: async () => {
        for (const one of owed) this.#owed.delete(one);
      },
    };
  }
}

export class MemoryLocks implements LockKeeper {
  readonly #held = new Map<string, { readonly holder: LockHolder; readonly released: Promise<void> }>();
  /** Locks that are taken from whoever takes them, as soon as they have them. */
  readonly lost = new Set<string>();
  readonly #lostSignals = new Map<string, AbortController>();

  /** The lock is taken from its holder here, and from all who take it later. */
  lose(name: string): void {
    this.lost.add(name);
    this.#lostSignals.get(name)?.abort(lockLost(name));
  }

  /** Names of the locks that are held now. */
  get held(): readonly string[] {
    return [...this.#held.keys()];
  }

  /** Another process holds the lock, for good. */
  holdElsewhere(name: string, holder: LockHolder): void {
    this.#held.set(name, { holder, released: new Promise(() => undefined) });
  }

  async tryAcquire(name: string, note: string): Promise<HeldLock | { readonly heldBy: LockHolder }> {
    const found = this.#held.get(name);
    return found === undefined ? this.#take(name, note) : { heldBy: found.holder };
  }

  async acquire(name: string, note: string, signal?: AbortSignal): Promise<HeldLock> {
    for (;;) {
      signal?.throwIfAborted();
      const found = this.#held.get(name);
      if (found === undefined) return this.#take(name, note);
      await (signal === undefined ? found.released : Promise.race([found.released, abortionOf(signal)]));
    }
  }

  #take(name: string, note: string): HeldLock {
    let open = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      open = resolve;
    });
    const entry = { holder: { pid: process.pid, startedAt: new Date(0).toISOString(), note }, released };
    this.#held.set(name, entry);
    const losing = new AbortController();
    this.#lostSignals.set(name, losing);
    if (this.lost.has(name)) losing.abort(lockLost(name));
    return {
      signal: losing.signal,
      assertHeld: async () => losing.signal.throwIfAborted(),
      release: async () => {
        if (this.#held.get(name) !== entry) return;
        this.#held.delete(name);
        open();
      },
    };
  }
}

function lockLost(name: string): StateError {
  return new StateError('LOCK_LOST', `the lock “${name}” was taken from this run`);
}

function abortionOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

export class MemoryRenewalInfo implements RenewalInfoStore {
  readonly records = new Map<string, RenewalRecord>();
  /** Directories that were hastened. */
  readonly hastened: string[] = [];

  of(key: string, certificateId: string): RenewalRecord | null {
    const record = this.records.get(key);
    return record?.certificateId === certificateId ? record : null;
  }

  nextAskAt(now: Date): Date | null {
    const instants = [...this.records.values()].map(({ askAt }) =>
      isAskingDue(askAt, now) ? 0 : askAt.getTime(),
    );
    return instants.length === 0 ? null : new Date(Math.min(...instants));
  }

  calledBack(now: Date): readonly RenewalRecord[] {
    return [...this.records.values()].filter(
      ({ info, notAfter }) => info !== null && isCalledBack(info) && notAfter > now,
    );
  }

  due(now: Date, most: number, isForced = false): readonly RenewalRecord[] {
    return [...this.records.values()]
      .filter(({ askAt }) => isForced || isAskingDue(askAt, now))
      .slice(0, most);
  }

  async keep(records: readonly RenewalRecord[]): Promise<void> {
    for (const record of records) this.records.set(renewalKeyOf(record), record);
  }

  async forget(records: readonly RenewalRecord[]): Promise<void> {
    for (const record of records) this.records.delete(renewalKeyOf(record));
  }

  async hasten(directoryUrl: string): Promise<void> {
    this.hastened.push(directoryUrl);
  }

  damaged(): readonly string[] {
    return [];
  }
}
