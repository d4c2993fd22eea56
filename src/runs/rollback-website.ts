import type { CertificateEvidence } from '../core/certificate/facts.js';
import { StateError, UsageError } from '../core/domain/autossl-error.js';
import { type DomainName, quoteForMessage, type WildcardName } from '../core/domain/name/names.js';
import type { Website } from '../core/domain/website/website.js';
import { judgeReorder } from '../core/order/reorder.js';
import { chooseFormer } from '../core/plan/former-choice.js';
import { EXIT } from '../core/report/check/exit-code.js';
import type { RunEvent } from '../core/report/events/event.js';
import {
  type CertificateWords,
  type FormerList,
  type RollbackReport,
  SHOWN_DIGITS,
} from '../core/report/rollback/rollback-report.js';
import { rollbackWarnings } from '../core/report/rollback/rollback-warnings.js';
import { counted } from '../core/report/text/wording.js';
import { installBatch } from './install/install-batch.js';
import type { InstallHost, InstallOutcome } from './install/install-ports.js';
import { servedRecordOf } from './install/served-record.js';
import { type JudgingHost, judgeWebsite } from './judging/judge-website.js';
import { pendingOrders } from './order/pending-orders.js';
import type { AccountDirectory } from './ports/accounts.js';
import type { ArchivedSet, CertificateStore, FormerSets } from './ports/certificates.js';
import type { HeldLock, LockKeeper } from './ports/locks.js';
import type { OrderStore } from './ports/orders.js';

type HostName = DomainName | WildcardName;

/** What going back to a former certificate needs of the world. */
export interface RollbackHost extends JudgingHost {
  /** Null on a server that has no accounts yet. */
  readonly accounts: AccountDirectory | null;
  readonly certificates: CertificateStore & FormerSets;
  readonly locks: LockKeeper;
  readonly orders: OrderStore;
  /** What a set would be if it lay in place. */
  evidenceOf(set: ArchivedSet): CertificateEvidence;
  openInstall(): Promise<InstallHost>;
}

export interface RollbackRequest {
  readonly vhost: HostName;
  /** The beginning of a fingerprint, parsed; null = the newest. */
  readonly to: string | null;
}

/** @throws UsageError BAD_ARGUMENT without such a website; StateError TREE_UNREADABLE */
export async function listFormerSets(vhost: HostName, host: RollbackHost): Promise<FormerList> {
  const website = await findWebsite(vhost, host.accounts);
  const former = await host.certificates.listArchived(website);
  return {
    schemaVersion: 1,
    account: website.account,
    website: vhost,
    present: presentWords(await host.certificates.gatherEvidence(website)),
    former: former.map((set) => ({ ...wordsOf(set), archivedAt: set.archivedAt.toISOString() })),
  };
}

/**
 * Puts a former certificate of a website in place of the present one, by the same transaction as a new one; the present
 * one is archived. `warn` is told what speaks against it before anything is touched, `record` what happens to servers.
 * @throws UsageError BAD_ARGUMENT (no such website or fingerprint); StateError NOTHING_ARCHIVED, LOCKED, TREE_UNREADABLE
 */
export async function rollBackWebsite(
  request: RollbackRequest,
  host: RollbackHost,
  warn: (warning: string) => void,
  record: (...events: readonly RunEvent[]) => void,
  signal: AbortSignal,
): Promise<RollbackReport> {
  const website = await findWebsite(request.vhost, host.accounts);
  const lock = await host.locks.tryAcquire(`website:${website.vhost}`, 'autossl rollback');
  if ('heldBy' in lock) {
    const { pid, note } = lock.heldBy;
    throw new StateError('LOCKED', `process ${pid} works on ${website.vhost} (${note}): try again later`);
  }
  try {
    return await new Rollback(website, lock, host).run(request.to, warn, record, signal);
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
    throw new StateError('LOCKED', 'it was stopped while another installation was waited for', {
      advice: 'Nothing was changed.',
    });
  } finally {
    await lock.release();
  }
}

class Rollback {
  readonly #website: Website;
  readonly #lock: HeldLock;
  readonly #host: RollbackHost;

  constructor(website: Website, lock: HeldLock, host: RollbackHost) {
    this.#website = website;
    this.#lock = lock;
    this.#host = host;
  }

