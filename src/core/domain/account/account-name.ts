import { UsageError } from '../autossl-error.js';
import { quoteForMessage } from '../name/names.js';

/** A hosting account's (system user's) name; made only by `parseAccountName`. */
export type AccountName = string & { readonly __brand: 'AccountName' };

/** useradd(8): 32 characters; a path component is made of it, hence no dot at the start and no separator. */
const ACCOUNT_NAME = /^[a-z0-9_][a-z0-9_.-]{0,31}$/i;

/** Whether the text may name an account. */
export function isAccountName(text: string): text is AccountName {
  return ACCOUNT_NAME.test(text);
}

/** @throws UsageError BAD_NAME */
export function parseAccountName(text: string): AccountName {
  if (!isAccountName(text)) {
    throw new UsageError(
      'BAD_NAME',
      `${quoteForMessage(text)} is not an account name: letters, digits, “_”, “-” and “.” only, at most 32, not beginning with “.” or “-”`,
    );
  }
  return text;
}
