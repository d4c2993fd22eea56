import { hasSameNames } from '../reorder.js';
import { type ReplaceableCertificate, replacedCertificate } from '../replaced-certificate.js';
import { exemptionOf } from './order-budget.js';
import type { Exemption, PublishedLimits } from './published-limits.js';

/** Our account at a CA that knows what an order replaces (RFC 9773). */
export interface ReplacingAccount {
  readonly directoryUrl: string;
  readonly acmeAccountUrl: string;
}

/** Where an order that is only planned would go. */
export interface PlannedAt {
  readonly provider: string;
  readonly published: PublishedLimits;
  /** Null: its orders name nothing that they replace. */
  readonly account: ReplacingAccount | null;
}

/**
 * Why an order that is planned would not count at its CA; null: it would. As the order itself is judged, from records alone.
 * @param issued what we got for the website, newest first
 */
export function plannedExemption(
  order: {
    readonly names: readonly string[];
    /** Fingerprint of the certificate in place; null: nothing. */
    readonly inPlace: string | null;
  },
  issued: readonly (ReplaceableCertificate & { readonly provider: string })[],
  { provider, published, account }: PlannedAt,
): Exemption | null {
  const isReplacing = account !== null && replacedCertificate(issued, { ...order, ...account }) !== null;
  const wasCertified = issued.some(
    (one) => one.provider === provider && hasSameNames(one.names, order.names),
  );
  return exemptionOf({ isReplacing, wasCertified }, published);
}
