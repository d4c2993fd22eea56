import type { AccountName } from '../../core/domain/account-name.js';
import { UsageError } from '../../core/domain/autossl-error.js';
import { isKeyType, KEY_TYPES, type KeyType } from '../../core/domain/key-type.js';
import { quoteForMessage } from '../../core/domain/names.js';
import type { CheckHost } from '../check/check-host.js';
import type { UserFiles } from '../ports.js';

/** The line of a users file that says which keys an account wants (behaviour section 13). */
const KEY = 'SSL_DEFAULT_KEY_TYPE';
/** Follows the server's. */
const AS_SERVER = 'system';

export interface KeyTypeHost
  extends Pick<CheckHost, 'accounts' | 'certificates' | 'issued' | 'evaluate' | 'clock'> {
  readonly files: UserFiles;
}

/** What a change of the key type will cost. */
export interface KeyTypeCost {
  /** Null: the account is not looked at. */
  readonly keyType: KeyType | null;
  /** Certificates of ours whose keys are of another type: each is replaced when its renewal is due. */
  readonly certificates: number;
  /** When the last of them expires; null where there is none. */
  readonly lastNotAfter: Date | null;
  /** Whether the account's file says something else than before. */
  readonly isChanged: boolean;
}

/**
 * Writes which type of key an account wants, and counts the certificates that this touches. Nothing is ordered.
 * @throws UsageError BAD_ARGUMENT, UNKNOWN_USER with nothing changed; StateError, ConfigurationError
 */
export async function setKeyType(
  account: AccountName,
  type: string,
  host: KeyTypeHost,
): Promise<KeyTypeCost> {
  if (type !== AS_SERVER && !isKeyType(type)) {
    throw new UsageError('BAD_ARGUMENT', `there is no key type ${quoteForMessage(type)}`, {
      advice: `Choose ${AS_SERVER}, ${KEY_TYPES.join(', ')}.`,
    });
  }
  if ((await host.files.read(account)) === undefined) {
    throw new UsageError('UNKNOWN_USER', `there is no account ${quoteForMessage(account)}`);
  }
  const isChanged = await host.files.change(account, new Map([[KEY, type]]));
  return { ...(await costOf(account, host)), isChanged };
}

async function costOf(account: AccountName, host: KeyTypeHost): Promise<Omit<KeyTypeCost, 'isChanged'>> {
  const inventory = await host.accounts.read(account);
  if (inventory?.state !== 'ready') return { keyType: null, certificates: 0, lastNotAfter: null };
  const ends: Date[] = [];
  for (const website of inventory.websites) {
    const [evidence, issued] = [
      await host.certificates.gatherEvidence(website),
      await host.issued.read(website.vhost),
    ];
    const { defects, ownership, notAfter } = host.evaluate(website, evidence, issued, host.clock.now());
    const differs = defects.some(({ code }) => code === 'KEY_TYPE_DIFFERS');
    if (ownership === 'ours' && differs && notAfter !== null) ends.push(notAfter);
  }
  return {
    keyType: inventory.websites[0]?.keyType ?? null,
    certificates: ends.length,
    lastNotAfter: ends.sort((a, b) => a.getTime() - b.getTime()).at(-1) ?? null,
  };
}
