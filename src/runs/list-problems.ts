import type { AccountName } from '../core/domain/account/account-name.js';
import { type DomainName, printable, type WildcardName } from '../core/domain/name/names.js';
import type { ListedProblem } from '../core/report/problems/problem-table.js';
import { faultFrom, type ListFault } from '../core/report/status/website-list.js';
import { assertAccount } from './known-account.js';
import type { AccountDirectory } from './ports/accounts.js';
import type { ProblemRecord, ProblemStore } from './ports/records.js';

export interface ListProblemsHost {
  /** Null on a server that has no accounts yet. */
  readonly accounts: Pick<AccountDirectory, 'read'> | null;
  readonly problems: Pick<ProblemStore, 'read'> & {
    /** Accounts that have a list. */
    accounts(): Promise<readonly AccountName[]>;
  };
  readonly logs: RunLogs;
}

/** The logs of runs that are kept. */
export interface RunLogs {
  /** The folder of the run that began then; null when there is none any more. */
  folderOf(startedAt: string): Promise<string | null>;
}

export interface ProblemScope {
  /** Null = every account. */
  readonly user: AccountName | null;
  /** A name, or a website by its own; null = all. */
  readonly domain: DomainName | WildcardName | null;
}

export type ProblemItem =
  | { readonly kind: 'problem'; readonly problem: ListedProblem }
  | { readonly kind: 'fault'; readonly fault: ListFault };

/**
 * What the last runs that looked closely found, account by account: nothing is locked, written or judged anew.
 * @throws UsageError UNKNOWN_USER, StateError TREE_UNREADABLE
 */
export async function* listProblems(
  { user, domain }: ProblemScope,
  { accounts, problems, logs }: ListProblemsHost,
): AsyncGenerator<ProblemItem> {
  const known = await problems.accounts();
  if (user !== null && !known.includes(user)) await assertAccount(user, accounts);
  for (const account of known) {
    if (user !== null && user !== account) continue;
    let records: readonly ProblemRecord[];
    try {
      records = await problems.read(account);
    } catch (error) {
      yield { kind: 'fault', fault: faultFrom(error) };
      continue;
    }
    for (const record of records) {
      if (domain !== null && record.domain !== domain && record.vhost !== domain) continue;
      yield { kind: 'problem', problem: await listed(account, record, logs) };
    }
  }
}

/** The record with its log, as it is told. */
export async function listed(account: string, record: ProblemRecord, logs: RunLogs): Promise<ListedProblem> {
  const { domain, vhost, about, code, message, advice, fault, since, at, logStartedAt, unpauseUrl } = record;
  return {
    account,
    domain: printable(domain),
    website: printable(vhost),
    about: about ?? 'name',
    code: printable(code),
    message: printable(message),
    advice: advice === null ? null : printable(advice),
    fault: fault ?? null,
    since: since ?? at,
    at,
    log: logStartedAt === null ? null : await logs.folderOf(logStartedAt),
    ...(unpauseUrl === undefined ? {} : { unpauseUrl: printable(unpauseUrl) }),
  };
}
