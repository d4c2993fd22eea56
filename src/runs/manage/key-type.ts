import type { AccountName } from '../../core/domain/account/account-name.js';
import { UsageError } from '../../core/domain/autossl-error.js';
import { chooseKeyType, isKeyType, KEY_TYPES, type KeyType } from '../../core/domain/key-type.js';
import { quoteForMessage } from '../../core/domain/name/names.js';
import type { AccountInventory } from '../../core/domain/website/website.js';
import type { KeyTypeCost } from '../../core/report/key-type-cost.js';
import { type JudgingHost, judgeWebsite } from '../judging/judge-website.js';
import { pendingOrdersIn } from '../order/pending-orders.js';
import type { OrderStore } from '../ports/orders.js';
import { knownUser } from './features.js';
import { KEY_TYPE_LINE, type UsersHost } from './users.js';

/** The documented value of accounts that follow the server. */
const FOLLOWS_SERVER = 'system';

export type KeyTypeHost = JudgingHost & UsersHost & { readonly orders: Pick<OrderStore, 'list'> };

/** The type of which the keys of these accounts are to be; `system`: the server's. */
export interface KeyTypeWish {
  readonly users: readonly string[];
  readonly type: string;
  /** Only say what it costs. */
  readonly isDryRun: boolean;
}

/**
 * Writes the key type of accounts, and says which certificates will be ordered anew for that, and when: another key waits
 * for the renewal. None is changed where one account is unknown. @throws UsageError BAD_ARGUMENT, UNKNOWN_USER; StateError
 */
export async function changeKeyType(
  { users, type, isDryRun }: KeyTypeWish,
  host: KeyTypeHost,
): Promise<readonly KeyTypeCost[]> {
  if (type !== FOLLOWS_SERVER && !isKeyType(type)) {
    throw new UsageError('BAD_ARGUMENT', `there is no key type ${quoteForMessage(type)}`, {
      advice: `There are ${[...KEY_TYPES, FOLLOWS_SERVER].join(', ')}.`,
    });
  }
  const accounts: AccountName[] = [];
  for (const user of users) accounts.push(await knownUser(user, host.files));
  const costs: KeyTypeCost[] = [];
  for (const account of accounts) {
    costs.push(await costOf(account, chooseKeyType(type, host.serverKeyType).keyType, host));
  }
  if (isDryRun) return costs;
  const changed: KeyTypeCost[] = [];
  for (const [index, account] of accounts.entries()) {
    const isChanged = await host.files.change(account, new Map([[KEY_TYPE_LINE, type]]));
    const cost = costs[index];
    if (cost !== undefined) changed.push({ ...cost, isChanged });
  }
  return changed;
}

async function costOf(account: AccountName, keyType: KeyType, host: KeyTypeHost): Promise<KeyTypeCost> {
  const inventory = await host.accounts?.read(account);
  const websites = inventory?.state === 'ready' ? inventory.websites : [];
  const pending = pendingOrdersIn(await host.orders.list());
  const now = host.clock.now();
  let certificates = 0;
  const due: Date[] = [];
  for (const website of websites) {
    const options = { isReissueAsked: false, pending };
    const judged = await judgeWebsite({ ...website, keyType }, options, host);
    const { evidence, evaluation, replacement } = judged;
    if (evidence.kind === 'present') certificates += 1;
    const isOther = evaluation.defects.some(({ code }) => code === 'KEY_TYPE_DIFFERS');
    if (!isOther || !replacement.allowed) continue;
    const dueAt = evaluation.renewal?.dueAt ?? now;
    due.push(judged.action.kind === 'keep' && dueAt > now ? dueAt : now);
  }
  due.sort((a, b) => a.getTime() - b.getTime());
  return {
    account,
    keyType,
    isLookedAt: inventory?.state === 'ready',
    notLookedAt: whyNot(inventory),
    certificates,
    orders: due.length,
    firstAt: due[0]?.toISOString() ?? null,
    lastAt: due.at(-1)?.toISOString() ?? null,
    isChanged: false,
  };
}

function whyNot(inventory: AccountInventory | undefined): KeyTypeCost['notLookedAt'] {
  if (inventory?.state === 'ready') return null;
  return inventory?.state === 'skipped' ? inventory.reason : 'broken';
}
