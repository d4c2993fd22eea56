/** The feature's key in feature lists. */
const FEATURE = 'autossl';

/** What decides whether an account has AutoSSL. */
export interface FeatureFacts {
  /** `FEATURE-AUTOSSL` of the users file. */
  readonly override: string | undefined;
  /** The account's feature list, or `default` when that one does not exist; undefined when neither does. */
  readonly list: ReadonlyMap<string, string> | undefined;
  /** The list named `disabled`. */
  readonly disabled: ReadonlyMap<string, string> | undefined;
}

/**
 * Whether the account has the `autossl` feature (behaviour section 8). `autossl=0` in the list `disabled` is off for
 * everybody and wins; then the account's own override (1 or 0; anything else is no override); then its list. A list
 * without the line, and a server without lists, mean on: who has no feature lists never switched anything off.
 */
export function hasAutosslFeature({ override, list, disabled }: FeatureFacts): boolean {
  if (disabled?.get(FEATURE) === '0') return false;
  if (override === '0' || override === '1') return override === '1';
  return list?.get(FEATURE) !== '0';
}