  async run(
    to: string | null,
    warn: (warning: string) => void,
    record: (...events: readonly RunEvent[]) => void,
    signal: AbortSignal,
  ): Promise<RollbackReport> {
    const former = await this.#choose(to);
    const was = await this.#present();
    const warnings = await this.#warnings(former);
    for (const warning of warnings) warn(warning);
    const { account, vhost } = this.#website;
    const leaf = { fingerprint: former.fingerprint, notAfter: former.notAfter, dnsNames: former.names };
    const wanted = this.#website.candidates.map(({ name }) => name);
    const { keyPem, chainPem } = former;
    const member = { website: { account, vhost }, keyPem, chainPem, leaf, wanted, lock: this.#lock };
    const outcomes = await installBatch([member], await this.#host.openInstall(), record, signal);
    const outcome = outcomes.get(vhost) ?? NOT_CONCLUDED;
    const proof = 'proof' in outcome ? outcome.proof : null;
    const now = this.#host.clock.now();
    return {
      schemaVersion: 1,
      exitCode: outcome.state === 'served' || outcome.state === 'published' ? EXIT.done : EXIT.failed,
      account,
      website: vhost,
      was,
      former: wordsOf(former),
      is: await this.#present(),
      outcome: outcome.state,
      ...reasonOf(outcome),
      served: proof === null ? null : servedRecordOf(member.website, wanted, leaf, proof, now).served,
      warnings,
    };
  }

  async #choose(to: string | null): Promise<ArchivedSet> {
    const kept = await this.#host.certificates.listArchived(this.#website);
    const choice = chooseFormer(kept, to);
    if ('former' in choice) return choice.former;
    const { vhost } = this.#website;
    const present = to === null ? null : await this.#present();
    if (to !== null && present?.fingerprint.startsWith(to) === true)
      throw new UsageError('BAD_ARGUMENT', `the certificate ${to} of ${vhost} lies in place already`);
    if (choice.why === 'NOTHING_KEPT') {
      throw new StateError('NOTHING_ARCHIVED', `no former certificate of ${vhost} is kept`, {
        advice: 'Kept are at most three, until they expire; self-signed ones are not offered.',
      });
    }
    const offered = kept.map(({ fingerprint }) => fingerprint.slice(0, SHOWN_DIGITS)).join(', ');
    const what = choice.why === 'NO_MATCH' ? 'no former certificate begins' : 'several begin';
    throw new UsageError('BAD_ARGUMENT', `of those kept for ${vhost} ${what} with ${to}`, {
      advice: `There are: ${offered}.`,
    });
  }

  /** What would be found and done if the former set lay in place already. */
  async #warnings(former: ArchivedSet): Promise<readonly string[]> {
    const host = this.#host;
    const options = { isReissueAsked: false, pending: new Map() };
    const present = await judgeWebsite(this.#website, options, host);
    const judged = await judgeWebsite(this.#website, options, {
      clock: host.clock,
      issued: host.issued,
      evaluate: host.evaluate,
      settings: host.settings,
      certificates: { gatherEvidence: async () => host.evidenceOf(former) },
      ...(host.wildcardAbility === undefined ? {} : { wildcardAbility: host.wildcardAbility }),
    });
    const { action } = judged;
    const because = action.because.map(({ code }) => code);
    const { notAfter, securedNames } = present.evaluation;
    return rollbackWarnings({
      former: { notAfter: former.notAfter, secured: judged.evaluation.securedNames },
      present: notAfter === null ? null : { notAfter, secured: securedNames },
      order: (await pendingOrders(host)).get(this.#website.vhost) ?? null,
      action,
      reorder: judgeReorder(judged.issued, { names: action.names, because }, host.clock.now()),
    });
  }

  async #present(): Promise<CertificateWords | null> {
    return presentWords(await this.#host.certificates.gatherEvidence(this.#website));
  }
}

/** A transaction says something of each of its members. */
const NOT_CONCLUDED: InstallOutcome = {
  state: 'held',
  code: 'PUBLISH_FAILED',
  why: 'the installation ended without a word about it',
  advice: '',
};

function reasonOf(outcome: InstallOutcome): Pick<RollbackReport, 'code' | 'message' | 'advice'> {
  if (outcome.state === 'held' || outcome.state === 'restored') {
    // The transaction's own advice is for orders: nobody tries this again.
    const advice = 'When that is mended, give the command again.';
    return { code: outcome.code, message: outcome.why, advice };
  }
  const verdict = outcome.proof?.verdict;
  if (verdict === undefined || verdict.served) return { code: null, message: null, advice: null };
  return { code: verdict.code, message: verdict.message, advice: verdict.advice };
}

function presentWords(evidence: CertificateEvidence): CertificateWords | null {
  if (evidence.kind !== 'present') return null;
  const { fingerprint, dnsNames, notAfter } = evidence.leaf;
  return wordsOf({ fingerprint, names: dnsNames, notAfter });
}

function wordsOf(certificate: Pick<ArchivedSet, 'fingerprint' | 'names' | 'notAfter'>): CertificateWords {
  const { fingerprint, names, notAfter } = certificate;
  return { fingerprint, names, notAfter: notAfter.toISOString() };
}

/** The website of that name, whosever it is. */
async function findWebsite(vhost: HostName, accounts: AccountDirectory | null): Promise<Website> {
  let unread = 0;
  let asAlias: Website | undefined;
  for await (const inventory of accounts?.readAll() ?? []) {
    if (inventory.state === 'broken') unread += 1;
    if (inventory.state !== 'ready') continue;
    for (const website of inventory.websites) {
      if (website.vhost === vhost) return website;
      if (website.candidates.some(({ name }) => name === vhost)) asAlias ??= website;
    }
  }
  const limits =
    unread === 0 ? '' : `, as far as can be read: ${counted(unread, 'account is', 'accounts are')} broken`;
  throw new UsageError('BAD_ARGUMENT', `no account has a website ${quoteForMessage(vhost)}${limits}`, {
    advice:
      asAlias === undefined
        ? 'What no account has is not touched; accounts that are suspended are not looked at.'
        : `It is a name of the website ${asAlias.vhost}.`,
  });
}
