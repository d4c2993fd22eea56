/** Events that people are told of (behaviour section 7). */
export type NoticeKey =
  | 'notify_autossl_expiry'
  | 'notify_autossl_expiry_coverage'
  | 'notify_autossl_renewal'
  | 'notify_autossl_renewal_coverage'
  | 'notify_autossl_renewal_coverage_reduced'
  | 'notify_autossl_renewal_uncovered_domains';
/** The documented settings of `autossl.json`; `_user`: whether the account's owner is told. */
export type MetadataKey = 'clobber_externally_signed' | NoticeKey | `${NoticeKey}_user`;

/** The documented keys and defaults: everything is told, nothing foreign is replaced. */
export const METADATA_DEFAULTS: ReadonlyMap<MetadataKey, boolean> = new Map<MetadataKey, boolean>([
  ['clobber_externally_signed', false],
  ['notify_autossl_expiry', true],
  ['notify_autossl_expiry_user', true],
  ['notify_autossl_expiry_coverage', true],
  ['notify_autossl_expiry_coverage_user', true],
  ['notify_autossl_renewal', true],
  ['notify_autossl_renewal_user', true],
  ['notify_autossl_renewal_coverage', true],
  ['notify_autossl_renewal_coverage_user', true],
  ['notify_autossl_renewal_coverage_reduced', true],
  ['notify_autossl_renewal_coverage_reduced_user', true],
  ['notify_autossl_renewal_uncovered_domains', true],
  ['notify_autossl_renewal_uncovered_domains_user', true],
]);

/** Undefined for a key that there is not. */
export function metadataKeyOf(text: string): MetadataKey | undefined {
  return [...METADATA_DEFAULTS.keys()].find((key) => key === text);
}
