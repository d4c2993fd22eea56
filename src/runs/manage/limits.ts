import { isServersOwn } from '../../core/domain/account/hostname-owner.js';
import { printable } from '../../core/domain/name/names.js';
import type { Website } from '../../core/domain/website/website.js';
import {
  rateOf,
  type AccountLimits as SpendingLimits,
  spentDomains,
  standingIn,
} from '../../core/order/limits/buckets.js';
import { type CertifiedSet, spentSets } from '../../core/order/limits/exact-sets.js';
import { stopsNow } from '../../core/order/limits/limit-stop.js';
import { judgeAccount } from '../../core/order/limits/order-budget.js';
import { outageSince } from '../../core/order/limits/outage.js';
import { costOf } from '../../core/order/limits/planned-cost.js';
import { plannedExemption, type ReplacingAccount } from '../../core/order/limits/planned-exemption.js';
import { failuresOf, judgeNameAttempt } from '../../core/order/name-attempt.js';
import type { NameRecord } from '../../core/order/name-record.js';
import type { OrderRecord } from '../../core/order/record.js';
import { isLongAgo } from '../../core/order/reorder.js';
import { isRolledBack } from '../../core/plan/rolled-back.js';
import { faultFrom, type ListFault } from '../../core/report/status/website-list.js';
import type {
  AccountLimits,
  FailedNameLimit,
  Limits,
  NameLimits,
  PlannedCost,
  SetLimit,
  WebsiteLimit,
} from '../../core/report/tables/limits-table.js';
import { brakeLimit } from '../../core/report/why/limits.js';
import type { JudgedWebsite, JudgingHost } from '../judging/judge-website.js';
import { loadDomainOf } from '../order/order-brake.js';
import { pendingOrdersIn } from '../order/pending-orders.js';
import type { AccountDirectory } from '../ports/accounts.js';
import type { IssuedRecord, OrderStore } from '../ports/orders.js';
import type { Ledger, ProblemRecord, ProblemStore } from '../ports/records.js';

/** What telling the limits reads. */
export interface LimitsHost extends Pick<JudgingHost, 'clock' | 'issued'> {
  /** Null on a server that has no accounts yet. */
  readonly accounts: AccountDirectory | null;
  readonly orders: Pick<OrderStore, 'list'>;
  readonly problems: Pick<ProblemStore, 'read'>;
  readonly ledger: Pick<Ledger, 'read'> & {
    /** Where something was spent. @throws StateError TREE_UNREADABLE */
    providers(): Promise<readonly string[]>;
  };
  /** Every retry memory; null for one that cannot be read. */
  listNames(): AsyncIterable<NameRecord | null>;
  /** Name of the active provider; null = none. */
  readonly provider: string | null;
  /** Our account at the active provider, where its orders say what they replace; null: they do not. @throws StateError */
  replacingAccount(): Promise<ReplacingAccount | null>;
  /** What may be spent at a provider. */
  limitsOf(provider: string): SpendingLimits;
  /** What the few websites are judged by that got a certificate lately. @throws ConfigurationError */
  openJudging(): Promise<JudgingHost>;
}

/**
 * What the brakes hold back now (design 5.18), and where `isPlanAsked` what the next run would cost, for which every website is
 * looked at. Locks and writes nothing. @throws StateError TREE_UNREADABLE
 */
export async function readLimits(
  host: LimitsHost,
  { isPlanAsked = false }: { readonly isPlanAsked?: boolean } = {},
): Promise<Limits> {
  const reader = new LimitsReader(host, isPlanAsked);
  const accounts = await reader.accounts();
  const names = await reader.names();
  const websites = await reader.websites();
  return {
    schemaVersion: 1,
    at: host.clock.now().toISOString(),
    accounts,
    names,
    sets: reader.sets(),
    websites,
    plan: await reader.plan(),
    faults: reader.faults,
  };
}

/** An order of the planned run. */
interface PlannedWork {
  readonly names: readonly string[];
  /** Fingerprint of what lies there; null: nothing. */
  readonly inPlace: string | null;
  readonly issued: readonly IssuedRecord[];
}

/** No CA counts certificates of one set for longer, in ms. */
const SETS_SPAN_MS = 7 * 86_400_000;

type Judge = (website: Website, pending: ReadonlyMap<string, OrderRecord>) => Promise<JudgedWebsite>;

