import type { CaaLookup } from '../core/caa/observation.js';
import type { CertificateEvidence, CertificateFacts } from '../core/certificate/facts.js';
import type { Revocation } from '../core/certificate/revocation/revocation-list.js';
import type { RecordPlace, RecordTrouble, ServerView, TxtRecord } from '../core/dcv/dns-observation.js';
import type { AddressObservation, HttpObservation, PlacementFault } from '../core/dcv/outcome.js';
import type { AccountName } from '../core/domain/account/account-name.js';
import type { FaultSide } from '../core/domain/fault-side.js';
import type { MetadataKey } from '../core/domain/metadata-key.js';
import type { DomainName, WantedName } from '../core/domain/name/names.js';
import type { AccountInventory, Website, WebsiteRef } from '../core/domain/website/website.js';
import type { ToldServices } from '../core/notice/services/services-news.js';
import type { TemplateName, TemplateTexts } from '../core/notice/template/template-name.js';
import type { ToldAccount } from '../core/notice/told/told-record.js';
import type { LedgerRecord } from '../core/order/ledger-record.js';
import type { NameRecord } from '../core/order/name-record.js';
import type { OrderRecord } from '../core/order/record.js';
import type { AcmeAuthorization, AcmeOrder, DirectoryFacts, Identifier } from '../core/order/resources.js';
import type { DueIndex } from '../core/plan/due-website.js';
import type { ServerCheck, ServerLiveness } from '../core/plan/install/install-liveness.js';
import type { OrphanNote } from '../core/plan/orphans.js';
import type { NamedPlaces } from '../core/plan/served/named-places.js';
import type { TlsObservation } from '../core/plan/served/served.js';
import type { ServedPlaceRecord, ServedRecord } from '../core/plan/served/served-record.js';
import type { ServerSite, StartTlsProtocol } from '../core/plan/served/server-site.js';
import type { NamesOnDisk } from '../core/plan/served/unclaimed.js';
import type { DeathNote } from '../core/plan/services/deadly-pair.js';
import type { KnownAccount } from '../core/provider/account-changes.js';
import type { RenewalAnswer, RenewalRecord } from '../core/renewal/information/renewal-record.js';
import type { RunEvent } from '../core/report/events/event.js';
import type { CommandEnd, JobAnswer, JobRefusal } from '../core/retry/outcome.js';
import type { ConfigurationAdvice } from '../core/sni/configuration-lines.js';
import type { DovecotRoom } from '../core/sni/dovecot-room.js';
import type { NameOffer, NameWithPair } from '../core/sni/offer.js';

/** Adapters carry messages out; runs hand them over. */
export type {
  HandingOver,
  MessageCatalogue,
  MessageList,
  MessageQueue,
  NoticeChannel,
  Outbox,
  OutboxAddition,
} from './notice/notice-ports.js';
/** Adapters read settings; runs are given them. */
export type {
  AccountKeyType,
  AutosslConfiguration,
  DnsEditorSettings,
  DnsHookStyle,
  DnsSettings,
  HookSettings,
  NoticeSettings,
  ProviderSettings,
  ServiceEndpoint,
  ServiceProgramKind,
  ServiceSettings,
  Settings,
  SmtpSettings,
  UnusableWay,
  WebhookTarget,
  WebServerSettings,
} from './settings.js';
export type { LedgerRecord, NameRecord, ServedPlaceRecord, ServedRecord };

/** Time. */
export interface Clock {
  /** MUST NOT be moved by whoever sets the wall clock meanwhile. */
  now(): Date;
  /** By how many ms the wall clock was set forward (negative: back) since this clock began; absent: never. */
  aheadMs?(): number;
  /** Resolves after `ms`; MUST reject with the signal's reason when it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface RandomSource {
  /** Cryptographically strong bytes. */
  bytes(length: number): Uint8Array;
}

/** The hosting accounts of this server. MUST read one account at a time and MUST NOT throw for one account's fault. */
export interface AccountDirectory {
  /** Sorted by account name. @throws StateError TREE_UNREADABLE when the list itself cannot be read. */
  readAll(): AsyncIterable<AccountInventory>;
  /** Undefined when there is no such account. */
  read(name: AccountName): Promise<AccountInventory | undefined>;
}

/** A key and its chain, about to be published. */
export interface CertificateSet {
  readonly website: WebsiteRef;
  readonly keyPem: string;
  /** Leaf first, as the CA sent it. */
  readonly chainPem: string;
  /** Names wanted of the website: those that a wildcard of the certificate covers are looked up by their own, too. */
  readonly wanted?: readonly string[];
}

/** The website certificates on disk. */
export interface CertificateStore {
  /** What lies at `apache_tls/<vhost>/combined`; never throws for what the file holds. */
  gatherEvidence(website: WebsiteRef): Promise<CertificateEvidence>;
  /** The private key that lies there, PEM; undefined unless it is proved to belong to the certificate beside it. */
  readKey(website: WebsiteRef): Promise<string | undefined>;
  /**
   * Puts the pair in place by one rename, archives the previous set, then writes the derived files. MUST refuse a key
   * that does not belong to the leaf. MUST be safe to repeat. `beforeRename` is the lock's fencing point: what it throws
   * stops the publication with the old set in place. @throws InstallError
   */
  publish(set: CertificateSet, beforeRename?: () => Promise<void>): Promise<void>;
}

