import { type AccountName, parseAccountName } from '../../core/domain/account/account-name.js';
import { parseKeyValueLines } from './userdata/key-value-file.js';

/** `/var/cpanel/users/USER` as far as AutoSSL cares (behaviour section 13); texts as written. */
export interface UserFile {
  /** `USER`: whose file it says it is. */
  readonly user: string | undefined;
  /** `DNS`: the main domain. */
  readonly mainDomain: string | undefined;
  /** `DNS` and every `DNSn`. */
  readonly domains: readonly string[];
  /** `OWNER`; root when absent. */
  readonly owner: string;
  readonly plan: string | undefined;
  readonly featureList: string | undefined;
  /** `FEATURE-AUTOSSL`. */
  readonly featureOverride: string | undefined;
  /** `SSL_DEFAULT_KEY_TYPE`. */
  readonly keyType: string | undefined;
  readonly contactEmail: string | null;
  readonly isSuspended: boolean;
}

/** Takes any text; what is not there is undefined. */
export function parseUserFile(text: string): UserFile {
  const values = parseKeyValueLines(text);
  const given = (key: string): string | undefined => values.get(key) || undefined;
  const domains = [...values]
    .filter(([key, value]) => /^DNS\d*$/.test(key) && value !== '')
    .map(([, v]) => v);
  return {
    user: given('USER'),
    mainDomain: given('DNS'),
    domains,
    owner: given('OWNER') ?? 'root',
    plan: given('PLAN'),
    featureList: given('FEATURELIST'),
    featureOverride: given('FEATURE-AUTOSSL'),
    keyType: given('SSL_DEFAULT_KEY_TYPE'),
    contactEmail: given('CONTACTEMAIL') ?? null,
    isSuspended: (given('SUSPENDED') ?? '0') !== '0',
  };
}

/** Files that panels, editors and package managers leave beside the users files, and the panel's own pseudo-account. */
const NO_ACCOUNT =
  /^(?:system|\..*|.*~|#.*#|.*\.(?:lock|cache|bak|backup|old|orig|save|tmp|swp|rpmnew|rpmsave|dpkg-[a-z]+))$/;

/** Whether a name in the users folder is no account's, whatever the file holds. */
export function isLeftover(fileName: string): boolean {
  return NO_ACCOUNT.test(fileName);
}

/** Whether it is the name of an account: a valid one, and no leftover. */
export function isAccountFileName(fileName: string): fileName is AccountName {
  if (isLeftover(fileName)) return false;
  try {
    parseAccountName(fileName);
    return true;
  } catch {
    return false;
  }
}

/** Whether the file says that it is another account's. */
export function isOfAnother(fileName: string, user: UserFile): boolean {
  return user.user !== undefined && user.user !== fileName;
}

/** Whether the file is somebody's copy of another account's, such as `alice.2024` saying `USER=alice`. */
export function isCopyOfAnother(fileName: string, user: UserFile): boolean {
  return user.user !== undefined && user.user !== fileName && fileName.startsWith(`${user.user}.`);
}
