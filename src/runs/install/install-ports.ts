import { namesToAsk } from '../../core/domain/name/asked-names.js';
import type { WebsiteRef } from '../../core/domain/website/website.js';
import type { ServedObservation, ServedVerdict } from '../../core/plan/served/served.js';
import type { CertificateStore, FormerSets } from '../ports/certificates.js';
import type { Clock } from '../ports/clock.js';
import type { InstallHooks, ReloadDebt, WebServer } from '../ports/installation.js';
import type { HeldLock, LockKeeper } from '../ports/locks.js';
import type { TlsProbe } from '../ports/looks.js';
import type { ServedStore } from '../ports/records.js';
import type { SniHost } from '../sni/sni-host.js';

/** What an installation needs of the world; wired in cli/host. */
export interface InstallHost {
  readonly clock: Clock;
  readonly locks: LockKeeper;
  /** The lock under which certificates are installed: `install:web` for web servers, `install:<service>` for a service. */
  readonly lockName: string;
  readonly certificates: CertificateStore & FormerSets;
  readonly debt: ReloadDebt;
  readonly served: ServedStore;
  readonly tls: TlsProbe;
  readonly hooks: InstallHooks;
  /** The servers (or the one service) that certificates are installed for, found anew at each call. */
  webServers(): readonly WebServer[];
  /** Whether there should be one: then finding none is a fault, and what was published is loaded later. */
  readonly expectsServer: boolean;
  /** Addresses of this server. */
  readonly ownAddresses: readonly string[];
  /** Mail and FTP daemons that answer for the names of what was installed; null: none do. */
  readonly sni: SniHost | null;
  /** Whether the next run tries by itself what fails; absent: yes. Messages say so. */
  readonly isRetried?: boolean;
}

/** A pair that is to be installed, with its website's lock, which the installation releases. */
export interface InstallMember {
  readonly website: WebsiteRef;
  readonly keyPem: string;
  /** Leaf first. */
  readonly chainPem: string;
  readonly leaf: {
    readonly fingerprint: string;
    readonly notAfter: Date;
    readonly dnsNames: readonly string[];
  };
  /** Names wanted of the website, for its served record. */
  readonly wanted: readonly string[];
  /** By which servers are asked for it; absent: all names of the leaf, wanted ones in the place of a wildcard. */
  readonly askedNames?: readonly string[];
  readonly lock: HeldLock;
}

/** The names by which servers are asked for the member's certificate. */
export function askedNamesOf({
  askedNames,
  leaf,
  wanted,
}: Pick<InstallMember, 'askedNames' | 'leaf' | 'wanted'>): readonly string[] {
  return askedNames ?? namesToAsk(leaf.dnsNames, wanted);
}

/** What became of one member. */
export type InstallOutcome =
  /** In place and proved; `proof` null: there is no web server to ask. */
  | { readonly state: 'served' | 'published-not-served' | 'published'; readonly proof: ServedProof | null }
  /** What lay there before lies there again. */
  | { readonly state: 'restored'; readonly code: RestoreCode; readonly why: string; readonly advice: string }
  /** Nothing was touched; it is tried again at the next run without an order. */
  | { readonly state: 'held'; readonly code: HeldCode; readonly why: string; readonly advice: string };

export type RestoreCode =
  | 'CONFIG_TEST_FAILED'
  | 'REBUILD_FAILED'
  | 'RELOAD_FAILED'
  | 'SERVER_DIED'
  | 'SERVER_DIED_OF_IT'
  | 'REFUSED_AT_RELOAD'
  | 'HANDSHAKE_BROKEN';
export type HeldCode = 'CONFIG_BROKEN_BEFORE' | 'VETOED' | 'PUBLISH_FAILED' | 'PAIR_MISMATCH' | 'LOCK_LOST';

/** What was seen when a website was asked for at all its places. */
export interface ServedProof {
  readonly verdict: ServedVerdict;
  readonly observations: readonly ServedObservation[];
  readonly namesWithoutSite: readonly string[];
}