/** Former sets of website certificates, and first ones. */
export interface FormerSets {
  /**
   * What the publication of `set` replaces: what lies there or, when `set` itself lies there already (a run died between
   * its publication and its proof), the newest archived text that differs. Null: nothing lay there.
   */
  readFormer(set: CertificateSet): Promise<FormerSet | null>;
  /** Puts a former set back by one rename (null: removes `combined`) and derives from it anew. Safe to repeat. @throws InstallError */
  restore(website: WebsiteRef, former: FormerSet | null, beforeRename?: () => Promise<void>): Promise<void>;
  /** Publishes unless anything, even an empty file or a link, lies there. Whether it did. Nothing is archived. @throws InstallError */
  placeIfAbsent(set: CertificateSet): Promise<boolean>;
  /** Former sets that are whole, not expired and not self-signed, newest first. */
  listArchived(website: WebsiteRef): Promise<readonly ArchivedSet[]>;
  /** Where the website's `combined` lies. */
  pathOf(website: WebsiteRef): string;
}

/** What lay at a website's `combined`, to be put back as it was. Holds a private key. */
export interface FormerSet {
  readonly text: string;
  /** Null when it held no certificate. */
  readonly fingerprint: string | null;
}
export interface ArchivedSet extends Omit<CertificateSet, 'website'> {
  readonly fingerprint: string;
  readonly names: readonly string[];
  readonly notAfter: Date;
  readonly archivedAt: Date;
}

/** What is staged for an order beside its record. */
export interface StagedOrder {
  readonly keyPem: string;
  readonly csrDer: Uint8Array;
  /** Null until downloaded. */
  readonly chainPem: string | null;
}

/** The order journal: `orders/` and `staging/`. Each call is durable (fsync) before it resolves. */
export interface OrderStore {
  /** Stages key and CSR first, then the record. */
  create(record: OrderRecord, staged: { keyPem: string; csrDer: Uint8Array }): Promise<void>;
  update(record: OrderRecord): Promise<void>;
  /** Stages the chain; call before the record says `downloaded`. */
  stageChain(id: string, chainPem: string): Promise<void>;
  readStaged(id: string): Promise<StagedOrder>;
  /** Unfinished orders, oldest first; a damaged record is reported as `broken`. */
  list(): Promise<readonly OrderJournalEntry[]>;
  read(id: string): Promise<OrderRecord | undefined>;
  /** Removes record, then staging (never the other way round). */
  remove(id: string): Promise<void>;
}
export type OrderJournalEntry =
  | { readonly state: 'ok'; readonly record: OrderRecord }
  | { readonly state: 'broken'; readonly path: string; readonly why: string };

/** One certificate that we got: `issued/<vhost>.json` holds these, newest first (format fixed, ARCHITECTURE.md). */
export interface IssuedRecord {
  readonly fingerprint: string;
  readonly account: string;
  readonly vhost: string;
  readonly provider: string;
  readonly directoryUrl: string;
  readonly acmeAccountUrl: string | null;
  readonly orderUrl: string | null;
  readonly orderId: string;
  readonly names: readonly string[];
  readonly because: readonly string[];
  readonly ariCertificateId: string | null;
  /** What its order said that it replaces (RFC 9773); absent in records of former versions, and where nothing was said. */
  readonly replaces?: string | null;
  /** The provider that it was ordered in place of, and that has the next turn; absent: none. */
  readonly insteadOf?: string;
  readonly serial: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly issuedAt: string;
}
/** A certificate that a CA issued for an order of ours and that was never put in place, beside the issued ones. */
export interface UnfitRecord {
  readonly vhost: string;
  readonly account: string;
  readonly provider: string;
  readonly directoryUrl: string;
  readonly orderUrl: string | null;
  readonly orderId: string;
  readonly names: readonly string[];
  /** What is wrong with it: code and clause. */
  readonly code: string;
  readonly why: string;
  readonly at: string;
  readonly chainPem: string;
}
export interface IssuedStore {
  /** Newest first; empty when we never issued for it. */
  read(vhost: string): Promise<readonly IssuedRecord[]>;
  /** Certificates got since then, of all websites; what cannot be read is left out. */
  since(instant: Date): Promise<readonly IssuedRecord[]>;
  /** Adds a record (idempotent by fingerprint); keeps the expired ones for at most 90 days and 20 records. */
  add(record: IssuedRecord): Promise<void>;
  /** Adds what was issued in vain (idempotent by order), as long as the expired ones; it makes nothing ours. */
  addUnfit(record: UnfitRecord): Promise<void>;
}

export interface NameMemory {
  read(name: WantedName): Promise<NameRecord | undefined>;
  write(record: NameRecord): Promise<void>;
  forget(name: WantedName): Promise<void>;
}

/** What the last full run saw of websites recorded as ours: `ledger/health.json` (mass-change brake, design 5.19). */
export interface HealthRecord {
  readonly schemaVersion: 1;
  readonly at: string;
  /** Websites with an issued record. */
  readonly oursCount: number;
  /** Those of them found absent or defective. */
  readonly unhealthy: readonly string[];
  /** Those found expired or not valid yet, by a clock that was trusted; absent in records of former versions. */
  readonly expired?: readonly string[];
}
export interface Ledger {
  read(provider: string): Promise<LedgerRecord>;
  write(record: LedgerRecord): Promise<void>;
  /**
   * Puts a record in place of one that cannot be read, which is kept beside it; gives where. @throws StateError CORRUPT_RECORD for a newer version's
   */
  replaceDamaged(record: LedgerRecord, now: Date): Promise<string>;
  readHealth(): Promise<HealthRecord | undefined>;
  writeHealth(record: HealthRecord): Promise<void>;
}

