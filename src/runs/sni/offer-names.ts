import { AutosslError } from '../../core/domain/autossl-error.js';
import { judgeLiveness } from '../../core/plan/install-liveness.js';
import type { RunEvent } from '../../core/report/event.js';
import { namesOffered, offerFailed, offerHeld, offerRefused } from '../../core/report/sni/sni-events.js';
import { type NameOffer, offersOf } from '../../core/sni/offer.js';
import type { FormerTable, HeldLock, WebServer } from '../ports.js';
import type { SniDaemon, SniHost } from './sni-host.js';

type Record = (...events: readonly RunEvent[]) => void;

/** One run at a time makes the tables; the daemons' own locks are asked for while it is held. */
const LOCK = 'sni';
const NOTE = 'certificates of customers by name';

/**
 * Makes what mail and FTP daemons answer for follow from the certificates under `domain_tls` (design 5.21). Nothing is
 * written, asked or reloaded where that is so already. A table that its daemon refuses is put back, and said; the other
 * daemons have theirs. What could not be done is said, not thrown; told to stop, it says nothing.
 */
export async function offerNames(host: SniHost, record: Record, signal: AbortSignal): Promise<void> {
  try {
    const daemons = await host.daemons();
    if (daemons.length === 0) return;
    const lock = await host.locks.acquire(LOCK, NOTE, signal);
    try {
      await new Offering(daemons, host, record, signal).run();
    } finally {
      await lock.release();
    }
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof AutosslError)) throw error;
    record(offerFailed(error.message, error.advice));
  }
}

class Offering {
  readonly #daemons: readonly SniDaemon[];
  readonly #host: SniHost;
  readonly #record: Record;
  readonly #signal: AbortSignal;

  constructor(daemons: readonly SniDaemon[], host: SniHost, record: Record, signal: AbortSignal) {
    this.#daemons = daemons;
    this.#host = host;
    this.#record = record;
    this.#signal = signal;
  }

  async run(): Promise<void> {
    const { names, pairs, clock } = this.#host;
    const hostname = await this.#host.hostname();
    const isAnyWanted = this.#daemons.some(({ refusal }) => refusal === null);
    const all = offersOf(await names.list(), { hostname, now: clock.now() });
    const offers = await this.#placed(isAnyWanted ? all : []);
    const stale: SniDaemon[] = [];
    for (const daemon of this.#daemons) {
      const isCurrent = await daemon.table.holds(daemon.refusal === null ? offers : null);
      if (!isCurrent) stale.push(daemon);
    }
    for (const daemon of stale) await this.#each(daemon, offers);
    if (stale.length > 0) await pairs.retain(await this.#pairsInUse());
    await names.keep();
  }

  /** Those whose pairs lie there; whoever replaced one meanwhile comes here next. */
  async #placed(wanted: readonly NameOffer[]): Promise<readonly NameOffer[]> {
    const { pairs } = this.#host;
    if (pairs.hold(wanted)) return wanted;
    const placed = await pairs.place(wanted);
    return wanted.filter(({ pair }) => placed.has(pair));
  }

  /** One daemon's trouble is its own. */
  async #each(daemon: SniDaemon, offers: readonly NameOffer[]): Promise<void> {
    const lock = await this.#host.locks.acquire(daemon.lockName, NOTE, this.#signal);
    try {
      await this.#update(daemon, daemon.refusal === null ? offers : null, lock);
    } catch (error) {
      if (!(error instanceof AutosslError)) throw error;
      this.#record(offerFailed(`${daemon.title}: ${error.message}`, error.advice));
    } finally {
      await lock.release();
    }
  }

  async #update(
    { table, server, title }: SniDaemon,
    offers: readonly NameOffer[] | null,
    lock: HeldLock,
  ): Promise<void> {
    const { former } = table;
    if (former !== null && (await former.isLeft())) await former.restore();
    const found = (await server?.testConfig()) ?? { ok: true };
    if (!found.ok) {
      const isRunning = (await server?.liveness())?.isAlive === true;
      this.#record(offerHeld(title, found.why, isRunning));
      return;
    }
    // Of an empty table it cannot be seen.
    const wasNamed = (await table.isNamed()) === true;
    await lock.assertHeld();
    await table.write(offers);
    const isNamed = wasNamed || (await table.isNamed()) === true;
    if (former !== null && server !== null) {
      const refusal = await this.#take(server, former, isNamed);
      if (refusal !== null) {
        this.#record(offerRefused(title, refusal.why, refusal.restored));
        return;
      }
    }
    await former?.settle();
    if (offers === null) return;
    const certificates = new Set(offers.map(({ pair }) => pair)).size;
    this.#record(namesOffered(title, { names: offers.length, certificates, isNamed }));
  }

  /** Has the daemon test its configuration and take it; else puts the former table back and says what became of it. */
  async #take(
    server: WebServer,
    former: FormerTable,
    isNamed: boolean,
  ): Promise<{ readonly why: string; readonly restored: string } | null> {
    const check = await server.testConfig();
    if (!check.ok) {
      await former.restore();
      return { why: check.why, restored: 'The former ones are in place.' };
    }
    const before = await server.liveness();
    // What does not run, or does not name the table, reads it when somebody starts it with that.
    if (!isNamed || before.isAlive === false) return null;
    const reload = await server.reload();
    const after = await server.liveness();
    const faults = [reload, judgeLiveness(before, after)].flatMap((one) => (one.ok ? [] : [one.why]));
    if (faults.length === 0) return null;
    await former.restore();
    const again = after.isAlive === false ? await server.start() : await server.reload();
    const did = after.isAlive === false ? 'it was started again' : 'it was reloaded again';
    return {
      why: faults.join('; '),
      restored: again.ok
        ? `The former ones are in place and ${did}.`
        : `The former ones are in place, but it does not take them either: ${again.why}.`,
    };
  }

  /** Also of daemons that were left as they are. */
  async #pairsInUse(): Promise<ReadonlySet<string>> {
    const ids = new Set<string>();
    for (const { table } of this.#daemons) for (const id of await table.pairs()) ids.add(id);
    return ids;
  }
}
