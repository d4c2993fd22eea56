import type { CertificateEvidence } from '../../core/certificate/facts.js';
import type { KeyType } from '../../core/domain/key-type.js';
import type { WantedName } from '../../core/domain/name/names.js';
import type { Website } from '../../core/domain/website/website.js';
import type { Evaluation } from '../../core/evaluation/evaluation.js';
import type { WildcardAbility } from '../../core/plan/action.js';
import type { FreeRoom } from '../../core/plan/room/room.js';
import type { ProviderDescription } from '../../core/provider/description.js';
import type { NoticeDesk } from '../findings/notice-desk.js';
import type { InstallHost } from '../install/install-ports.js';
import type { PlaceholderHost } from '../install/placeholder.js';
import type { AccountDirectory } from '../ports/accounts.js';
import type { CertificateAuthority, ProviderHooks, RenewalInfoStore } from '../ports/authority.js';
import type { CertificateStore } from '../ports/certificates.js';
import type { ChallengeSolver, DnsChallengeSolver } from '../ports/challenges.js';
import type { Clock, RandomSource } from '../ports/clock.js';
import type { RunJournal } from '../ports/journal.js';
import type { LockKeeper } from '../ports/locks.js';
import type { DueIndexStore, IssuedRecord, IssuedStore, OrderStore } from '../ports/orders.js';
import type { OrphanNotes, OrphanSets } from '../ports/orphans.js';
import type { Ledger, NameMemory, ProblemStore } from '../ports/records.js';
import type { KnownRevocations } from '../ports/revocation.js';
import type { RevocationHost } from '../revocation/revocation-host.js';
import type { CaaHost } from '../validation/caa-host.js';
import type { PreflightPorts } from '../validation/preflight-names.js';

/** What a check of websites needs of the world; wired in cli/host.ts. */
export interface CheckHost {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly accounts: AccountDirectory;
  readonly certificates: CertificateStore;
  readonly orders: OrderStore;
  readonly issued: IssuedStore;
  readonly names: NameMemory;
  readonly ledger: Ledger;
  readonly problems: ProblemStore;
  /** What is due before the next run. */
  readonly due: DueIndexStore;
  readonly locks: LockKeeper;
  /** Keys that somebody else has. */
  readonly lostKeys: Pick<KnownRevocations, 'isKeyLost'>;
  readonly stateMark: StateMark;
  /** What is free where a run writes; what cannot be learnt is left out. */
  freeRoom(): readonly FreeRoom[];
  readonly install: InstallHost;
  /** What websites leave that nobody has any more. */
  readonly orphans: { readonly notes: OrphanNotes; readonly sets: OrphanSets };
  readonly placeholders: PlaceholderHost;
  /** Opened when the first name is validated. */
  openSolver(): Promise<ChallengeSolver>;
  /** The same for names that are validated by DNS; null: no zone is edited from here. */
  openDnsSolver(): Promise<DnsChallengeSolver | null>;
  /** What looking at names from here needs. */
  readonly preflight: Omit<PreflightPorts, 'solver' | 'signal'>;
  readonly caa: CaaHost;
  /** Opened when the first order is made or resumed; `providerName` null = the active provider. */
  openAuthority(provider: ProviderDescription): Promise<CertificateAuthority>;
  openJournal(facts: { readonly provider: string; readonly username: string }): Promise<RunJournal>;
  /** Removes what crashed runs left: temporary files, half-done publishes, staging without a record. */
  tidy(): Promise<void>;
  /**
   * Whether these wildcards can be had here. `yes`: the provider takes them, and a zone that is edited here holds one, or
   * challenges may be delegated into such a zone. Absent: unsupported. Looks nothing up in DNS.
   */
  wildcardAbility?(names: readonly WantedName[]): Promise<WildcardAbility>;
  /** Removes the challenges that crashed runs left and no unfinished order names; one printable line for each fault. */
  sweepChallenges(): Promise<readonly string[]>;
  /** A new private key (PEM, PKCS #8), or the one given, and the request for the names (DER, PKCS #10). */
  makeKeyAndCsr(
    keyType: KeyType,
    names: readonly WantedName[],
    reusedKeyPem?: string,
  ): Promise<{ keyPem: string; csrDer: Uint8Array }>;
  /** Judges a website's certificate; pure but for the policy it closes over. */
  evaluate(
    website: Website,
    evidence: CertificateEvidence,
    issued: readonly IssuedRecord[],
    now: Date,
  ): Evaluation;
  /** What asking issuers for revoked certificates needs; null: nobody is asked. */
  readonly revocation: RevocationHost | null;
  /** What CAs said of when to renew. */
  readonly renewalInfo: RenewalInfoStore;
  /** Facts of the leaf of a PEM chain. */
  describeLeaf(chainPem: string): {
    readonly fingerprint: string;
    readonly serial: string;
    readonly notBefore: Date;
    readonly notAfter: Date;
    readonly dnsNames: readonly string[];
    readonly ariCertificateId: string | null;
  };
  readonly provider: ProviderDescription;
  /** Null: nobody is told of anything. */
  readonly notices: NoticeDesk | null;
  /** Who stands in for it and for each other, in this order; absent: nobody. */
  readonly fallbacks?: readonly ProviderDescription[];
  /** Those that were named and are not asked, since no visitor trusts what they issue; absent: none. */
  readonly untrustedFallbacks?: readonly string[];
  /** Null: it is no third party's, or wants to know nothing. */
  readonly providerHooks: ProviderHooks | null;
  /** The provider of an order that is under way; undefined: there is none of that name any more. */
  providerNamed(name: string): ProviderDescription | undefined;
  readonly directoryUrl: string;
  /** Where orders of a provider go now. */
  directoryUrlOf(provider: ProviderDescription): string;
  /** URL of our account at a provider, as it is kept here; null: none is. */
  accountUrlOf(provider: ProviderDescription): Promise<string | null>;
  readonly root: string | null;
  readonly settings: CheckSettings;
}

/** Tells whether certificates that were there are gone as a whole; kept outside their folder. */
export interface StateMark {
  /** The folder that should hold what it held; null when nothing is missing. */
  lostFolder(): Promise<string | null>;
  set(): Promise<void>;
  unset(): Promise<void>;
}

/** The settings a check obeys (design section 3, `/etc/autossl.yaml`). */
export interface CheckSettings {
  readonly preflight: 'gate' | 'advise' | 'off';
  readonly concurrentOrders: number;
  /** Websites worked on at once, most of which wait for their names' servers; absent: as many as orders. */
  readonly concurrentWebsites?: number;
  readonly newOrdersPer3Hours: number;
  /** How long a provider may be out of use before websites without a certificate go to the next one, in ms; absent: an hour. */
  readonly outageMs?: number;
  /** A run ends by itself after this. */
  readonly deadlineMs: number;
  /** How far apart runs are. */
  readonly intervalMs: number;
  readonly clobberExternallySigned: boolean;
  /** Orders keep the website's present key where they may. */
  readonly reuseKey: boolean;
  /** Several names of a domain are asked for by its wildcard, where that can be validated. */
  readonly wildcardReduction: boolean;
}