/** Latest problem per name of one account: `problems/<account>.json`. */
export interface ProblemRecord {
  readonly domain: string;
  readonly vhost: string;
  readonly code: string;
  readonly message: string;
  readonly advice: string | null;
  /** Absent in records of former versions. */
  readonly fault?: FaultSide;
  /** Of the website as such; absent: of the name, and in all records of former versions. */
  readonly about?: 'website';
  /** None of the name's addresses is on this server, which may be why. */
  readonly pointsElsewhere?: true;
  /** Where a person ends the pause that a CA put on the name; the administrator's. */
  readonly unpauseUrl?: string;
  /** When it was first seen, of those that were seen at every look since; absent in records of former versions. */
  readonly since?: string;
  /** When it was last seen. */
  readonly at: string;
  /** Start of the run whose log tells of it. */
  readonly logStartedAt: string | null;
}
export interface ProblemStore {
  read(account: string): Promise<readonly ProblemRecord[]>;
  /** Replaces the account's list (an empty one removes the file). */
  write(account: string, problems: readonly ProblemRecord[]): Promise<void>;
}

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
  readonly refused: import('../core/order/resources.js').AcmeProblem;
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

/** Where challenge content is put for one name. */
export interface HttpChallenge {
  readonly website: Website;
  readonly name: WantedName;
  /** `[A-Za-z0-9_-]+`, at most 128 characters; the solver MUST refuse anything else. */
  readonly token: string;
  readonly content: string;
}
export type PlacementOutcome = { readonly ok: true } | ({ readonly ok: false } & PlacementFault);
/**
 * Places challenge files. `present` returns a fault instead of throwing for anything the customer can cause.
 * `cleanUp` MUST work even if `present` failed, and MUST be safe to repeat.
 */
export interface ChallengeSolver {
  present(challenge: HttpChallenge): Promise<PlacementOutcome>;
  cleanUp(
    challenge: Omit<HttpChallenge, 'content' | 'website'> & {
      readonly documentRoot: string;
      readonly account: string;
    },
  ): Promise<void>;
  /**
   * Removes what crashed runs left, but for the tokens of `wanted`: those of orders that are not over, whose files a CA may
   * still fetch. Called once in a run, after its recovery.
   */
  sweep(wanted: ReadonlySet<string>): Promise<void>;
  close(): Promise<void>;
}

/** How the records of one zone fared. */
export interface PresentedZone {
  readonly zone: string;
  /** Null: every authoritative server that answers shows all of them. */
  readonly trouble: RecordTrouble | null;
  readonly servers: readonly ServerView[];
}

/**
 * Places TXT records of dns-01 challenges (RFC 8555 section 8.4) and takes them away by value: others of the same name stay.
 * What DNS or a name server says is a value.
 */
export interface DnsChallengeSolver {
  /** Where the record of a name goes, delegation by CNAME followed; or why nowhere. */
  locate(name: WantedName, signal?: AbortSignal): Promise<RecordPlace | RecordTrouble>;
  /**
   * Places all of them, those of one zone in one change, then waits for each zone until its authoritative servers show them or
   * the time for that is over. MUST note them durably before placing. MUST be safe to repeat. Rejects with the signal's
   * reason; @throws StateError when our own journal cannot be written
   */
  present(records: readonly TxtRecord[], signal?: AbortSignal): Promise<readonly PresentedZone[]>;
  /** What resolvers say of a record that the servers show; null: nothing against it. */
  checkResolved(record: TxtRecord, signal?: AbortSignal): Promise<RecordTrouble | null>;
  /** MUST work even if `present` failed, and MUST be safe to repeat. One printable line for each zone that stays as it was. */
  cleanUp(records: readonly TxtRecord[]): Promise<readonly string[]>;
  /** Removes what crashed runs left, but for `wanted` values: those of orders that are not over. Lines as `cleanUp`. */
  sweep(wanted: ReadonlySet<string>): Promise<readonly string[]>;
}

/** DNS as this server sees it; answers cached for the run. MUST NOT throw for a lookup's failure. */
export interface NameResolver {
  addressesOf(name: DomainName): Promise<AddressObservation>;
  /** Whether any of the servers answers a question that every resolver can; not cached. MUST NOT throw. */
  isAnswering(): Promise<boolean>;
  /** The servers that are asked, as `address` or `address:port`. */
  readonly servers: readonly string[];
}

/** One HTTP validation fetch. MUST NOT throw for a network failure. */
export interface HttpProbe {
  fetch(request: {
    readonly host: DomainName;
    readonly address: string;
    readonly path: string;
    readonly maxRedirects: number;
    /** Whose name it is; absent: nobody's whose names would be asked about again. */
    readonly account?: string;
    readonly signal?: AbortSignal;
  }): Promise<HttpObservation>;
}

