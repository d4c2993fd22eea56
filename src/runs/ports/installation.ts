import type { AccountName } from '../../core/domain/account/account-name.js';
import type { WebsiteRef } from '../../core/domain/website/website.js';
import type { ServerCheck, ServerLiveness } from '../../core/plan/install/install-liveness.js';
import type { ServerSite } from '../../core/plan/served/server-site.js';
import type { DeathNote } from '../../core/plan/services/deadly-pair.js';
import type { ConfigurationAdvice } from '../../core/sni/configuration-lines.js';

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

/** Of which certificate a service's daemon died last. */
export interface DeathNotes {
  /** Where the note lies, for people. */
  readonly path: string;
  /** A note that cannot be read is none. */
  read(): Promise<DeathNote | null>;
  /** @throws StateError */
  write(note: DeathNote): Promise<void>;
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
