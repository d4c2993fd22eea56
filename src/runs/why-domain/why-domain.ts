import { isServersOwn } from '../../core/domain/account/hostname-owner.js';
import { coversName } from '../../core/domain/name/coverage.js';
import type { DomainName, WildcardName } from '../../core/domain/name/names.js';
import type { Website } from '../../core/domain/website/website.js';
import { plannedExemption } from '../../core/order/limits/planned-exemption.js';
import { type Exemption, NO_PUBLISHED_LIMITS } from '../../core/order/limits/published-limits.js';
import { isRolledBack } from '../../core/plan/rolled-back.js';
import type { ListedProblem } from '../../core/report/problems/problem-table.js';
import { faultFrom, type ListFault } from '../../core/report/status/website-list.js';
import { unreadableStatus, websiteStatus } from '../../core/report/status/website-status.js';
import type { CaaSight } from '../../core/report/why/caa-sight.js';
import { type NameHolding, NameSearch } from '../../core/report/why/name-holding.js';
import type { NameSight } from '../../core/report/why/name-sight.js';
import type { WebsiteFacts, WhyFacts } from '../../core/report/why/why-facts.js';
import { type WhyReport, whyReport } from '../../core/report/why/why-report.js';
import { judgeWebsite } from '../judging/judge-website.js';
import { listed } from '../list-problems.js';
import { accountLimitsOf } from '../order/account-limits.js';
import { loadDomainOf } from '../order/order-brake.js';
import { pendingOrdersIn } from '../order/pending-orders.js';
import type { IssuedRecord } from '../ports/orders.js';
import { knownProblem } from '../website-status.js';
import { lookAtName } from './look-at-name.js';
import type { WhyHost } from './why-host.js';

type AskedName = DomainName | WildcardName;

export interface WhyQuestion {
  readonly name: AskedName;
  /** Also look at DNS and the web servers; else only records are read. */
  readonly isLookAsked: boolean;
  readonly signal: AbortSignal;
}

/**
 * Why a name is secured or not: everything that is recorded of it and, where asked for, what is seen now. No lock is
 * taken and nothing of ours is written. @throws StateError TREE_UNREADABLE
 */
export async function whyDomain(question: WhyQuestion, host: WhyHost): Promise<WhyReport> {
  const { name } = question;
  const holding = await findName(name, host);
  const reader = new NameReader(name, host);
  const website = 'website' in holding ? await reader.readWebsite(holding) : null;
  const exclusion =
    holding.kind === 'excluded' ? await host.readExclusion(holding.website.account, name) : null;
  const { sight, caa } = await look(question, holding, host);
  const now = host.clock.now();
  const schedule = await host.readSchedule(now);
  const facts: WhyFacts = {
    ...{ name, holding, website, exclusion, sight, caa, schedule },
    provider: host.used,
    faults: reader.faults,
  };
  return whyReport(facts, now);
}

async function findName(name: AskedName, { accounts, hostname }: WhyHost): Promise<NameHolding> {
  const search = new NameSearch(name);
  if (accounts !== null) for await (const inventory of accounts.readAll()) search.meet(inventory);
  return search.result(hostname);
}

/** Why nothing is tried for names of this kind: a CA would not be asked for them. */
const NOT_TRIED: Readonly<Record<Exclude<NameHolding['kind'], 'wanted'>, string | null>> = {
  excluded: 'it is excluded',
  'not-wanted': 'it is not wanted',
  covered: 'it is left to the wildcard',
  skipped: null,
  broken: null,
  hostname: null,
  nobody: null,
};

async function look(
  { name, isLookAsked, signal }: WhyQuestion,
  holding: NameHolding,
  { view, provider, accounts }: WhyHost,
): Promise<{ readonly sight: NameSight; readonly caa: CaaSight | null }> {
  if (!isLookAsked) {
    return { sight: { state: 'not-looked', why: 'it was not asked for', isOurFault: false }, caa: null };
  }
  const isWanted = holding.kind === 'wanted';
  const whyNot = isWanted ? null : NOT_TRIED[holding.kind];
  const sight = await lookAtName(name, isWanted ? holding.website : null, whyNot, view, signal, accounts);
  if (!isWanted || view.caa === undefined || provider === null || signal.aborted) return { sight, caa: null };
  const method = sight.state === 'looked' && sight.outcome?.passed === true ? sight.method : null;
  return { sight, caa: await orStopped(view.caa.look(name, holding.website, method, signal), signal) };
}