/** CAA records as DNS shows them; what was asked once is shared for the run. MUST NOT throw for a lookup's failure. */
export interface CaaResolver {
  caaAt(name: string): Promise<CaaLookup>;
  /** Asks the resolvers again, past what is remembered here (they have memories of their own). */
  caaAnew(name: string): Promise<CaaLookup>;
  /** What each name server of the zone itself shows; empty when they are not known or must not be asked. */
  caaAtServersOf(zone: string, name: string): Promise<readonly CaaLookup[]>;
  /** Whether the name has records of its own in that very zone, as its name servers say. */
  standingOf(zone: string, name: string): Promise<NameStanding>;
}

/**
 * How a name stands in a zone. `lent`: only a wildcard answers for it, as far as can be told; `elsewhere`: it lies in a zone
 * below or beside; `unknown`: the zone's servers do not say it, or not the same.
 */
export type NameStanding = 'own' | 'lent' | 'absent' | 'elsewhere' | 'unknown';

/** A record that we added to a zone: `undo/`. At most one for each owner name, type and value. */
export interface ZoneAddition {
  /** Made of name, type and value. */
  readonly id: string;
  readonly name: string;
  readonly type: 'CAA';
  /** As in a zone file. */
  readonly value: string;
  readonly zone: string;
  /** By what the zone was edited. */
  readonly editor: string;
  /** For which website. */
  readonly account: string;
  readonly vhost: string;
  /** One printable sentence. */
  readonly why: string;
  readonly at: string;
  /**
   * `begun`: it may be there or not; `added`: it was added; `undone`: an administrator had it taken away, and it is not
   * added again as long as this is kept.
   */
  readonly state: 'begun' | 'added' | 'undone';
  readonly undoneAt: string | null;
}
export interface ZoneAdditions {
  read(name: string, type: 'CAA', value: string): Promise<ZoneAddition | undefined>;
  /** By name. @throws StateError CORRUPT_RECORD */
  list(): Promise<readonly ZoneAddition[]>;
  /** Durable before it resolves. @throws StateError WRITE_FAILED, NO_SPACE */
  write(addition: Omit<ZoneAddition, 'id'>): Promise<ZoneAddition>;
  forget(addition: ZoneAddition): Promise<void>;
}

/** What is due between two runs of autossl_check: a cache, of which the next run makes another. */
export interface DueIndexStore {
  /** Nothing is due where there is none, or a damaged one. Cheap: one small file. */
  read(): DueIndex;
  /** @throws StateError WRITE_FAILED, NO_SPACE */
  write(index: DueIndex): Promise<void>;
}

/** The run's log, in both formats. `record` is buffered; `flush` and `close` are durable. */
export interface RunJournal {
  /** ISO start (second precision), the log's name. */
  readonly startedAt: string;
  /** Name of the log that a website's lines go to; absent: of all the one above. */
  startedAtOf?(vhost: string): string;
  /** MUST NOT throw: a log that takes no more costs its lines, not the run. */
  record(event: RunEvent): void;
  /** @throws StateError WRITE_FAILED or NO_SPACE when lines were lost by now; the rest is written */
  flush(): Promise<void>;
  /** @throws as `flush`; it is closed all the same. Once closed nothing is recorded. */
  close(): Promise<void>;
}

/** Held lock; `signal` aborts when it was lost (stolen, stale). */
export interface HeldLock {
  readonly signal: AbortSignal;
  /** Fencing: throws StateError LOCK_LOST when another holder took it. Call just before each rename into place. */
  assertHeld(): Promise<void>;
  release(): Promise<void>;
}
export interface LockKeeper {
  /** Undefined with the holder's description when another live process holds it. */
  tryAcquire(name: string, note: string): Promise<HeldLock | { readonly heldBy: LockHolder }>;
  acquire(name: string, note: string, signal?: AbortSignal): Promise<HeldLock>;
}
/** Who is at work under which lock. Only looks. */
export interface LockWatch {
  /** Null: nobody. @throws StateError TREE_UNREADABLE */
  holderOf(name: string): LockHolder | null;
}
export interface LockHolder {
  readonly pid: number;
  readonly startedAt: string;
  readonly note: string;
}

/** Remembers, across crashes, that something was published which no server may have loaded yet. */
export interface ReloadDebt {
  /** Notes it durably, until the next `begin().settle()`. Call just before each file is put in place. */
  owe(): Promise<void>;
  /** Whether this process, or one that is gone, published something that no reload followed. */
  isOwed(): Promise<boolean>;
  /** What is owed now; publications after this call are not settled by it. */
  begin(): Promise<{ settle(): Promise<void> }>;
}

/** What administrators hang on an installation; absent commands succeed. MUST NOT throw. */
export interface InstallHooks {
  /** `AutoSSL::installssl` pre (behaviour section 14). Not ok: it vetoes this website's installation. */
  pre(payload: InstallPayload): Promise<ServerCheck>;
  post(
    payload: InstallPayload,
    outcome: { readonly status: boolean; readonly message: string },
  ): Promise<ServerCheck>;
  /** The account's rebuild command, after its websites were published and before the servers' test; null when none is set. */
  readonly rebuild: ((account: AccountName, vhosts: readonly string[]) => Promise<ServerCheck>) | null;
}
export interface InstallPayload {
  readonly website: WebsiteRef;
  readonly keyPem: string;
  /** Leaf first. */
  readonly chainPem: string;
}

