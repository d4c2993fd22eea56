import type { DownloadedList } from '../ports/revocation.js';

/** Requests to one host that fail for want of an answer, before its others count as failed too. */
const MAX_HOST_FAILURES = 2;

type Failed = Extract<DownloadedList, { state: 'failed' }>;

/** Hosts of issuers that do not answer: nobody waits for the same one again and again. */
export class SilentHosts {
  readonly #signal: AbortSignal;
  /** By host: how many requests failed, and what the first one met. */
  readonly #silent = new Map<string, { readonly failures: number; readonly why: string }>();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** Asks, unless the host was silent before or the time for asking is over. */
  async ask<Answer extends { readonly state: string }>(
    url: string,
    ask: (signal: AbortSignal) => Promise<Answer | Failed>,
  ): Promise<Answer | Failed> {
    const { host } = new URL(url);
    const silent = this.#silent.get(host);
    if (silent !== undefined && silent.failures >= MAX_HOST_FAILURES) return failed(silent.why);
    if (this.#signal.aborted) return failed('the time for asking was over');
    const answer = await ask(this.#signal);
    if (isFailed(answer) && answer.isHostDown) {
      const { failures, why } = this.#silent.get(host) ?? { failures: 0, why: answer.why };
      this.#silent.set(host, { failures: failures + 1, why });
    }
    return answer;
  }
}

function isFailed(answer: { readonly state: string }): answer is Failed {
  return answer.state === 'failed';
}

function failed(why: string): Failed {
  return { state: 'failed', isHostDown: true, why };
}
