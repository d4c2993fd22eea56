import type { DomainName } from '../../core/domain/name/names.js';
import type { ServiceName } from '../../core/domain/service/service-name.js';
import type { Clock } from '../ports/clock.js';
import type { WebServer } from '../ports/installation.js';
import type { LockKeeper } from '../ports/locks.js';
import type { TlsProbe } from '../ports/looks.js';
import type { ServiceProgramKind } from '../ports/settings.js';
import type { NamePairs, SniPairs, SniRoom, SniTable } from '../ports/sni.js';

/** A mail or FTP daemon that can show each customer's certificate to those who ask for the customer's names. */
export interface SniDaemon {
  readonly service: ServiceName;
  readonly kind: ServiceProgramKind;
  /** One printable phrase. */
  readonly title: string;
  /** Whether names are to be offered; else why not, in one clause. */
  readonly refusal: string | null;
  readonly table: SniTable;
  /** Asked whether its configuration is good, and told of another table; null: nothing is to be asked or told. */
  readonly server: WebServer | null;
  /** Asked by handshakes what it shows; null: nobody can be. */
  readonly asked: Pick<WebServer, 'readSites' | 'liveness' | 'advice'> | null;
  /** What it can hold of the table; null: there is no limit. */
  readonly room: SniRoom | null;
  /** The lock under which its certificates are changed. */
  readonly lockName: string;
}

/** What offering customers' certificates by SNI needs of the world; wired in cli/host. */
export interface SniHost {
  readonly clock: Clock;
  readonly locks: LockKeeper;
  readonly tls: TlsProbe;
  /** This server's own name, or what stands for it. */
  hostname(): Promise<DomainName>;
  readonly names: NamePairs;
  readonly pairs: SniPairs;
  /** Those that there are, and those that have a table; found anew at each call. */
  daemons(): Promise<readonly SniDaemon[]>;
}
