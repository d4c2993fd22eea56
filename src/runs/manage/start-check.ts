import { type AccountName, parseAccountName } from '../../core/domain/account/account-name.js';
import { StateError, UsageError } from '../../core/domain/autossl-error.js';
import { printable, quoteForMessage } from '../../core/domain/name/names.js';
import type { AccountSkip } from '../../core/domain/website/website.js';
import type { AccountDirectory } from '../ports/accounts.js';
import type { CheckStarter } from '../ports/jobs.js';
import type { LockHolder, LockWatch } from '../ports/locks.js';

/** Locks of runs of autossl_check: of all accounts, and of one. */
const FULL_RUN = 'run';
const runOf = (account: AccountName): string => `${FULL_RUN}:${account}`;

export interface StartCheckHost {
  readonly accounts: Pick<AccountDirectory, 'read'>;
  readonly runs: LockWatch;
  readonly starter: CheckStarter;
  /** Whether a provider is chosen, none ever was, or AutoSSL is disabled. @throws ConfigurationError BAD_SETTING */
  providerState(): 'chosen' | 'never-set' | 'disabled';
}

const NOT_LOOKED_AT: Readonly<Record<AccountSkip, string>> = {
  suspended: 'is suspended',
  'no-autossl-feature': 'does not have the feature “autossl”',
};

/**
 * Starts a check of one account in the background and gives its process. A run that would end at once (no provider, an
 * account that is not looked at, another run of it under way) is not started.
 * @throws UsageError UNKNOWN_USER, BAD_NAME, BAD_ARGUMENT; StateError NOT_STARTED, TREE_UNREADABLE; ConfigurationError
 */
export async function startCheckOf(user: string, host: StartCheckHost): Promise<number> {
  const account = parseAccountName(user);
  const inventory = await host.accounts.read(account);
  if (inventory === undefined) {
    throw new UsageError('UNKNOWN_USER', `there is no account ${quoteForMessage(user)}`);
  }
  if (inventory.state === 'skipped') {
    throw new UsageError(
      'BAD_ARGUMENT',
      `the account ${account} ${NOT_LOOKED_AT[inventory.reason]}: nothing would be checked`,
    );
  }
  if (inventory.state === 'broken') {
    throw new StateError('NOT_STARTED', `the account ${account} cannot be read: ${inventory.fault.message}`);
  }
  return start(account, host);
}

/** The same for every account. @throws as `startCheckOf` */
export async function startCheckOfAll(host: StartCheckHost): Promise<number> {
  return start(null, host);
}

/** Whether a run that looks at this account's websites is under way: its own, or one of all accounts. @throws StateError */
export function isCheckInProgress(account: AccountName, runs: LockWatch): boolean {
  return runs.holderOf(runOf(account)) !== null || runs.holderOf(FULL_RUN) !== null;
}

async function start(account: AccountName | null, host: StartCheckHost): Promise<number> {
  const provider = host.providerState();
  if (provider !== 'chosen') {
    throw new StateError(
      'NOT_STARTED',
      provider === 'disabled' ? 'AutoSSL is disabled on this server' : 'no provider is chosen yet',
      { advice: 'Choose one with: autossl provider use NAME' },
    );
  }
  const holder = host.runs.holderOf(account === null ? FULL_RUN : runOf(account));
  if (holder !== null) throw new UsageError('BAD_ARGUMENT', `such a check is under way${sinceOf(holder)}`);
  const started = await host.starter.start(account);
  if ('pid' in started) return started.pid;
  throw new StateError('NOT_STARTED', `autossl_check did not start: ${started.fault}`);
}

function sinceOf({ pid, startedAt }: LockHolder): string {
  return startedAt === '' ? '' : ` since ${printable(startedAt)} (process ${pid})`;
}
