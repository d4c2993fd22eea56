import { isServersOwn } from '../../core/domain/account/hostname-owner.js';
import { printable } from '../../core/domain/name/names.js';
import type { Website } from '../../core/domain/website/website.js';
import { judgeBudget, newOrdersCounted } from '../../core/order/budget.js';
import { judgeNameAttempt } from '../../core/order/name-attempt.js';
import type { NameRecord } from '../../core/order/name-record.js';
import type { OrderRecord } from '../../core/order/record.js';
import { isLongAgo } from '../../core/order/reorder.js';
import { isRolledBack } from '../../core/plan/rolled-back.js';
import { faultFrom, type ListFault } from '../../core/report/status/website-list.js';
import type {
  AccountLimits,
  Limits,
  NameLimits,
  WebsiteLimit,
} from '../../core/report/tables/limits-table.js';
import { brakeLimit } from '../../core/report/why/limits.js';
import { type JudgingHost, judgeWebsite } from '../check/survey-websites.js';
import { pendingOrdersIn } from '../order/pending-orders.js';
import type { AccountDirectory, Ledger, OrderStore, ProblemRecord, ProblemStore } from '../ports.js';

/** What telling the limits reads. */
export interface LimitsHost extends JudgingHost {
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
  /** New orders in 3 hours at a provider; infinite for one of our own. */
  capOf(provider: string): number;
}

/** What the brakes hold back now (design 5.18). Locks and writes nothing. @throws StateError TREE_UNREADABLE */
export async function readLimits(host: LimitsHost): Promise<Limits> {
  const reader = new LimitsReader(host);
  return {
    schemaVersion: 1,
    at: host.clock.now().toISOString(),
    accounts: await reader.accounts(),
    names: await reader.names(),
    websites: await reader.websites(),
    faults: reader.faults,
  };
}

class LimitsReader {
  readonly faults: ListFault[] = [];
  readonly #host: LimitsHost;

  constructor(host: LimitsHost) {
    this.#host = host;
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
    const cap = this.#host.capOf(provider);
    const verdict = judgeBudget(record, now, cap);
    const isStopped = !verdict.mayOrder && verdict.because === 'STOPPED_BY_CA';
    // A cap that is reached as well says when orders go on only after the stop.
    const opens = isStopped ? judgeBudget({ ...record, stoppedUntil: null }, now, cap) : verdict;
    return {
      provider: printable(provider),
      isActive: provider === this.#host.provider,
      newOrders: newOrdersCounted(record, now),
      cap: Number.isFinite(cap) ? cap : null,
      opensAt: opens.mayOrder ? null : opens.until.toISOString(),
      stoppedUntil: isStopped ? verdict.until.toISOString() : null,
      stoppedBecause: isStopped ? printable(record.stoppedBecause ?? '') : null,
    };
  }

  async names(): Promise<NameLimits> {
    const now = this.#host.clock.now();
    const counts = { HOURLY_LIMIT: 0, BACKOFF: 0 };
    let first: Date | null = null;
    let unread = 0;
    for await (const record of this.#host.listNames()) {
      if (record === null) unread += 1;
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
    };
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
        const limits = await this.#orFault(() => this.#limitsOf(website, known ?? [], pending));
        held.push(...(limits ?? []));
      }
    }
    return held;
  }

  async #limitsOf(
    website: Website,
    problems: readonly ProblemRecord[],
    pending: ReadonlyMap<string, OrderRecord>,
  ): Promise<WebsiteLimit[]> {
    const host = this.#host;
    const { account, vhost } = website;
    const records = (await host.issued.read(vhost)).filter((record) => !isServersOwn(record));
    if (isLongAgo(records, host.clock.now())) return [];
    const judged = await judgeWebsite(website, { isReissueAsked: false, pending }, host);
    const { action, evaluation, issued } = judged;
    if (action.kind !== 'request' && action.kind !== 'replace') return [];
    const facts = {
      issued,
      action,
      problems: problems.filter((problem) => problem.vhost === vhost),
      isRolledBack: isRolledBack(evaluation, issued),
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
