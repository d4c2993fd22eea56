import { type AccountName, parseAccountName } from './account-name.js';

/**
 * Who owns what this server itself has ordered: stands in place of an account in orders, records and log lines. No
 * account's name can begin so.
 */
export const SERVER_OWNER = '@server' as AccountName;

/** Whether an order or record is the server's own, for its hostname, and no account's. */
export function isServersOwn({ account }: { readonly account: string }): boolean {
  return account === SERVER_OWNER;
}

/** Whoever a record of ours names as an owner: an account or this server itself. @throws UsageError BAD_NAME */
export function parseOwner(text: string): AccountName {
  return text === SERVER_OWNER ? SERVER_OWNER : parseAccountName(text);
}
