import type { Website } from '../../core/domain/website/website.js';
import type { Evaluation } from '../../core/evaluation/evaluation.js';
import { isAskingDue } from '../../core/renewal/information/asking-time.js';
import { type RenewalRecord, renewalKeyOf } from '../../core/renewal/information/renewal-record.js';
import type { RunEvent } from '../../core/report/events/event.js';
import type { IssuedRecord } from '../ports/orders.js';
import { askTold, newRenewalRecord, noteAll } from './noted-certificates.js';
import { askedProvider, type RenewalHost } from './renewal-host.js';

/** Certificates of the websites that a survey meets which are to be asked about now: those that never were, and those that are due. */
export class RenewalQuestions {
  readonly #host: RenewalHost;
  /** By website: one may be looked at twice. */
  readonly #records = new Map<string, RenewalRecord>();
  #unknown = 0;
  /** By provider and directory: asked of thousands of websites. */
  readonly #isAsked = new Map<string, boolean>();

  constructor(host: RenewalHost) {
    this.#host = host;
  }

  add(
    website: Website,
    { ownership, fingerprint }: Pick<Evaluation, 'ownership' | 'fingerprint'>,
    issued: readonly IssuedRecord[],
    now: Date,
  ): void {
    if (ownership !== 'ours') return;
    const record = issued.find((one) => one.fingerprint === fingerprint);
    if (record === undefined || record.ariCertificateId === null) return;
    const { account, vhost } = website;
    const key = renewalKeyOf({ account, vhost, certificateId: record.ariCertificateId });
    const known = this.#host.renewalInfo.of(key, record.ariCertificateId);
    if (known !== null) {
      if (isAskingDue(known.askAt, now)) this.#records.set(key, known);
      return;
    }
    if (!this.#mayBeAsked(record)) return;
    const fresh = newRenewalRecord({ ...record, account, vhost }, this.#host);
    if (fresh === null) return;
    this.#unknown += 1;
    this.#records.set(key, fresh);
  }

  /** Gives the websites of whose certificates there is another window than before. */
  async ask(
    record: (...events: readonly RunEvent[]) => void,
    signal: AbortSignal,
  ): Promise<readonly RenewalRecord[]> {
    const records = [...this.#records.values()];
    // Those that are left over today are asked about by the poller.
    if (this.#unknown > 0) await noteAll(records, this.#host);
    return await askTold(records, this.#host, record, signal);
  }

  #mayBeAsked(record: IssuedRecord): boolean {
    const key = `${record.provider} ${record.directoryUrl}`;
    const known = this.#isAsked.get(key) ?? askedProvider(record, this.#host) !== undefined;
    this.#isAsked.set(key, known);
    return known;
  }
}
