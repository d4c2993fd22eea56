import type { Clock } from '../ports/clock.js';

/**
 * How long a website whose names are ready lets earlier ones go first that are still being looked at. What answers does so
 * within this; what does not is waited for ten seconds and more, and holds nobody up.
 */
const COURTESY_MS = 2000;

type Place = number;

/** Whose turn it is to order: at most so many at a time, in the order of work as far as that costs no waiting for dead servers. */
export class OrderTurns {
  readonly #concurrency: number;
  readonly #clock: Clock;
  /** Websites being looked at, and since when. */
  readonly #lookedAt = new Map<Place, Date>();
  readonly #waiting = new Map<Place, () => void>();
  /** Waiting ones that have been courteous for long enough. */
  readonly #impatient = new Set<Place>();
  #running = 0;
  #alarm: AbortController | null = null;

  constructor(concurrency: number, clock: Clock) {
    this.#concurrency = concurrency;
    this.#clock = clock;
  }

  /** Does all the work on the website at this place of the order of work; `order` inside of it waits for its turn. */
  async work(
    place: Place,
    task: (order: (task: () => Promise<void>) => Promise<void>) => Promise<void>,
  ): Promise<void> {
    this.#lookedAt.set(place, this.#clock.now());
    try {
      await task((ordering) => this.#inTurn(place, ordering));
    } finally {
      this.#lookedAt.delete(place);
      this.#next();
    }
  }

  async #inTurn(place: Place, task: () => Promise<void>): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#lookedAt.delete(place);
      this.#waiting.set(place, resolve);
      this.#next();
    });
    try {
      await task();
    } finally {
      this.#running -= 1;
      this.#next();
    }
  }

  #next(): void {
    this.#alarm?.abort();
    this.#alarm = null;
    while (this.#running < this.#concurrency && this.#waiting.size > 0) {
      const place = Math.min(...this.#waiting.keys());
      const courtesyMs = this.#courtesyOf(place);
      if (courtesyMs > 0) {
        this.#wakeUp(place, courtesyMs);
        return;
      }
      const start = this.#waiting.get(place);
      this.#waiting.delete(place);
      this.#running += 1;
      start?.();
    }
  }

  /** How long the website at this place still waits for earlier ones that are being looked at. */
  #courtesyOf(place: Place): number {
    if (this.#impatient.has(place)) return 0;
    const now = this.#clock.now().getTime();
    const earlier = [...this.#lookedAt].filter(([other]) => other < place);
    return Math.max(0, ...earlier.map(([, since]) => since.getTime() + COURTESY_MS - now));
  }

  #wakeUp(place: Place, ms: number): void {
    const alarm = new AbortController();
    this.#alarm = alarm;
    const rouse = (): void => {
      this.#impatient.add(place);
      this.#next();
    };
    // Aborted: somebody's turn came before.
    this.#clock.sleep(ms, alarm.signal).then(rouse, () => undefined);
  }
}