/** Tells the administrator. MUST NOT throw for a message that cannot be sent. */
export interface Notifier {
  /** One mail. Both may hold outside text; the adapter MUST keep it from becoming headers or commands. */
  tell(message: { readonly subject: string; readonly lines: readonly string[] }): Promise<
    | { readonly ok: true }
    /** `isQueued`: it is tried again without being handed over again. */
    | { readonly ok: false; readonly why: string; readonly isQueued: boolean }
  >;
}

export interface ServedStore {
  read(vhost: string): Promise<ServedRecord | undefined>;
  write(record: ServedRecord): Promise<void>;
  /** Websites whose newest record says anything but `served`; costs one folder's listing. */
  listUnproved(): Promise<readonly string[]>;
  forget(vhost: string): Promise<void>;
}

/** What the administrator was told of the server's own certificates: `notices/services.json`. */
export interface ToldServicesStore {
  /** What cannot be read was not told. MUST NOT throw. */
  read(): Promise<ToldServices | null>;
  /** Null removes it. MUST NOT throw. */
  write(told: ToldServices | null): Promise<ServerCheck>;
}

/** Of which certificate a service's daemon died last. */
export interface DeathNotes {
  /** Where the note lies, for people. */
  readonly path: string;
  /** A note that cannot be read is none. */
  read(): Promise<DeathNote | null>;
  /** @throws StateError */
  write(note: DeathNote): Promise<void>;
}

/** One TLS handshake. MUST NOT throw for a network failure; MUST NOT verify what it is shown. */
export interface TlsProbe {
  handshake(request: {
    /** An IP address. */
    readonly address: string;
    readonly port: number;
    /** For SNI; null or an IP address: none is sent. */
    readonly serverName: string | null;
    /** The protocol in which TLS is asked for first; absent = TLS from the first byte. */
    readonly startTls?: StartTlsProtocol;
    /** From the connection's beginning to the handshake's end; the adapter has a default. */
    readonly timeoutMs?: number;
    readonly signal?: AbortSignal;
  }): Promise<TlsObservation>;
}

/**
 * A web server of this machine, or a service that has a certificate of its own (mail, FTP, a panel). Whatever it or its commands do is a value; each call MUST end within the adapter's
 * timeouts.
 */
export interface WebServer {
  readonly kind: 'nginx' | 'apache' | 'command' | 'service';
  /** One printable phrase for messages. */
  describe(): string;
  /** Whether a reload would be taken, as far as can be told without one; changes nothing that is served. */
  testConfig(): Promise<ServerCheck>;
  /** Ok once the new configuration and certificates are in use; the server may have died of it when it is not. */
  reload(): Promise<ServerCheck>;
  liveness(): Promise<ServerLiveness>;
  /** Only for a server that died. Ok also when it runs already. */
  start(): Promise<ServerCheck>;
  /** What its configuration should say besides; absent: nothing is known. */
  advice?(): Promise<readonly ConfigurationAdvice[]>;
  /** Ends one that runs and starts it; MUST end none that nobody knows how to start. Absent: only `reload` is for it. */
  restart?(): Promise<ServerCheck>;
  /** In the order of the configuration; empty for `command`. */
  readSites(): Promise<readonly ServerSite[] | { readonly fault: string }>;
  /** `testConfig` and, where that went well, `readSites`; present where both together cost less than each alone. */
  inspect?(): Promise<ServerInspection>;
  /** The whole text of its configuration, file by file; absent where nobody knows it. */
  readConfiguration?(): Promise<readonly string[] | { readonly fault: string }>;
}

/** A configuration as it lies there now. `sites`: of a configuration that is refused, a fault. */
export interface ServerInspection {
  readonly check: ServerCheck;
  readonly sites: readonly ServerSite[] | { readonly fault: string };
}

/** What became of the files of a website that nobody has any more. */
export type Archival =
  /** In the archive, and of the copies per name none is left. */
  | { readonly state: 'archived' }
  /** A web server's configuration names one of them: all stay. */
  | { readonly state: 'named' }
  /** They were replaced meanwhile, or are such as we do not make: all stay. `why` is one clause. */
  | { readonly state: 'left'; readonly why: string };

/** The copy of a certificate that lies under a name, for mail and the like. */
export interface NameCopy {
  readonly name: string;
  readonly fingerprint: string;
  /** Names of its certificate that a website can be called by. */
  readonly certified: readonly string[];
}

/** What lies on disk by name, and since when which websites of it are nobody's (`orphans.json`). */
export interface OrphanNotes {
  /**
   * By one listing of each folder; what no name of ours can stand for is left out. @throws StateError TREE_UNREADABLE when
   * a folder cannot be listed
   */
  listOnDisk(): NamesOnDisk;
  /** @throws StateError CORRUPT_RECORD */
  read(): readonly OrphanNote[];
  write(notes: readonly OrphanNote[]): Promise<void>;
  /** Whether runs of late are known, so that our clock may decide what is removed for its age. MUST NOT throw. */
  isClockSettled(now: Date): Promise<boolean>;
  /** Forgets retry memories that were last written before the instant. */
  forgetNames(names: Iterable<string>, writtenBefore: Date): Promise<void>;
}

