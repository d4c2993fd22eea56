import type { AccountName } from '../../core/domain/account/account-name.js';
import type { WantedName } from '../../core/domain/name/names.js';
import type { AcmeAuthorization, AcmeOrder, DirectoryFacts, Identifier } from '../../core/order/resources.js';
import type { ServerCheck } from '../../core/plan/install/install-liveness.js';
import type { KnownAccount } from '../../core/provider/account-changes.js';
import type { RenewalAnswer, RenewalRecord } from '../../core/renewal/information/renewal-record.js';

/** An account at the CA, from `accounts/<provider>/account.json`. */
export interface CaAccount {
  readonly url: string;
  /** RFC 7638 thumbprint of its key, base64url: the second half of a key authorization. */
  readonly keyThumbprint: string;
}

export interface NewOrderOptions {
  readonly replaces?: string;
  readonly profile?: string;
  readonly notAfter?: Date;
}

/**
 * A certificate authority in RFC 8555's nouns. A refusal by the CA is an `AcmeRefusal` value; only failures to talk
 * (unreachable, garbage, timeout) throw AcmeProtocolError. Each call MUST end within the adapter's timeout and obey the signal.
 */
export interface CertificateAuthority {
  readDirectory(signal?: AbortSignal): Promise<DirectoryFacts>;
  /** The registered account; registers when there is none and the terms' URL was accepted. @throws ConfigurationError TERMS_NOT_ACCEPTED */
  openAccount(signal?: AbortSignal): Promise<CaAccount | AcmeRefusal>;
  /**
   * How the CA says that our account stands (RFC 8555 section 7.1.2): `valid`, `deactivated`, `revoked`, or `refused` where it
   * does not even show it; null: it does not say. Absent: it cannot be asked. @throws AcmeProtocolError
   */
  readAccountStatus?(signal?: AbortSignal): Promise<string | null>;
  /** `beforeSending`: awaited, where nonces are asked for and requests repeated, right before each time that it goes out. */
  newOrder(
    identifiers: readonly Identifier[],
    options: NewOrderOptions,
    signal?: AbortSignal,
    beforeSending?: () => Promise<void>,
  ): Promise<AcmeOrder | AcmeRefusal>;
  readOrder(url: string, signal?: AbortSignal): Promise<AcmeOrder | AcmeRefusal>;
  readAuthorization(url: string, signal?: AbortSignal): Promise<AcmeAuthorization | AcmeRefusal>;
  answerChallenge(url: string, signal?: AbortSignal): Promise<AcmeRefusal | undefined>;
  deactivateAuthorization(url: string, signal?: AbortSignal): Promise<AcmeRefusal | undefined>;
  finalize(order: AcmeOrder, csrDer: Uint8Array, signal?: AbortSignal): Promise<AcmeOrder | AcmeRefusal>;
  /** The chain, leaf first, PEM; alternates chosen by the provider's settings. */
  downloadCertificate(url: string, signal?: AbortSignal): Promise<string | AcmeRefusal>;
  /**
   * When the CA wants a certificate to be replaced (RFC 9773), asked without account or signature. Absent: it has no such thing.
   * MUST NOT reject but for the signal: what hinders it is a value.
   */
  readRenewalInfo?(certificateId: string, signal?: AbortSignal): Promise<RenewalAnswer>;
}

export interface AcmeRefusal {
  readonly refused: import('../../core/order/resources.js').AcmeProblem;
}

/**
 * What CAs said of when to replace the certificates in use: `ari/`. Of each website the newest certificate asked about; of the
 * server's own the website is its `renewalKeyOf`.
 */
export interface RenewalInfoStore {
  /** Null: that certificate is not asked about. Cheap: many are read at once and kept. MUST NOT throw. */
  of(key: string, certificateId: string): RenewalRecord | null;
  /** The earliest instant at which one is asked about, not after `now` where one is due; null: none is. Cheaper still. MUST NOT throw. */
  nextAskAt(now: Date): Date | null;
  /** Those that their CA calls back, and that no other has taken the place of. Cheap where there are none. MUST NOT throw. */
  calledBack(now: Date): readonly RenewalRecord[];
  /** Those whose instant has come, the longest waiting first, `most` at most; `most` absent: whatever their instant. */
  due(now: Date, most: number, isForced?: boolean): readonly RenewalRecord[];
  /** Puts these in place of what is known of their websites. @throws StateError WRITE_FAILED, NO_SPACE */
  keep(records: readonly RenewalRecord[]): Promise<void>;
  /** Takes these out, unless another certificate has taken their place. @throws as `keep` */
  forget(records: readonly RenewalRecord[]): Promise<void>;
  /** Has all of a directory's asked about within half an hour that were not within an hour. @throws as `keep` */
  hasten(directoryUrl: string, now: Date): Promise<void>;
  /** Files that could not be read and count as empty; each is given once. */
  damaged(): readonly string[];
}

/**
 * What a third party's provider wants to be told of, and is asked (behaviour section 4). MUST NOT throw for what it does: a
 * failure is one printable clause.
 */
export interface ProviderHooks {
  /** `user` null: all. */
  startCheck(user: AccountName | null): Promise<ServerCheck>;
  finishCheck(user: AccountName | null): Promise<ServerCheck>;
  accountRenamed(former: string, present: string): Promise<ServerCheck>;
  accountTerminated(former: string): Promise<ServerCheck>;
  /** Why it would refuse names that this server validated; names without an entry are fine. */
  dcvErrors(
    account: AccountName,
    names: readonly { readonly name: WantedName; readonly method: 'http-01' | 'dns-01' }[],
  ): Promise<{ readonly byName: ReadonlyMap<WantedName, readonly string[]> } | { readonly fault: string }>;
  /** Accounts of which it was told last; null: of none yet. */
  knownAccounts(): Promise<readonly KnownAccount[] | null>;
  /** @throws StateError WRITE_FAILED, NO_SPACE */
  remember(accounts: readonly KnownAccount[]): Promise<void>;
}
