import { AutosslError } from '../../core/domain/autossl-error.js';
import type { DomainName } from '../../core/domain/name/names.js';
import { judgeLiveness } from '../../core/plan/install/install-liveness.js';
import type { RunEvent } from '../../core/report/events/event.js';
import {
  namesHeldBack,
  namesNotServed,
  namesOffered,
  offerFailed,
  offerHeld,
  offerRefused,
  roomIsScarce,
} from '../../core/report/sni/sni-events.js';
import { isRoomScarce } from '../../core/sni/dovecot-room.js';
import { type NameOffer, offersOf } from '../../core/sni/offer.js';
import type { WebServer } from '../ports/installation.js';
import type { HeldLock } from '../ports/locks.js';
import type { FormerTable } from '../ports/sni.js';
import { type DaemonOffers, offersFor } from './offers-for.js';
import { type Baseline, type NameProof, NameProver } from './prove-names.js';
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
      await new Offering(daemons, host, record, signal, await host.hostname()).run();
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
  readonly #hostname: DomainName;
  readonly #prover: NameProver;

  constructor(
    daemons: readonly SniDaemon[],
    host: SniHost,
    record: Record,
    signal: AbortSignal,
    hostname: DomainName,
  ) {
    this.#hostname = hostname;
    this.#prover = new NameProver(host, hostname, signal);
    this.#daemons = daemons;
    this.#host = host;
    this.#record = record;
    this.#signal = signal;
  }

  async run(): Promise<void> {
    const { names, pairs, clock } = this.#host;
    const hostname = this.#hostname;
    const found = await names.list();
    const all = offersOf(found, { hostname, now: clock.now() });
    const wanted = new Map<SniDaemon, DaemonOffers>();
    for (const daemon of this.#daemons) wanted.set(daemon, await offersFor(daemon, all, found));
    const union = new Set([...wanted.values()].flatMap(({ offers }) => offers ?? []));
    const placed = await this.#placed(all.filter((offer) => union.has(offer)));
    let hasStale = false;
    for (const [daemon, { offers, fit, room }] of wanted) {
      const present = offers === null ? null : offers.filter(({ pair }) => placed.has(pair));
      if (!(await daemon.table.holds(present))) {
        hasStale = true;
        await this.#each(daemon, { offers: present, fit, room });
      }
      if (fit !== null && fit.held.length > 0) this.#record(namesHeldBack(daemon.title, fit));
    }
    if (hasStale) await pairs.retain(await this.#pairsInUse());
    await names.keep();
  }

  /** Ids of those whose pairs lie there; whoever replaced one meanwhile comes here next. */
  async #placed(wanted: readonly NameOffer[]): Promise<ReadonlySet<string>> {
    const { pairs } = this.#host;
    if (pairs.hold(wanted)) return new Set(wanted.map(({ pair }) => pair));
    return await pairs.place(wanted);
  }

  /** One daemon's trouble is its own. */
  async #each(daemon: SniDaemon, wanted: DaemonOffers): Promise<void> {
    const lock = await this.#host.locks.acquire(daemon.lockName, NOTE, this.#signal);
    try {
      await this.#update(daemon, wanted, lock);
    } catch (error) {
      if (!(error instanceof AutosslError)) throw error;
      this.#record(offerFailed(`${daemon.title}: ${error.message}`, error.advice));
    } finally {
      await lock.release();
    }
  }

  async #update(daemon: SniDaemon, { offers, fit, room }: DaemonOffers, lock: HeldLock): Promise<void> {
    const { table, server, title } = daemon;
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
    const isStarved = room?.runningLimitBytes != null && (fit?.fitBytes ?? 0) > room.runningLimitBytes;
    // A process keeps the limit that it was started with: first one with the new limit, then the new table.
    if (isStarved && (await server?.liveness())?.isAlive === true) await server?.reload();
    const { baseline, fresh } = await this.#before(daemon, offers);
    await lock.assertHeld();
    await table.write(offers);
    const isNamed = wasNamed || (await table.isNamed()) === true;
    let proof: NameProof = { state: 'unknown' };
    if (former !== null && server !== null) {
      const taken = await this.#take(server, former, { isNamed, baseline, fresh });
      if ('why' in taken) {
        this.#record(offerRefused(title, taken.why, taken.restored));
        return;
      }
      proof = taken.proof;
    } else if (isNamed) proof = await this.#prover.prove(baseline, fresh);
    await former?.settle();
    if (offers === null) return;
    if (proof.state === 'not-served') {
      this.#record(namesNotServed(title, proof.why));
      return;
    }
    const certificates = new Set(offers.map(({ pair }) => pair)).size;
    const isSeen = proof.state === 'served';
    this.#record(namesOffered(title, { names: offers.length, certificates, isNamed, isSeen }));
    if (fit !== null && fit.held.length === 0 && isRoomScarce(fit)) this.#record(roomIsScarce(title, fit));
  }

  /** What it answers while it has the former table, and which offers are new. */
  async #before(
    { asked, table }: SniDaemon,
    offers: readonly NameOffer[] | null,
  ): Promise<{ readonly baseline: Baseline; readonly fresh: readonly NameOffer[] }> {
    const present = await table.pairs();
    const known = (offers ?? []).filter(({ pair }) => present.has(pair));
    const fresh = (offers ?? []).filter(({ pair }) => !present.has(pair));
    const isAlive = asked !== null && (await asked.liveness()).isAlive !== false;
    return { baseline: isAlive ? await this.#prover.baseline(asked, known) : NOTHING_SEEN, fresh };
  }

  /**
   * Has the daemon test its configuration and take it, and asks it for what it should show; else puts the former table back
   * and says what became of it.
   */
  async #take(
    server: WebServer,
    former: FormerTable,
    { isNamed, baseline, fresh }: Taking,
  ): Promise<{ readonly proof: NameProof } | { readonly why: string; readonly restored: string }> {
    const check = await server.testConfig();
    if (!check.ok) {
      await former.restore();
      return { why: check.why, restored: 'The former ones are in place.' };
    }
    const before = await server.liveness();
    // What does not run, or does not name the table, reads it when somebody starts it with that.
    if (!isNamed || before.isAlive === false) return { proof: { state: 'unknown' } };
    const reload = await server.reload();
    const after = await server.liveness();
    const faults = [reload, judgeLiveness(before, after)].flatMap((one) => (one.ok ? [] : [one.why]));
    if (faults.length === 0) {
      const proof = await this.#prover.prove(baseline, fresh);
      if (proof.state !== 'not-served') return { proof };
      faults.push(proof.why);
    }
    await former.restore();
    const again = after.isAlive === false ? await server.start() : await server.reload();
    const did = after.isAlive === false ? 'it was started again' : 'it was reloaded again';
    const silence = again.ok ? await this.#prover.awaitAnswer(baseline) : again.why;
    return {
      why: faults.join('; '),
      restored:
        silence === undefined
          ? `The former ones are in place and ${did}.`
          : `The former ones are in place, but it does not take them either: ${silence}.`,
    };
  }

  /** Also of daemons that were left as they are. */
  async #pairsInUse(): Promise<ReadonlySet<string>> {
    const ids = new Set<string>();
    for (const { table } of this.#daemons) for (const id of await table.pairs()) ids.add(id);
    return ids;
  }
}

interface Taking {
  readonly isNamed: boolean;
  readonly baseline: Baseline;
  readonly fresh: readonly NameOffer[];
}

const NOTHING_SEEN: Baseline = { places: [], served: [] };
