import { printable } from '../core/domain/name/names.js';
import type { Website } from '../core/domain/website/website.js';
import type { OrderRecord } from '../core/order/record.js';
import {
  faultFrom,
  type LeftOutAccount,
  type ListFault,
  leftOutOf,
} from '../core/report/status/website-list.js';
import {
  type KnownProblem,
  unreadableStatus,
  type WebsiteStatus,
  websiteStatus,
} from '../core/report/status/website-status.js';
import { type JudgingHost, judgeWebsite } from './judging/judge-website.js';
import { pendingOrdersIn } from './order/pending-orders.js';
import type { AccountDirectory } from './ports/accounts.js';
import type { OrderStore } from './ports/orders.js';
import type { ProblemRecord, ProblemStore, ServedStore } from './ports/records.js';
import { accountsInScope, type WebsiteScope } from './website-scope.js';

/** What telling the state of websites needs of the world: everything is only read. */
export interface StatusHost extends JudgingHost {
  /** Null on a server that has no accounts yet. */
  readonly accounts: AccountDirectory | null;
  readonly orders: Pick<OrderStore, 'list'>;
  readonly problems: Pick<ProblemStore, 'read'>;
  readonly served: Pick<ServedStore, 'read'>;
  certificatePath(vhost: Website['vhost']): string;
}

export type StatusItem =
  | { readonly kind: 'website'; readonly status: WebsiteStatus; readonly again: () => Promise<WebsiteStatus> }
  | { readonly kind: 'left-out'; readonly account: LeftOutAccount }
  /** Data that belongs to no single website; `isOurs`: this server's side must mend it. */
  | { readonly kind: 'fault'; readonly fault: ListFault };

/**
 * The state of the websites in scope, account by account, one at a time: nothing is kept. `again` judges one anew, for
 * readers who want them in another order and cannot hold them all. Locks nothing, writes nothing; what cannot be read of
 * one website is said in its status. @throws UsageError UNKNOWN_USER, BAD_ARGUMENT; StateError TREE_UNREADABLE
 */
export async function* readStatuses(scope: WebsiteScope, host: StatusHost): AsyncGenerator<StatusItem> {
  const reader = new StatusReader(host);
  const journal = await host.orders.list();
  reader.pending = pendingOrdersIn(journal);
  let isBegun = false;
  for await (const inventory of accountsInScope(scope, host)) {
    // Not before the scope is known to be there.
    if (!isBegun) yield* journal.flatMap((entry) => (entry.state === 'broken' ? [brokenOrder(entry)] : []));
    isBegun = true;
    const leftOut = leftOutOf(inventory);
    if (leftOut !== null) yield { kind: 'left-out', account: leftOut };
    if (inventory.state !== 'ready') continue;
    for (const { code, message } of inventory.faults) yield { kind: 'fault', fault: faultOf(code, message) };
    const { problems, fault } = await reader.problemsOf(inventory.account.name);
    if (fault !== null) yield { kind: 'fault', fault };
    for (const website of inventory.websites) {
      const known = problems.filter(({ vhost }) => vhost === website.vhost).map(knownProblem);
      const judge = (): Promise<WebsiteStatus> => reader.statusOf(website, known);
      yield { kind: 'website', status: await judge(), again: judge };
    }
  }
}

class StatusReader {
  readonly #host: StatusHost;
  pending: ReadonlyMap<string, OrderRecord> = new Map();

  constructor(host: StatusHost) {
    this.#host = host;
  }

  async statusOf(website: Website, problems: readonly KnownProblem[]): Promise<WebsiteStatus> {
    const host = this.#host;
    const certificate = host.certificatePath(website.vhost);
    const { pending } = this;
    try {
      const judged = await judgeWebsite(website, { isReissueAsked: false, pending }, host);
      const served = (await host.served.read(website.vhost)) ?? null;
      const order = pending.get(website.vhost) ?? null;
      return websiteStatus({ ...judged, website, certificate, problems, served, order }, host.clock.now());
    } catch (error) {
      return unreadableStatus(website, certificate, problems, faultFrom(error));
    }
  }

  async problemsOf(
    account: string,
  ): Promise<{ readonly problems: readonly ProblemRecord[]; readonly fault: ListFault | null }> {
    try {
      return { problems: await this.#host.problems.read(account), fault: null };
    } catch (error) {
      return { problems: [], fault: faultFrom(error) };
    }
  }
}

function faultOf(code: string, message: string): ListFault {
  return { code, message: printable(message), advice: null };
}

function brokenOrder({ path, why }: { readonly path: string; readonly why: string }): StatusItem {
  return { kind: 'fault', fault: faultOf('CORRUPT_RECORD', `the order ${path} cannot be used: ${why}`) };
}

/** What a status tells of a problem, printable. */
export function knownProblem({
  domain,
  code,
  message,
  advice,
  fault,
  at,
}: Pick<ProblemRecord, 'domain' | 'code' | 'message' | 'advice' | 'at'> & {
  readonly fault?: KnownProblem['fault'];
}): KnownProblem {
  return {
    domain: printable(domain),
    code,
    message: printable(message),
    advice: advice === null ? null : printable(advice),
    fault: fault ?? null,
    at,
  };
}
