import type { CertificateEvidence } from '../../core/certificate/facts.js';
import type { KeyType } from '../../core/domain/key-type.js';
import type { DomainName, IpIdentifier } from '../../core/domain/name/names.js';
import type { ServiceName } from '../../core/domain/service/service-name.js';
import type { Evaluation } from '../../core/evaluation/evaluation.js';
import type { CheckHost } from '../check/check-host.js';
import type { InstallHost } from '../install/install-ports.js';
import type { Clock } from '../ports/clock.js';
import type { DeathNotes } from '../ports/installation.js';
import type { RunJournal } from '../ports/journal.js';
import type { LockKeeper } from '../ports/locks.js';
import type { Notifier, ToldServicesStore } from '../ports/notices.js';
import type { IssuedRecord, IssuedStore, OrderStore } from '../ports/orders.js';
import type { NoticeSettings } from '../ports/settings.js';
import type { RevocationHost } from '../revocation/revocation-host.js';

/** A service of this server that has a certificate of its own. */
export interface ServerService {
  readonly name: ServiceName;
  /** The file in one piece that its daemon should name. */
  readonly file: string;
  /** The daemon behind it, as one printable phrase. */
  describe(): string;
  /** Its transaction: its own certificate files, its daemon, its lock. */
  readonly install: InstallHost;
  readonly deaths: DeathNotes;
}

/** The services of this server, found anew at each call. */
export interface FoundServices {
  readonly services: readonly ServerService[];
  /** Not installed, or not wanted; `why` is one clause. */
  readonly absent: readonly { readonly name: ServiceName; readonly why: string }[];
}

/** What is set up for this server's own certificates, beside what an order needs. */
export interface ServicesSettings {
  /** As this machine calls itself; not judged. */
  readonly hostname: string;
  readonly keyType: KeyType;
  /** `autoupdate_certificate_on_hostname_mismatch`. */
  readonly followsHostname: boolean;
  readonly deadlineMs: number;
  /** Addresses of this server that orders for the hostname name, too; absent: none. */
  readonly addresses?: readonly IpIdentifier[];
  /** How often the administrator is told again of what stays as it is. */
  readonly repeatMails: NoticeSettings['repeat'];
}

/** Paths of the touch files that are there; null: not there. */
export interface TouchFiles {
  /** `disable_auto_hostname_certificate`: nothing is ordered. */
  readonly noOrders: string | null;
  /** `disable_service_certificate_management`: nothing is replaced, and nobody is told of expiries. */
  readonly noReplacement: string | null;
}

/** What checkallsslcerts needs of the world; wired in cli/host. */
export interface ServicesHost {
  readonly clock: Clock;
  readonly locks: LockKeeper;
  readonly issued: IssuedStore;
  readonly orders: OrderStore;
  readonly settings: ServicesSettings;
  readonly root: string | null;
  /** What ordering needs; null: AutoSSL is disabled. */
  readonly ordering: CheckHost | null;
  readonly notifier: Notifier;
  /** What the administrator was told by it. */
  readonly told: ToldServicesStore;
  findServices(): Promise<FoundServices>;
  readTouchFiles(): Promise<TouchFiles>;
  openJournal(facts: { readonly provider: string; readonly username: string }): Promise<RunJournal>;
  /** Removes what crashed runs left, and ends half-done publications. */
  tidy(): Promise<void>;
  /** Judges a service's certificate by the hostname; `issued`: what we got for that. */
  evaluate(
    hostname: DomainName,
    evidence: CertificateEvidence,
    issued: readonly IssuedRecord[],
    now: Date,
  ): Evaluation;
  /** What asking issuers for revoked certificates needs; null: nobody is asked. */
  readonly revocation: RevocationHost | null;
  readonly describeLeaf: CheckHost['describeLeaf'];
  /** A new key and a certificate signed with it, PEM. */
  makePlaceholder(name: DomainName): Promise<{ readonly keyPem: string; readonly chainPem: string }>;
}