/** The key and certificate files of websites and names that nobody has any more. */
export interface OrphanSets {
  /** Whether servers have a folder for the website. */
  hasFolder(vhost: string): Promise<boolean>;
  /**
   * Moves what lies in the website's folder into the archive, and removes what was derived from it; MUST leave all of it
   * when `named` names any, or it was replaced after `since`. MUST be safe to repeat. `beforeRemoval` is the lock's fencing
   * point. @throws InstallError, StateError
   */
  archive(
    website: WebsiteRef,
    named: NamedPlaces,
    since: Date,
    beforeRemoval: () => Promise<void>,
  ): Promise<Archival>;
  /** Removes records and former sets of the website, when all of them have expired. Whether none is left. */
  forgetExpired(vhost: string, now: Date): Promise<boolean>;
  /** The copy under the name, if it was written before the instant. */
  readCopy(name: string, writtenBefore: Date): NameCopy | null;
  /** Removes it, unless `named` names it, another lies there now, or it is what the website serves. Whether it did. */
  removeCopy(copy: NameCopy, website: WebsiteRef, named: NamedPlaces): Promise<boolean>;
}

/** The certificates that lie under names (`domain_tls`), as mail and FTP daemons could be given them. */
export interface NamePairs {
  /** MUST read a file only where it changed since `keep`. @throws StateError TREE_UNREADABLE */
  list(): Promise<readonly NameWithPair[]>;
  /** Keeps what was read for the next time. @throws StateError WRITE_FAILED, NO_SPACE */
  keep(): Promise<void>;
}

/** The pairs that daemons are given, each in a file of its own that is never changed. */
export interface SniPairs {
  /** Whether all of these lie there, open to whom they should be. */
  hold(offers: readonly NameOffer[]): boolean;
  /** Puts the pairs of these there; gives the ids of those that lie there now. @throws StateError WRITE_FAILED, NO_SPACE */
  place(offers: readonly NameOffer[]): Promise<ReadonlySet<string>>;
  /** Removes all others. */
  retain(ids: ReadonlySet<string>): Promise<void>;
  /** SHA-256 of a pair's leaf in lower-case hex; null when it does not lie there. */
  leafOf(id: string): Promise<string | null>;
}

/** How much of a table its daemon can hold in memory. */
export interface SniRoom {
  look(): Promise<DovecotRoom>;
  /** The names in the table as it lies there. */
  names(): Promise<ReadonlySet<string>>;
}

/** Where one daemon finds the certificate of a name: a folder of links, an include, a map. */
export interface SniTable {
  /** Its path, as messages and the daemon's configuration name it. */
  readonly path: string;
  /** Whether exactly these lie there and nothing is left over from a crash; null: nothing is to be offered there. */
  holds(offers: readonly NameOffer[] | null): Promise<boolean>;
  /** @throws StateError WRITE_FAILED, NO_SPACE; ConfigurationError UNSAFE_FILE */
  write(offers: readonly NameOffer[] | null): Promise<void>;
  /** Ids of the pairs that it names now, or would name if it were put back. */
  pairs(): Promise<ReadonlySet<string>>;
  /** Whether the daemon's configuration names it; null where that cannot be seen now. */
  isNamed(): Promise<boolean | null>;
  /** Null where the daemon looks there at each connection, and has nothing to refuse. */
  readonly former: FormerTable | null;
}

/** What a table was before `write`, kept until the daemon has taken the new one; survives crashes. */
export interface FormerTable {
  /** Whether a process died before it knew what became of the new one. */
  isLeft(): Promise<boolean>;
  /** Puts it back; nothing where none is left. @throws StateError */
  restore(): Promise<void>;
  settle(): Promise<void>;
}

/** The at(1) queue of the user that we run as. What at(1) refuses is a value. */
export interface JobQueue {
  /**
   * Queues a script of /bin/sh for an instant in at(1)'s words, to be run in this folder. MUST hand on nothing of our
   * environment. Granularity: one minute, cut down.
   */
  schedule(job: {
    readonly body: string;
    readonly when: readonly string[];
    readonly folder: string;
  }): Promise<JobAnswer>;
  /** Jobs of this user that wait (those under way do not), by instant, then by number. */
  list(): Promise<readonly QueuedJob[] | JobRefusal>;
}
export interface QueuedJob {
  readonly id: string;
  readonly runsAt: Date;
  /** The whole script: at(1)'s own lines, then what was queued. */
  readonly text: string;
}

/**
 * Commands that somebody wrote: they print where we print, read nothing and may take as long as they like. What tells us to
 * stop meanwhile MUST be passed on to them. MUST NOT throw for what a command does.
 */
export interface CommandRunner {
  run(argv: readonly string[]): Promise<CommandEnd>;
}

/** One change of a zone: a record added, or taken away by its value; other records of the name stay. */
export interface ZoneChange {
  readonly op: 'add' | 'remove';
  /** Owner name, without the final dot; may hold underscores and a first label `*`. */
  readonly name: string;
  readonly type: 'TXT' | 'CAA';
  /** TXT: the text itself, unquoted, at most 255 bytes; CAA: as in a zone file, `0 issue "ca.example"`. */
  readonly value: string;
}

/** Why a name lies in no zone of ours. */
export interface NoZone {
  readonly fault: string;
  /** Set when an editor could not say what it rules: there may be one. */
  readonly isUnsure?: true;
}

/** A zone that this server may edit. */
export interface EditableZone {
  /** Apex, without the final dot. */
  readonly apex: string;
  readonly editor: string;
}

/**
 * Changes the zones that this server rules (design 5.12; RFC 2136, an HTTP API, or a hook). What a name server answers is a
 * value. Values outside of the bounds MUST be refused before anything is sent.
 */