class LimitsReader {
  readonly faults: ListFault[] = [];
  readonly #host: LimitsHost;
  readonly #isPlanAsked: boolean;
  readonly #failedBefore = new Set<string>();
  readonly #planned: PlannedWork[] = [];
  readonly #issuedLately = new Map<string, CertifiedSet>();
  #judge: Judge | null = null;

  constructor(host: LimitsHost, isPlanAsked: boolean) {
    this.#host = host;
    this.#isPlanAsked = isPlanAsked;
  }

  async accounts(): Promise<readonly AccountLimits[]> {
    const { provider: active, ledger } = this.#host;
    const known = await ledger.providers();
    const providers = new Set([...(active === null ? [] : [active]), ...known]);
    const limits: AccountLimits[] = [];
    for (const provider of providers) {
      const found = await this.#orFault(() => this.#accountLimits(provider));
      if (found !== null) limits.push(found);
    }
    return limits;
  }

  async #accountLimits(provider: string): Promise<AccountLimits> {
    const now = this.#host.clock.now();
    const record = await this.#host.ledger.read(provider);
    const limits = this.#host.limitsOf(provider);
    const outage = outageSince(record, now);
    const verdict = judgeAccount(record, now, limits);
    const isStopped = !verdict.mayOrder && verdict.because === 'STOPPED_BY_CA';
    // A share that is spent as well says when orders go on only after the stop.
    const opens = isStopped ? judgeAccount({ ...record, stoppedUntil: null }, now, limits) : verdict;
    const share = standingIn(record, 'new-orders', limits, now);
    const failedBefore = standingIn(record, 'failed-before', limits, now);
    return {
      provider: printable(provider),
      isActive: provider === this.#host.provider,
      newOrders: share === null ? 0 : Math.max(0, limits.newOrders - share.left),
      cap: share === null ? null : limits.newOrders,
      left: share?.left ?? null,
      opensAt: opens.mayOrder ? null : opens.until.toISOString(),
      fullAt: share?.fullAt?.toISOString() ?? null,
      failedBefore:
        failedBefore === null
          ? null
          : { left: failedBefore.left, cap: rateOf('failed-before', limits)?.capacity ?? 0 },
      domains: spentDomains(record, limits, now).map(({ domain, standing, cap }) => ({
        domain: printable(domain),
        left: standing.left,
        cap,
        opensAt: standing.opensAt?.toISOString() ?? null,
      })),
      stops: stopsNow(record, now).map(({ scope, key, until, because, unpauseUrl }) => ({
        scope,
        key: printable(key),
        until,
        because: printable(because),
        unpauseUrl: unpauseUrl === null ? null : printable(unpauseUrl),
      })),
      stoppedUntil: isStopped ? verdict.until.toISOString() : null,
      stoppedBecause: isStopped ? printable(record.stoppedBecause ?? '') : null,
      downSince: outage?.toISOString() ?? null,
      downBecause: outage === null || record.downBecause == null ? null : printable(record.downBecause),
    };
  }

  /** What the websites that were looked at would cost. */
  async plan(): Promise<PlannedCost | null> {
    const { provider, ledger, clock } = this.#host;
    if (!this.#isPlanAsked || provider === null) return null;
    const record = await this.#orFault(() => ledger.read(provider));
    if (record === null) return null;
    const limits = this.#host.limitsOf(provider);
    const account = await this.#orFault(() => this.#host.replacingAccount());
    const at = { provider, published: limits.published, account };
    const domainOf = await loadDomainOf();
    const orders = this.#planned.map(({ names, inPlace, issued }) => ({
      domains: [...new Set(names.map(domainOf))],
      isExempt: plannedExemption({ names, inPlace }, issued, at) !== null,
      hasFailedBefore: names.some((name) => this.#failedBefore.has(name)),
    }));
    return { provider: printable(provider), ...costOf(orders, record, limits, clock.now()) };
  }

  async names(): Promise<NameLimits> {
    const now = this.#host.clock.now();
    const counts = { HOURLY_LIMIT: 0, BACKOFF: 0 };
    let first: Date | null = null;
    let unread = 0;
    const failed: FailedNameLimit[] = [];
    for await (const record of this.#host.listNames()) {
      if (record === null) unread += 1;
      if (record !== null && record.consecutiveFailures > 0) this.#failedBefore.add(record.name);
      if (record !== null) failed.push(...failedNameLimit(record, now));
      const verdict = judgeNameAttempt(record ?? undefined, now);
      if (verdict.mayTry) continue;
      counts[verdict.because] += 1;
      if (first === null || verdict.until < first) first = verdict.until;
    }
    if (unread > 0) {
      const message = `${unread} of the records in names/ cannot be read`;
      this.faults.push({ code: 'CORRUPT_RECORD', message, advice: 'See: autossl why NAME' });
    }
    return {
      hourlyLimit: counts.HOURLY_LIMIT,
      backoff: counts.BACKOFF,
      firstAt: first?.toISOString() ?? null,
      failed: failed.sort((a, b) => a.left - b.left || (a.name < b.name ? -1 : 1)),
    };
  }

  /** Of the websites that were looked at: whatever was issued within a week is among them. */
  sets(): readonly SetLimit[] {
    const { clock } = this.#host;
    const limitsOf = (provider: string) => this.#host.limitsOf(provider).published;
    return spentSets(this.#issuedLately.values(), limitsOf, clock.now()).map(
      ({ provider, names, standing, cap }) => ({
        provider: printable(provider),
        names: names.map((name) => printable(name)),
        left: standing.left,
        cap,
        opensAt: standing.opensAt?.toISOString() ?? null,
        fullAt: standing.fullAt?.toISOString() ?? null,
      }),
    );
  }

  /** Most were issued for so long ago that their certificates need not be looked at. */
  async websites(): Promise<readonly WebsiteLimit[]> {
    const { accounts, orders, problems } = this.#host;
    const pending = pendingOrdersIn(await orders.list());
    const held: WebsiteLimit[] = [];
    if (accounts === null) return held;
    for await (const inventory of accounts.readAll()) {
      if (inventory.state !== 'ready') continue;
      const known = await this.#orFault(() => problems.read(inventory.account.name));
      for (const website of inventory.websites) {
        if (!(await this.#isLookedAt(website))) continue;
        const judge = await this.#openJudge();
        const limits = await this.#orFault(() => this.#limitsOf(website, known ?? [], pending, judge));
        held.push(...(limits ?? []));
      }
    }
    return held;
  }

  /** What cannot be read is a fault, told like any other. */
  async #isLookedAt({ vhost }: Website): Promise<boolean> {
    const records = await this.#orFault(() => this.#host.issued.read(vhost));
    const floor = this.#host.clock.now().getTime() - SETS_SPAN_MS;
    for (const record of records ?? [])
      if (Date.parse(record.issuedAt) > floor) this.#issuedLately.set(record.fingerprint, record);
    if (this.#isPlanAsked) return true;
    if (records === null) return false;
    const ofWebsite = records.filter((record) => !isServersOwn(record));
    return !isLongAgo(ofWebsite, this.#host.clock.now());
  }

  /** Where nothing was issued lately none is judged, and what that takes is not loaded. */
  async #openJudge(): Promise<Judge> {
    if (this.#judge !== null) return this.#judge;
    const { judgeWebsite } = await import('../judging/judge-website.js');
    const host = await this.#host.openJudging();
    this.#judge = (website, pending) => judgeWebsite(website, { isReissueAsked: false, pending }, host);
    return this.#judge;
  }

  async #limitsOf(
    website: Website,
    problems: readonly ProblemRecord[],
    pending: ReadonlyMap<string, OrderRecord>,
    judge: Judge,
  ): Promise<WebsiteLimit[]> {
    const host = this.#host;
    const { account, vhost } = website;
    const judged = await judge(website, pending);
    const { action, evaluation, issued } = judged;
    if (action.kind !== 'request' && action.kind !== 'replace') return [];
    if (this.#isPlanAsked)
      this.#planned.push({ names: action.names, inPlace: evaluation.fingerprint, issued });
    const facts = {
      issued,
      action,
      problems: problems.filter((problem) => problem.vhost === vhost),
      isRolledBack: isRolledBack(evaluation, issued, host.clock.now()),
    };
    return brakeLimit(facts, host.clock.now()).map(({ code, message, until }) => ({
      account,
      website: vhost,
      code,
      message,
      until,
    }));
  }

  async #orFault<T>(read: () => Promise<T>): Promise<T | null> {
    try {
      return await read();
    } catch (error) {
      this.faults.push(faultFrom(error));
      return null;
    }
  }
}

/** Nothing for a name of which a CA counts no failure now. */
function failedNameLimit(record: NameRecord, now: Date): FailedNameLimit[] {
  const { left, cap, opensAt, fullAt } = failuresOf(record, now);
  if (fullAt === null) return [];
  return [
    {
      name: printable(record.name),
      left,
      cap,
      opensAt: opensAt?.toISOString() ?? null,
      fullAt: fullAt.toISOString(),
    },
  ];
}
