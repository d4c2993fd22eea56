import type { MetadataKey } from '../../domain/metadata-key.js';
import type { NoticeAudience } from '../../domain/notice-level.js';
import type { NoticeKind } from '../finding.js';

export interface NoticePolicy {
  /** What stands in `autossl.json`, without defaults. */
  readonly chosen: ReadonlyMap<MetadataKey, boolean>;
  /** `notify_expiring_certificates` of cpanel.config. */
  readonly foreignExpiry: boolean;
}

/**
 * Whether an audience is told of a kind (behaviour section 7). What the administrator chose, by a level or a key, overrides
 * what owners set; chosen is a key that stands in `autossl.json`. Where it does not, the owner's own preference holds, and
 * without one everything is told. Expiry of certificates that AutoSSL does not renew has its own switch and preference. What a CA
 * paused only administrators can end: they are told unless they want to hear of no expiry either.
 */
export function isWanted(
  kind: NoticeKind,
  audience: NoticeAudience,
  policy: NoticePolicy,
  preferences: ReadonlyMap<NoticeKind, boolean>,
): boolean {
  const own = audience === 'user' ? preferences.get(kind) : undefined;
  if (kind === 'notify_autossl_paused_names')
    return audience === 'administrator' && (policy.chosen.get('notify_autossl_expiry') ?? true);
  if (kind === 'notify_ssl_expiry') return policy.foreignExpiry && (own ?? true);
  return policy.chosen.get(audience === 'user' ? `${kind}_user` : kind) ?? own ?? true;
}