export interface ZoneEditor {
  /** The closest zone of ours that holds the name, or why there is none: “no local authority”. MUST NOT throw for DNS's sake. */
  zoneOf(name: string): Promise<EditableZone | NoZone>;
  /** Whether `change` takes this type of record: in this zone, or in any. */
  canEdit(type: ZoneChange['type'], zone?: EditableZone): boolean;
  /** All or none where the server can. MUST be safe to repeat. TTL is the editor's. */
  change(zone: EditableZone, changes: readonly ZoneChange[]): Promise<ZoneCheck>;
}

/** `isDenied`: the server knows us and lets us in, but its policy has no such change for us. */
export type ZoneCheck =
  | { readonly ok: true }
  | { readonly ok: false; readonly why: string; readonly isDenied?: true };

/** Fetches revocation lists. MUST NOT reject for what the network or the other side does. */
export interface ListDownload {
  fetch(request: {
    readonly url: string;
    /** Of the list that is kept; null = none is. */
    readonly validators: ListValidators | null;
    readonly signal: AbortSignal;
  }): Promise<DownloadedList>;
}

/** By what a web server tells whether a list is another one (RFC 9110 8.8). */
export interface ListValidators {
  readonly etag: string | null;
  readonly lastModified: string | null;
}
export type DownloadedList =
  | { readonly state: 'fetched'; readonly der: Uint8Array; readonly validators: ListValidators }
  | { readonly state: 'unchanged' }
  | {
      readonly state: 'failed';
      /** The host did not answer: its other lists need not be asked for. */
      readonly isHostDown: boolean;
      /** One printable clause. */
      readonly why: string;
    };

/** Asks issuers' responders about single certificates (RFC 6960). MUST NOT reject for what the network or the other side does. */
export interface ResponderDialogue {
  ask(request: {
    readonly url: string;
    /** DER of an OCSPRequest. */
    readonly question: Uint8Array;
    readonly signal: AbortSignal;
  }): Promise<SaidByResponder>;
}
export type SaidByResponder =
  | { readonly state: 'answered'; readonly der: Uint8Array }
  | Extract<DownloadedList, { state: 'failed' }>;

/** What responders said of single certificates, as long as it holds: a cache. MUST NOT throw. */
export interface ResponderAnswers {
  /** By fingerprint; null: nothing is kept. Cheap. */
  of(fingerprint: string): KeptAnswer | null;
  /** Remembers by fingerprint; what no longer holds goes. */
  keep(answers: ReadonlyMap<string, KeptAnswer>): Promise<void>;
}

/** An answer that was verified. */
export interface KeptAnswer {
  /** Null: it is good. */
  readonly revocation: Revocation | null;
  readonly thisUpdate: Date;
  readonly holdsUntil: Date;
  readonly askedAt: Date;
}

/** Revocation lists that are kept between runs: a cache. MUST NOT throw. */
export interface ListCache {
  /** Null: none, or a damaged one. */
  read(url: string): Promise<KeptList | null>;
  keep(url: string, list: KeptList): Promise<void>;
  /** Removes what was not kept anew for weeks. */
  tidy(now: Date): Promise<void>;
}
export interface KeptList {
  readonly der: Uint8Array;
  readonly validators: ListValidators;
  /** When its web server last had no other one. */
  readonly askedAt: Date;
  /** Fingerprint of the issuer's certificate with which its signature was verified. */
  readonly verifiedWith: string;
}

/** Which certificates are known to be revoked: a cache, whose loss costs until the next run. */
export interface KnownRevocations {
  /** By fingerprint; null: not known to be revoked. Cheap. */
  of(fingerprint: string): Revocation | null;
  /** Whether a certificate with this key was revoked because somebody else has it: for ever, whatever becomes of that. Cheap. */
  isKeyLost(keyHash: string): boolean;
  /** Remembers and forgets by fingerprint; keys that are lost stay so. MUST NOT throw. */
  learn(news: ReadonlyMap<string, KnownRevocation | null>): Promise<void>;
}
export interface KnownRevocation extends Revocation {
  /** `keyHashOf` its key. */
  readonly keyHash?: string;
  /** The certificate's own end: nobody asks beyond it. */
  readonly notAfter: Date;
}

/** The documented settings of `autossl.json`. Each change is made on what lies there then, one after the other. */
export interface MetadataStore {
  /** All documented keys. @throws ConfigurationError BAD_SETTING */
  read(): Promise<ReadonlyMap<MetadataKey, boolean>>;
  /** @throws ConfigurationError BAD_SETTING, StateError WRITE_FAILED */
  set(key: MetadataKey, value: boolean): Promise<void>;
  /** Changes several at once; the others stay. @throws as `set` */
  change(values: ReadonlyMap<MetadataKey, boolean>): Promise<void>;
  /** What is not given gets its default. @throws as `set` */
  replace(values: ReadonlyMap<MetadataKey, boolean>): Promise<void>;
}

/** A name that an account's owner or root left out of certificates. */
export interface Exclusion {
  readonly name: WantedName;
  /** `root`, or the account; null: somebody else's program wrote it. */
  readonly by: string | null;
  /** ISO 8601. */
  readonly at: string | null;
}

