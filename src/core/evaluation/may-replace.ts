import type { Evaluation } from './evaluation.js';

/** Why a certificate may or may not be replaced; `code` is stable, `message` one printable sentence. */
export interface ReplacementRight {
  readonly allowed: boolean;
  readonly because: { readonly code: ReplacementCode; readonly message: string };
}
export type ReplacementCode =
  | 'NOTHING_USABLE'
  | 'OURS'
  | 'FOREIGN_SELF_SIGNED'
  | 'FOREIGN'
  | 'CLOBBER_INVALID'
  | 'CLOBBER_EXPIRING'
  | 'FOREIGN_HEALTHY';

const ALLOWED: readonly ReplacementCode[] = [
  'NOTHING_USABLE',
  'OURS',
  'FOREIGN_SELF_SIGNED',
  'CLOBBER_INVALID',
  'CLOBBER_EXPIRING',
];

/**
 * Whether AutoSSL may put another certificate in place of this one (design 5.4): ours, none at all, and self-signed
 * ones always; any other only with `clobber_externally_signed`, and then only when it is invalid or within
 * min(3 days, life/10) of its expiry. Never merely to gain coverage. Whether it *should* is the plan's question.
 */
export function mayReplace(
  evaluation: Pick<Evaluation, 'ownership' | 'defects' | 'tlsStatus' | 'renewal'>,
  clobberExternallySigned: boolean,
  now: Date,
): ReplacementRight {
  const code = replacementCode(evaluation, clobberExternallySigned, now);
  return {
    allowed: ALLOWED.includes(code),
    because: { code, message: sentence(code, evaluation.renewal?.dueAt) },
  };
}

function replacementCode(
  { ownership, defects, tlsStatus, renewal }: Parameters<typeof mayReplace>[0],
  clobber: boolean,
  now: Date,
): ReplacementCode {
  if (ownership === 'none') return 'NOTHING_USABLE';
  if (ownership === 'ours') return 'OURS';
  if (defects.some((defect) => defect.code === 'SELF_SIGNED')) return 'FOREIGN_SELF_SIGNED';
  if (!clobber) return 'FOREIGN';
  if (tlsStatus === 'defective') return 'CLOBBER_INVALID';
  return renewal !== null && now >= renewal.dueAt ? 'CLOBBER_EXPIRING' : 'FOREIGN_HEALTHY';
}

function sentence(code: ReplacementCode, dueAt: Date | undefined): string {
  switch (code) {
    case 'NOTHING_USABLE':
      return 'No usable certificate is there.';
    case 'OURS':
      return 'AutoSSL issued the certificate.';
    case 'FOREIGN_SELF_SIGNED':
      return 'The certificate is self-signed.';
    case 'FOREIGN':
      return 'AutoSSL did not issue the certificate, and clobber_externally_signed is off.';
    case 'CLOBBER_INVALID':
      return 'AutoSSL did not issue the certificate; it is invalid, and clobber_externally_signed is on.';
    case 'CLOBBER_EXPIRING':
      return 'AutoSSL did not issue the certificate; it is about to expire, and clobber_externally_signed is on.';
    case 'FOREIGN_HEALTHY':
      return `AutoSSL did not issue the certificate; it is valid and will not be replaced before ${dueAt?.toISOString() ?? 'its expiry'}.`;
  }
}
