import type { MetadataKey, NoticeKey } from './metadata-key.js';

/** Whom notices are for: the administrators of the server, or the owners of accounts. */
export const NOTICE_AUDIENCES = ['administrator', 'user'] as const;
export type NoticeAudience = (typeof NOTICE_AUDIENCES)[number];
export const NOTICE_LEVELS = [1, 2, 3, 4] as const;
/** 1: everything; 2: everything but successful renewals; 3: failures; 4: nothing (behaviour section 7, design 5.20). */
export type NoticeLevel = (typeof NOTICE_LEVELS)[number];

/** The highest level at which an event is still told. */
const TOLD_UP_TO: Readonly<Record<NoticeKey, NoticeLevel>> = {
  notify_autossl_expiry: 3,
  notify_autossl_expiry_coverage: 2,
  notify_autossl_renewal: 1,
  notify_autossl_renewal_coverage: 2,
  notify_autossl_renewal_coverage_reduced: 3,
  notify_autossl_renewal_uncovered_domains: 2,
};

/** What a level says of each event, for one audience. */
export function noticesOfLevel(level: NoticeLevel, audience: NoticeAudience): Map<MetadataKey, boolean> {
  return new Map(
    Object.entries(TOLD_UP_TO).map(([key, upTo]) => [keyFor(key as NoticeKey, audience), level <= upTo]),
  );
}

/** The level that the settings amount to; `custom`: none of them. */
export function noticeLevelOf(
  metadata: ReadonlyMap<MetadataKey, boolean>,
  audience: NoticeAudience,
): NoticeLevel | 'custom' {
  const isLevel = (level: NoticeLevel): boolean =>
    [...noticesOfLevel(level, audience)].every(([key, value]) => metadata.get(key) === value);
  return NOTICE_LEVELS.find(isLevel) ?? 'custom';
}

function keyFor(key: NoticeKey, audience: NoticeAudience): MetadataKey {
  return audience === 'user' ? `${key}_user` : key;
}
