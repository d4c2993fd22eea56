import { AutosslError } from '../../core/domain/autossl-error.js';
import { DRAWING_BYTES } from '../../core/renewal/information/drawn-instant.js';
import {
  isCalledBack,
  type LearntRenewal,
  learnAnswer,
  learnUnoffered,
  type RenewalRecord,
  renewalKeyOf,
} from '../../core/renewal/information/renewal-record.js';
import { renewalPhaseOf } from '../../core/renewal/information/renewal-shard.js';
import type { RunEvent } from '../../core/report/events/event.js';
import { type AskedRenewals, renewalsAsked } from '../../core/report/events/renewal-events.js';
import { deadlineIn } from '../deadline.js';
import type { CertificateAuthority } from '../ports/authority.js';
import { type RenewalHost, reachedProvider } from './renewal-host.js';

/**
 * Certificates asked about in one turn: 100,000 are so within an hour when their CA calls some back, and never more than 33 a
 * second (Let's Encrypt allows 1000).
 */
export const MOST_ASKED = 10_000;
/** Requests to all CAs at once. */
const ASKED_AT_ONCE = 8;
/** No run and no turn of the poller waits longer for all of them. */
const TOTAL_TIMEOUT_MS = 3 * 60_000;
/** Failures in a row at one CA after which it is not asked again in this turn. */
const FAILURES_IN_A_ROW = 5;
/** Learnt before what is known is written: what a crash costs is asked again. */
const KEPT_AT_ONCE = 2000;

/**
 * Asks about each of these and keeps what is said. Gives the records of which there is another window than before. What cannot be
 * found out stays as it was. One that its CA calls back has the others of that CA asked about soon. @throws StateError
 */
export async function askRenewalInfo(
  records: readonly RenewalRecord[],
  host: RenewalHost,
  record: (...events: readonly RunEvent[]) => void,
  signal: AbortSignal,
): Promise<readonly RenewalRecord[]> {
  const asking = new RenewalAsking(host, AbortSignal.any([signal, deadlineIn(TOTAL_TIMEOUT_MS).signal]));
  for (let first = 0; first < Math.min(records.length, MOST_ASKED); first += KEPT_AT_ONCE) {
    const waiting = records.slice(first, Math.min(first + KEPT_AT_ONCE, MOST_ASKED));
    const workers = Array.from({ length: Math.min(ASKED_AT_ONCE, waiting.length) }, async () => {
      for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) await asking.ask(one);
    });
    await Promise.all(workers);
    await asking.keep();
  }
  for (const directoryUrl of asking.callingBack)
    await host.renewalInfo.hasten(directoryUrl, host.clock.now());
  const summary = asking.summary();
  if (summary.asked > 0) record(...renewalsAsked(summary));
  return asking.changed;
}

class RenewalAsking {
  readonly changed: RenewalRecord[] = [];
  /** Directories of CAs of whose certificates some are called back, that were not before. */
  readonly callingBack = new Set<string>();
  readonly #host: RenewalHost;
  readonly #signal: AbortSignal;
  #learnt: RenewalRecord[] = [];
  #gone: RenewalRecord[] = [];
  readonly #failures = new Map<
    string,
    { readonly inARow: number; readonly count: number; readonly why: string }
  >();
  #asked = 0;

  constructor(host: RenewalHost, signal: AbortSignal) {
    this.#host = host;
    this.#signal = signal;
  }

  async ask(record: RenewalRecord): Promise<void> {
    if (this.#signal.aborted || this.#isSilent(record)) return;
    const authority = await this.#authorityOf(record);
    if (typeof authority === 'string') {
      this.#learn(record, { state: 'lasting', retryAt: null, why: authority });
      return;
    }
    if (authority?.readRenewalInfo === undefined) {
      this.#noteUnoffered(record);
      return;
    }
    let answer: Awaited<ReturnType<NonNullable<CertificateAuthority['readRenewalInfo']>>>;
    try {
      answer = await authority.readRenewalInfo(record.certificateId, this.#signal);
    } catch (error) {
      // Told to stop, or out of time: it is asked about at the next turn.
      if (this.#signal.aborted) return;
      throw error;
    }
    if (answer.state === 'unsupported') {
      this.#noteUnoffered(record);
      return;
    }
    this.#asked += 1;
    this.#learn(record, answer);
  }

  /** What was learnt since the last time. @throws StateError */
  async keep(): Promise<void> {
    const { renewalInfo } = this.#host;
    const [learnt, gone] = [this.#learnt, this.#gone];
    this.#learnt = [];
    this.#gone = [];
    await renewalInfo.keep(learnt);
    await renewalInfo.forget(gone);
  }

  summary(): AskedRenewals {
    const failed = [...this.#failures].filter(([, { count }]) => count > 0);
    return {
      asked: this.#asked,
      changed: this.changed.length,
      calledBack: this.changed.filter(({ info }) => info !== null && isCalledBack(info)).length,
      failed: failed.map(([directoryUrl, { count, why }]) => ({ directoryUrl, count, why })),
    };
  }

  #learn(record: RenewalRecord, answer: Parameters<typeof learnAnswer>[1]): void {
    const { random, clock } = this.#host;
    const phase = renewalPhaseOf(renewalKeyOf(record));
    this.#note(learnAnswer(record, answer, phase, random.bytes(DRAWING_BYTES), clock.now()));
  }

  #noteUnoffered(record: RenewalRecord): void {
    const kept = learnUnoffered(record, renewalPhaseOf(renewalKeyOf(record)), this.#host.clock.now());
    if (kept === null) this.#gone.push(record);
    else this.#learnt.push(kept);
  }

  #note({ record, isNewWindow, fault, isItsOwnFault }: LearntRenewal): void {
    this.#learnt.push(record);
    const { directoryUrl } = record;
    const before = this.#failures.get(directoryUrl) ?? { inARow: 0, count: 0, why: '' };
    const after = fault === null ? before : { ...before, count: before.count + 1, why: fault };
    // Whatever it says of one certificate, the CA answers.
    const inARow = fault === null || isItsOwnFault ? 0 : before.inARow + 1;
    this.#failures.set(directoryUrl, { ...after, inARow });
    if (!isNewWindow || record.info === null) return;
    this.changed.push(record);
    if (isCalledBack(record.info)) this.callingBack.add(directoryUrl);
  }

  #isSilent({ directoryUrl }: RenewalRecord): boolean {
    return (this.#failures.get(directoryUrl)?.inARow ?? 0) >= FAILURES_IN_A_ROW;
  }

  /** Undefined: nobody is left to be asked; a clause: it cannot be opened with what the settings say. */
  async #authorityOf(record: RenewalRecord): Promise<CertificateAuthority | string | undefined> {
    const provider = reachedProvider(record, this.#host);
    if (provider === undefined) return undefined;
    try {
      return await this.#host.openAuthority(provider);
    } catch (error) {
      if (error instanceof AutosslError) return error.message;
      throw error;
    }
  }
}
