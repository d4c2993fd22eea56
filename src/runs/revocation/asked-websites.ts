import type { CertificateEvidence } from '../../core/certificate/facts.js';
import { type AccountName, parseAccountName } from '../../core/domain/account/account-name.js';
import type { WebsiteRef } from '../../core/domain/website/website.js';
import type { Evaluation } from '../../core/evaluation/evaluation.js';
import type { RunEvent } from '../../core/report/events/event.js';
import { askIssuers } from './ask-issuers.js';
import { ListQuestions } from './list-questions.js';
import type { RevocationHost } from './revocation-host.js';

/** A website whose certificate an issuer is asked about. */
export interface AskedWebsite extends WebsiteRef {
  readonly fingerprint: string;
  /** It stands in our records. */
  readonly isRecorded: boolean;
}

/** The websites whose certificates issuers are asked about: those of ours, for nobody else's is replaced for being revoked. */
export class AskedWebsites {
  readonly #questions = new ListQuestions();
  readonly #websites: AskedWebsite[] = [];

  add(
    { account, vhost }: WebsiteRef,
    judged: {
      readonly evidence: CertificateEvidence;
      readonly evaluation: Evaluation;
      readonly isRecorded: boolean;
    },
    now: Date,
  ): void {
    const { evidence, evaluation, isRecorded } = judged;
    const { fingerprint, ownership } = evaluation;
    if (ownership !== 'ours' || fingerprint === null) return;
    if (this.#questions.add(evidence, evaluation, now)) {
      this.#websites.push({ account, vhost, fingerprint, isRecorded });
    }
  }

  /** Asks each list once about all its certificates. Gives the websites of whose certificate something else is known than before. */
  async ask(
    host: RevocationHost,
    record: (...events: readonly RunEvent[]) => void,
    signal: AbortSignal,
  ): Promise<readonly AskedWebsite[]> {
    const changed = await askIssuers(this.#questions, host, record, signal);
    return changed.size === 0 ? [] : this.#websites.filter(({ fingerprint }) => changed.has(fingerprint));
  }
}

/** Names of websites by the account that has them. */
export function vhostsByAccount(
  websites: readonly WebsiteRef[],
): ReadonlyMap<AccountName, ReadonlySet<string>> {
  const vhosts = new Map<AccountName, Set<string>>();
  for (const { account, vhost } of websites) {
    const name = parseAccountName(account);
    vhosts.set(name, (vhosts.get(name) ?? new Set()).add(vhost));
  }
  return vhosts;
}
