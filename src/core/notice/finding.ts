/**
 * The six documented kinds of AutoSSL, certificates that AutoSSL does not renew (behaviour section 7), and names that a CA has
 * paused, which is for administrators alone.
 */
export const NOTICE_KINDS = [
  'notify_autossl_expiry',
  'notify_autossl_expiry_coverage',
  'notify_autossl_renewal',
  'notify_autossl_renewal_coverage',
  'notify_autossl_renewal_coverage_reduced',
  'notify_autossl_renewal_uncovered_domains',
  'notify_ssl_expiry',
  'notify_autossl_paused_names',
] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

/** A name of the website that a finding is about. */
export interface NoticeName {
  readonly name: string;
  /** Stable code of why it is not, or will not be, covered: that of a `DcvOutcome`, of a CAA verdict, of the CA. */
  readonly code: string;
  /** One printable line: what was seen. */
  readonly why: string;
  /** One printable line: what its owner has to do; empty where nobody can do anything. */
  readonly advice: string;
  /** `cpanel.`, `webdisk.` and their like, which nobody asked for. */
  readonly isServiceName: boolean;
  /** The website's certificate covered it when we last looked, or covers it now. */
  readonly wasCovered: boolean;
  /** Since when it fails for this reason without a break; null when that is not known. */
  readonly failingSince: Date | null;
  /** None of its addresses is on this server: where it stays so, its owner may rather exclude it. Absent: not known. */
  readonly pointsElsewhere?: boolean;
  /** Where a person ends the pause that a CA put on it, for administrators; absent: it is not paused. */
  readonly unpauseUrl?: string;
}

/**
 * What one run found about one website that somebody may want to know. Whether anybody is told depends on what he was
 * told before (`told.ts`), on the levels and on the owner's preferences. All texts are printable lines already.
 */
export interface NoticeFinding {
  readonly kind: NoticeKind;
  readonly account: string;
  /** The website's name: its web virtual host. */
  readonly vhost: string;
  /** The certificate in use after this run; null when there is none. */
  readonly certificate: NoticeCertificate | null;
  /** The names that the finding is about: those that fail, were lost, are uncovered; of a renewal those secured. */
  readonly names: readonly NoticeName[];
  /** Stable code and one printable line: why it came to this, as a whole. */
  readonly because: { readonly code: string; readonly text: string };
  /** When it becomes worse unless something changes: the end of a deferral, the expiry. Null: it does not. */
  readonly deadlineAt: Date | null;
  /** When this server tries again by itself; null: only after somebody acted. */
  readonly nextAttemptAt: Date | null;
}

export interface NoticeCertificate {
  /** Hexadecimal, upper case. */
  readonly serial: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly isSelfSigned: boolean;
}