/** The names excluded for each account. */
export interface ExclusionStore {
  /** In the order of the file. @throws ConfigurationError BAD_SETTING when the file cannot be understood */
  list(account: AccountName): Promise<readonly Exclusion[]>;
  /**
   * Changes the list, one process after the other, and gives the new one, sorted. Names that stay keep their origin;
   * whatever else the file holds stays. @throws ConfigurationError BAD_SETTING, StateError WRITE_FAILED
   */
  change(
    account: AccountName,
    by: string,
    at: Date,
    change: (present: readonly WantedName[]) => readonly WantedName[],
  ): Promise<readonly Exclusion[]>;
}

/** One run's log, as the catalogue has it. */
export interface RunLogEntry {
  /** ISO 8601, to the second: the log's name. */
  readonly startedAt: string;
  readonly provider: string | null;
  /** An account, or `*`. */
  readonly username: string | null;
  readonly isInProgress: boolean;
}

/** The logs of runs that are kept. */
export interface RunLogs {
  /** Newest first. @throws StateError TREE_UNREADABLE */
  list(): Promise<readonly RunLogEntry[]>;
  /** Lines of one of the two renderings in their order; undefined when there is no such log. @throws StateError TREE_UNREADABLE */
  read(startedAt: string, format: 'json' | 'txt'): Promise<string | undefined>;
  /** Line by line from its beginning, while it may still grow; undefined when there is no such log. */
  tail(startedAt: string, format: 'json' | 'txt'): Promise<LogTail | undefined>;
  /** Whether the run that began it is still at work. */
  isInProgress(startedAt: string): Promise<boolean>;
}

/** The lines of one log as they come. */
export interface LogTail {
  /** Whole lines that were not given before. @throws StateError TREE_UNREADABLE */
  newLines(): AsyncIterable<string>;
  /** What stands after the last whole line: of a run that ended there, all that will come. */
  rest(): string;
}

/** The `KEY=value` lines of an account's users file. */
export interface UserFiles {
  /** Undefined: there is no such account. @throws StateError TREE_UNREADABLE */
  read(account: AccountName): Promise<ReadonlyMap<string, string> | undefined>;
  /**
   * Gives keys these values (null: takes the key away); other lines stay as and where they are. Whether anything changed.
   * @throws StateError TREE_UNREADABLE, WRITE_FAILED; ConfigurationError UNSAFE_FILE
   */
  change(account: AccountName, values: ReadonlyMap<string, string | null>): Promise<boolean>;
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

/** Starts autossl_check in the background, as cron would: with none of the caller's environment, terminal or limits. */
export interface CheckStarter {
  /** Null = every account. MUST return at once. What hinders it is a value, one printable clause. */
  start(account: AccountName | null): Promise<{ readonly pid: number } | { readonly fault: string }>;
}

/** A website's certificate without its key. */
export interface PublicCertificate {
  readonly leaf: CertificateFacts;
  /** In the order of the file. */
  readonly chain: readonly CertificateFacts[];
}

/** The certificates of websites as far as whoever we are may read them; keys are not looked at. */
export interface PublicCertificates {
  /** What lies in use; null: nothing that is a certificate. @throws StateError TREE_UNREADABLE when that cannot be told */
  installed(website: WebsiteRef): Promise<PublicCertificate | null>;
  /** Former ones that are kept, newest first. @throws as `installed` */
  archived(website: WebsiteRef): Promise<readonly PublicCertificate[]>;
}

/** What is kept of certificates beside what servers use. */
export type MaterialKind = 'certs' | 'keys' | 'csrs';

/** Keys, requests and certificates that root made or keeps by hand: `/var/cpanel/ssl/system/<kind>/ID.*` (behaviour section 13). */
export interface MaterialStore {
  /** In the order of their ids; what cannot be read is left out. Keys are secret. */
  list(
    kind: MaterialKind,
  ): AsyncIterable<{ readonly id: string; readonly path: string; readonly text: string }>;
  /**
   * Keeps one, durably; the same id again is written anew. `id`: letters, digits and underscores. Gives its documented path.
   * @throws StateError WRITE_FAILED, NO_SPACE; ConfigurationError UNSAFE_FILE
   */
  save(kind: MaterialKind, id: string, pem: string): Promise<string>;
}

/** Where the websites of an account are reached. */
export interface WebsiteAddress {
  /** Null: not known. */
  readonly ip: string | null;
  /** Whether the account has it for itself. */
  readonly isDedicated: boolean;
}

/** What people were told of an account's websites and is not over: `notices/told/<account>.json`. */
export interface NoticeMemory {
  /** Accounts that have one. @throws StateError TREE_UNREADABLE */
  accounts(): Promise<readonly string[]>;
  /** Undefined: nobody was told anything. @throws StateError CORRUPT_RECORD */
  read(account: string): Promise<ToldAccount | undefined>;
  /** Durable before it resolves; null removes it. @throws StateError WRITE_FAILED, NO_SPACE */
  write(account: string, told: ToldAccount | null): Promise<void>;
}

/** The keys that stand in `autossl.json`, without defaults: what the administrator chose. */
export interface ChosenMetadata {
  /** @throws ConfigurationError BAD_SETTING */
  readChosen(): Promise<ReadonlyMap<MetadataKey, boolean>>;
}

/** An administrator's own templates. What must not be read is a value. */
export interface NoticeTemplates {
  /** Parts that lie there; `refused`: one printable clause for each file that may not be used. */
  read(name: TemplateName): Promise<{ readonly texts: TemplateTexts; readonly refused: readonly string[] }>;
}