/** Whoever was told to stop tells what is known. */
async function orStopped<T>(task: Promise<T>, signal: AbortSignal): Promise<T | null> {
  try {
    return await task;
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  }
}

/** Where there is no provider. */
const NOTHING_TO_SPEND = { newOrders: 0, published: NO_PUBLISHED_LIMITS };

/** Reads what is recorded of a name and its website; what cannot be read is kept as a fault. */
class NameReader {
  readonly faults: ListFault[] = [];
  readonly #name: AskedName;
  readonly #host: WhyHost;

  constructor(name: AskedName, host: WhyHost) {
    this.#name = name;
    this.#host = host;
  }

  async readWebsite(holding: Extract<NameHolding, { website: Website }>): Promise<WebsiteFacts> {
    const host = this.#host;
    const { website } = holding;
    const problems = await this.#problemsOf(website);
    const { provider, settings } = host;
    const records = {
      problems,
      memory: (await this.#orNull(() => host.names.read(this.#name))) ?? null,
      ledger: provider === null ? null : await this.#orNull(() => host.ledger.read(provider.name)),
      limits: provider === null ? NOTHING_TO_SPEND : accountLimitsOf(provider, host),
      asked: { name: this.#name, domain: (await loadDomainOf())(this.#name) },
      due: host.due.read().websites.find(({ vhost }) => vhost === website.vhost) ?? null,
      preflight: settings.preflight,
    };
    return { ...records, ...(await this.#judged(holding, problems)) };
  }

  async #judged(
    { website, kind }: Extract<NameHolding, { website: Website }>,
    problems: readonly ListedProblem[],
  ): Promise<
    Omit<WebsiteFacts, 'problems' | 'memory' | 'ledger' | 'limits' | 'asked' | 'due' | 'preflight'>
  > {
    const host = this.#host;
    const certificate = host.certificatePath(website.vhost);
    const known = problems.map(knownProblem);
    try {
      const pending = pendingOrdersIn(await host.orders.list());
      const judged = await judgeWebsite(website, { isReissueAsked: false, pending }, host);
      const served = (await host.served.read(website.vhost)) ?? null;
      const order = pending.get(website.vhost) ?? null;
      const input = { ...judged, website, certificate, problems: known, served, order };
      const { evidence, evaluation, replacement, action, issued } = judged;
      const covers = evidence.kind === 'present' && coversName(evidence.leaf, this.#name);
      const ours = issued.filter((record) => !isServersOwn(record));
      const isReplaceable = replacement.allowed || kind !== 'wanted';
      return {
        status: websiteStatus(input, host.clock.now()),
        isCovered: covers && evaluation.tlsStatus !== 'defective',
        renewal: evaluation.renewal,
        action,
        securedNames: evaluation.securedNames,
        leftAloneBecause: isReplaceable ? null : replacement.because.message,
        isRolledBack: isRolledBack(evaluation, issued, host.clock.now()),
        issued: ours,
        exemption: await this.#exemptionOf(action.names, evaluation.fingerprint, ours),
      };
    } catch (error) {
      return {
        status: unreadableStatus(website, certificate, known, faultFrom(error)),
        isCovered: false,
        renewal: null,
        action: null,
        securedNames: [],
        leftAloneBecause: null,
        isRolledBack: false,
        issued: [],
        exemption: null,
      };
    }
  }

  async #exemptionOf(
    names: readonly string[],
    inPlace: string | null,
    issued: readonly IssuedRecord[],
  ): Promise<Exemption | null> {
    const { provider } = this.#host;
    if (provider === null) return null;
    const account = await this.#orNull(() => this.#host.replacingAccount());
    const at = { provider: provider.name, published: provider.limits, account };
    return plannedExemption({ names, inPlace }, issued, at);
  }

  async #problemsOf({ account, vhost }: Website): Promise<readonly ListedProblem[]> {
    const records = (await this.#orNull(() => this.#host.problems.read(account))) ?? [];
    const own = records.filter((record) => record.vhost === vhost);
    return Promise.all(own.map((record) => listed(account, record, this.#host.logs)));
  }

  async #orNull<T>(read: () => Promise<T>): Promise<T | null> {
    try {
      return await read();
    } catch (error) {
      this.faults.push(faultFrom(error));
      return null;
    }
  }
}
