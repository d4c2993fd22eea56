import { parseIssueValue, parseMethods } from './issue-value.js';
import type { CaaRecord } from './observation.js';
import type { CaaPolicy } from './outcome.js';

/** What one property `issue` or `issuewild` means for us. */
export type Permission =
  /** `methods`: those of ours that it leaves, at least one. */
  | { readonly kind: 'permits'; readonly methods: readonly string[] }
  /** It names our CA, but not for us. `accounts`: the accounts that it names. */
  | { readonly kind: 'other-account'; readonly accounts: readonly string[] }
  | { readonly kind: 'other-methods'; readonly methods: readonly string[] }
  | { readonly kind: 'other-issuer'; readonly issuer: string }
  | { readonly kind: 'malformed' };

const ACCOUNT = 'accounturi';
const METHODS = 'validationmethods';

/** Parameters that we do not know are the CA's own business (RFC 8659 section 4.2). */
export function judgeProperty({ value }: CaaRecord, policy: CaaPolicy): Permission {
  const parsed = parseIssueValue(value);
  if (parsed === null) return { kind: 'malformed' };
  const isOurs = policy.identities.some((identity) => identity.toLowerCase() === parsed.issuer);
  if (!isOurs) return { kind: 'other-issuer', issuer: parsed.issuer };
  const valuesOf = (tag: string): readonly string[] =>
    parsed.parameters.filter((one) => one.tag === tag).map((one) => one.value);
  const accounts = valuesOf(ACCOUNT);
  // RFC 8657 section 3: several of them can never be satisfied.
  const isOurAccount = accounts[0] === policy.accountUrl || policy.accountUrl === null;
  if (accounts.length > 1 || (accounts.length === 1 && !isOurAccount))
    return { kind: 'other-account', accounts };
  const lists = valuesOf(METHODS).map((list) => parseMethods(list) ?? []);
  const methods = policy.methods.filter((method) => lists.every((list) => list.includes(method)));
  if (lists.length > 0 && methods.length === 0) return { kind: 'other-methods', methods: lists.flat() };
  return { kind: 'permits', methods };
}
