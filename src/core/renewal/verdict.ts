/** What fixed the renewal instant. */
export type RenewalBasis = 'ari' | 'lifetime-ratio' | 'provider-days' | 'foreign-margin' | 'emergency';

/** A decision that says when, not only whether (design 5.2). */
export interface RenewalVerdict {
  /** From this instant on the certificate should be renewed. */
  readonly dueAt: Date;
  readonly basis: RenewalBasis;
  readonly isDue: boolean;
  /** From this instant on budget, backoff and ARI no longer hold it back. */
  readonly emergencyAt: Date;
  readonly isEmergency: boolean;
  /** From this instant on a renewal no longer waits for names that fail validation. */
  readonly deferralEndsAt: Date;
  /** False: the CA wants it replaced now, because of a mass revocation for example; names that fail are left out. */
  readonly isDeferrable: boolean;
  /** Its CA moved the window to before the one that it had named: nobody tells in time whether that is for the key. Absent: no. */
  readonly isBroughtForward?: true;
  /** Where the CA explains its window; absent: it does not. */
  readonly explanationUrl?: string;
}

/** RFC 9773: the instant drawn once inside the suggested window, and stored. */
export interface StoredRenewalInfo {
  readonly selectedAt: Date;
  readonly windowStartAt: Date;
  readonly windowEndAt: Date;
  /** When this window was first seen: one that lay wholly in the past then means “now” (RFC 9773 section 4.2). */
  readonly firstSeenAt: Date;
  readonly explanationUrl: string | null;
  /** A window was followed by one that was over before it would have begun; absent: none was. */
  readonly isBroughtForward?: true;
}

/** The sentence that follows where the CA explains itself; the address ends it, so that it can be copied. */
export function explained({ explanationUrl }: Pick<RenewalVerdict, 'explanationUrl'>): string {
  return explanationUrl === undefined ? '' : ` The provider explains it at ${explanationUrl}`;
}
