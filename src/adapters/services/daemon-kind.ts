import type { DomainName } from '../../core/domain/name/names.js';
import type { ServiceName } from '../../core/domain/service/service-name.js';
import type { ServerCheck } from '../../core/plan/install/install-liveness.js';
import type { SitePair, StartTlsProtocol } from '../../core/plan/served/server-site.js';
import type { ConfigurationAdvice } from '../../core/sni/configuration-lines.js';
import type { ServiceProgramKind, ServiceSettings } from '../../runs/ports/settings.js';
import type { MasterProcess } from '../system/daemon/process-table.js';
import type { ServerControl } from '../system/daemon/server-control.js';

/** How a daemon comes to use a certificate that was put in place of another. */
export type Taking =
  /** At the next connection, by itself. */
  | 'by itself'
  /** SIGHUP; it goes on with the sockets that it has. */
  | 'signal'
  /** SIGHUP; it runs itself anew and opens its sockets again. */
  | 'signal and new sockets'
  | 'restart'
  /** A command of its own. */
  | { readonly command: readonly string[] };

/** A daemon's program, and the arguments that name its configuration. */
export interface DaemonInvocation {
  readonly control: ServerControl;
  readonly arguments: readonly string[];
}

/** What a daemon's configuration says about TLS. */
export interface DaemonTls {
  /** Of the certificate for names that it does not know; empty when it names none. */
  readonly certificates: readonly SitePair[];
  /** How TLS begins at a port on which it listens; null: not at all, or in a way that is not asked for. */
  readonly beginsAt: (port: number) => 'tls' | StartTlsProtocol | null;
  /** The main file of its configuration. */
  readonly file: string;
  readonly taking: Taking;
}

/** What tells one kind of daemon from another. */
export interface DaemonKind {
  readonly kind: ServiceProgramKind;
  /** As messages call it. */
  readonly title: string;
  /** Names under which its main process runs. */
  readonly programs: readonly string[];
  /** Where its program lies while it does not run. */
  readonly usualPaths: readonly string[];
  /** Any of these, and it is not only installed but configured. */
  readonly configurations: readonly string[];
  /** Its name among the scripts of /etc/init.d. */
  readonly initScript: string;
  /** Whether such a process is the main one, and not one that serves somebody or was left over. */
  readonly isMain: (process: MasterProcess) => boolean;
  /** Users besides root as whom it runs. */
  readonly users: readonly string[];
  /** Of the environment it was started with, the variables that name its configuration. */
  readonly variables: readonly string[];
  /** The arguments within a running one's command line that name its configuration. */
  readonly argumentsOf: (process: MasterProcess) => readonly string[];
  /** Its own test of its configuration; null: it has none. */
  readonly test: ((parts: DaemonServiceParts) => Promise<ServerCheck>) | null;
  /** What starts it in the background; null: only a script knows how. */
  readonly startCommand: (invocation: DaemonInvocation) => readonly string[] | null;
  /** What its configuration should say besides; absent: nothing is known. */
  readonly advise?: (invocation: DaemonInvocation) => Promise<readonly ConfigurationAdvice[]>;
  readonly readTls: (invocation: DaemonInvocation) => Promise<DaemonTls | { readonly fault: string }>;
}

/** One daemon behind a service, and what the settings say about it. */
export interface DaemonServiceParts extends DaemonInvocation {
  readonly service: ServiceName;
  readonly hostname: DomainName;
  readonly kind: DaemonKind;
  readonly settings: ServiceSettings;
  /** The files that are written for it, with the group of the settings. */
  readonly ownFiles: ReadonlySet<string>;
  /** Its script in /etc/init.d; null where it is not started by that. */
  readonly initScript: string | null;
}
