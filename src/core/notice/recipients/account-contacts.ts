import { NOTICE_KINDS, type NoticeKind } from '../finding.js';
import { isMailAddress, isSameMailbox } from './mail-address.js';

/** Where an account's contact addresses stand in its users file; the second is known from panels, not from the docs. */
const CONTACT_KEYS = ['CONTACTEMAIL', 'CONTACTEMAIL2'] as const;
const CONTROL = /\p{Cc}/u;
/** More addresses of one account are not written to. */
const MOST_ADDRESSES = 4;

/** Whom an account names for notices, and what he wants of them. */
export interface AccountContacts {
  /** The reseller that owns the account, or `root`. */
  readonly owner: string;
  /** Each once. */
  readonly addresses: readonly string[];
  /** Whether something stands there that is no mail address. */
  readonly hasUnusable: boolean;
  /** What the owner set; kinds that are missing are not set. */
  readonly preferences: ReadonlyMap<NoticeKind, boolean>;
}

/** The contacts in the `KEY=value` lines of a users file. */
export function contactsIn(values: ReadonlyMap<string, string>): AccountContacts {
  const given = CONTACT_KEYS.map((key) => (values.get(key) ?? '').trim());
  // Who writes such a value wants something else than mail: nothing of it is taken for an address.
  const isOdd = (text: string): boolean => CONTROL.test(text);
  const written = given
    .filter((text) => !isOdd(text))
    .flatMap((text) => text.split(/[\s,;]+/))
    .filter((text) => text !== '');
  const addresses = written
    .filter(isMailAddress)
    .filter((address, index, all) => all.findIndex((other) => isSameMailbox(address, other)) === index);
  const preferences = new Map<NoticeKind, boolean>();
  for (const kind of NOTICE_KINDS) {
    const value = values.get(kind);
    if (value !== undefined && value !== '') preferences.set(kind, value !== '0');
  }
  return {
    owner: values.get('OWNER') || 'root',
    addresses: addresses.slice(0, MOST_ADDRESSES),
    hasUnusable: given.some(isOdd) || written.some((text) => !isMailAddress(text)),
    preferences,
  };
}
