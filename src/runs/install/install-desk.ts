import type { RunRecorder } from '../check/run-recorder.js';
import type { OrderStore } from '../ports/orders.js';
import { concludeInstall } from './conclude-install.js';
import { installBatch } from './install-batch.js';
import type { InstallHost } from './install-ports.js';
import type { OrderedPair } from './ordered-pair.js';

/** A batch is no larger: so much is put back at worst, and so many keys are held in memory. */
export const MAX_BATCH = 200;
/** No pair waits longer for company, in ms; servers are so not reloaded more often while a run orders (design 5.11). */
const LONGEST_WAIT_MS = 30_000;

/**
 * Where issued pairs wait until they are installed together: when there are 200, when the first has waited half a
 * minute, or when nothing more is coming. Without a web server nothing is gained by waiting.
 */
export class InstallDesk {
  readonly #host: InstallHost;
  readonly #orders: OrderStore;
  readonly #recorder: RunRecorder;
  /** Aborts only when this run must not touch anything any more. */
  readonly #signal: AbortSignal;
  #waiting: OrderedPair[] = [];
  #timer: AbortController | null = null;
  #turn: Promise<void> = Promise.resolve();
  #failure: { readonly error: unknown } | null = null;
  #isWithoutServer: boolean | null = null;
  #hasInstalled = false;
  #isHolding = false;

  constructor(host: InstallHost, orders: OrderStore, recorder: RunRecorder, signal: AbortSignal) {
    this.#host = host;
    this.#orders = orders;
    this.#recorder = recorder;
    this.#signal = signal;
  }

  /** Takes the pair over, and its website's lock with it. */
  hand(pair: OrderedPair): void {
    this.#waiting.push(pair);
    this.#isWithoutServer ??= this.#host.webServers().length === 0;
    if (this.#isWithoutServer || this.#waiting.length >= MAX_BATCH) this.#begin();
    else if (this.#timer === null) this.#beginLater();
  }

  /** Whether something was held back because a server's configuration was broken as found. */
  get isHolding(): boolean {
    return this.#isHolding;
  }

  /** Installs what waits; ends when all is done. @throws what a batch throws */
  async drain(): Promise<void> {
    this.#begin();
    await this.#turn;
    if (this.#failure !== null) throw this.#failure.error;
  }

  /** As `drain`; where nothing waited, loads what an earlier process published and did not live to see loaded. */
  async end(): Promise<void> {
    await this.drain();
    if (!this.#hasInstalled) await installBatch([], this.#host, this.#recorder.record, this.#signal);
  }

  #beginLater(): void {
    const timer = new AbortController();
    this.#timer = timer;
    const signal = AbortSignal.any([timer.signal, this.#signal]);
    this.#host.clock.sleep(LONGEST_WAIT_MS, signal).then(
      () => this.#begin(),
      () => undefined,
    );
  }

  #begin(): void {
    this.#timer?.abort();
    this.#timer = null;
    const batch = this.#waiting;
    this.#waiting = [];
    this.#turn = this.#turn.then(async () => {
      for (let first = 0; first < batch.length; first += MAX_BATCH) {
        await this.#install(batch.slice(first, first + MAX_BATCH));
      }
    });
  }

  /** Never rejects: the first error is kept for whoever drains the desk, and the orders stay for the next run. */
  async #install(batch: readonly OrderedPair[]): Promise<void> {
    try {
      if (this.#failure !== null) return;
      this.#hasInstalled = true;
      const members = batch.map(({ member }) => member);
      const outcomes = await installBatch(members, this.#host, this.#recorder.record, this.#signal);
      this.#isHolding = [...outcomes.values()].some(
        (outcome) => outcome.state === 'held' && outcome.code === 'CONFIG_BROKEN_BEFORE',
      );
      for (const pair of batch) {
        const outcome = outcomes.get(pair.member.website.vhost);
        if (outcome === undefined) continue;
        await concludeInstall(pair, outcome, this.#orders, this.#recorder, this.#host.clock.now());
      }
    } catch (error) {
      this.#failure ??= { error };
    } finally {
      for (const { member } of batch) await member.lock.release();
    }
  }
}
