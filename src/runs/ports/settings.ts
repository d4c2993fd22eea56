import type { MetadataKey } from '../../core/domain/metadata-key.js';
import type { IpIdentifier } from '../../core/domain/name/names.js';
import type { Secret } from '../../core/domain/secret.js';
import type { ServiceName } from '../../core/domain/service/service-name.js';
import type { StartTlsProtocol } from '../../core/plan/served/server-site.js';

/** Kinds of ACME account keys. */
export type AccountKeyType = 'ecdsa-prime256v1' | 'ecdsa-secp384r1' | 'rsa-2048' | 'ed25519';

/** What an administrator says about one CA, beyond what is built in. */
export interface ProviderSettings {
  readonly directoryUrl: string | null;
  /** PEM file of the roots that its ACME server is trusted by; ready to open. */
  readonly caBundle: string | null;
  readonly eabKeyId: string | null;
  /** base64url, as the CA gave it. */
  readonly eabHmac: Secret | null;
}

/** The web server that certificates are installed for. Commands are program and arguments, run without a shell. */
export interface WebServerSettings {
  /** `auto`: the servers found running; with a reload command the one that runs, or else the command alone. */
  readonly kind: 'auto' | 'nginx' | 'apache' | 'command' | 'none';
  /** Exit code 0: the configuration is good. Null = the server's own test; for `command` none. */
  readonly testCommand: readonly string[] | null;
  /** Null = a signal to the server's main process. */
  readonly reloadCommand: readonly string[] | null;
  /** Starts a server that died of a reload. Null = its unit, or its own program. */
  readonly startCommand: readonly string[] | null;
  /** Exit code 0: it runs. Only for `command`. */
  readonly aliveCommand: readonly string[] | null;
  /** Null = found among the running processes. */
  readonly pidFile: string | null;
  /** Name or absolute path; null = the running one's, else the usual one. */
  readonly program: string | null;
  /** What names its configuration (`-p`, `-c`; `-d`, `-f`). */
  readonly arguments: readonly string[];
  /** A command that takes longer hangs. */
  readonly timeoutMs: number;
}

/** The daemons that are known behind a service, and what else may stand there. */
export type ServiceProgramKind =
  | 'auto'
  | 'exim'
  | 'postfix'
  | 'dovecot'
  | 'pure-ftpd'
  | 'proftpd'
  | 'vsftpd'
  | 'command'
  | 'none';

/** Where a service is asked for its certificate. */
export interface ServiceEndpoint {
  readonly address: string;
  readonly port: number;
  /** Absent = TLS from the first byte. */
  readonly startTls?: StartTlsProtocol;
}

/** One of the server's own services, and the daemon behind it. Commands are as in `WebServerSettings`. */
export interface ServiceSettings extends Omit<WebServerSettings, 'kind'> {
  /** `auto`: the daemon that is installed. */
  readonly kind: ServiceProgramKind;
  /** Null = where the daemon listens. */
  readonly endpoints: readonly ServiceEndpoint[] | null;
  /** Gid of the group that may read the daemon's own copy of the key; null = root alone. */
  readonly keyGroup: number | null;
  /** Whether it answers for customers' names with their certificates, where it can. */
  readonly sni: boolean;
}

/** What administrators hang on an installation. Commands are a program's absolute path and arguments, run without a shell. */
export interface HookSettings {
  /** May veto a website's installation; null = none. */
  readonly preInstall: readonly string[] | null;
  readonly postInstall: readonly string[] | null;
  /** Run once for each account with new certificates, its name appended; null = none. */
  readonly rebuildAccount: readonly string[] | null;
  /** A hook that takes longer hangs. */
  readonly timeoutMs: number;
}

/** Programs that hooks for DNS were written for; `autossl` is our own contract. */
export type DnsHookStyle = 'autossl' | 'lego' | 'certbot' | 'dehydrated' | 'acme.sh';

/** One way of editing zones, and the zones it rules: `auto` = those that its server says it has. */
export type DnsEditorSettings = { readonly timeoutMs: number } & (
  | {
      readonly kind: 'nsupdate';
      /** `address:port` or `[address]:port`. */
      readonly server: string;
      /** TSIG key as nsupdate(1) takes it; ready to open. */
      readonly keyFile: string;
      readonly zones: readonly string[] | 'auto';
    }
  | {
      readonly kind: 'powerdns';
      /** Without a slash at its end. */
      readonly url: string;
      readonly apiKey: Secret;
      readonly serverId: string;
      readonly zones: readonly string[] | 'auto';
    }
  | {
      readonly kind: 'hook';
      readonly style: DnsHookStyle;
      /** A program's absolute path and arguments; of `acme.sh` the script of one of its DNS APIs. */
      readonly command: readonly string[];
      /** Of `certbot`: its second hook; null = none. */
      readonly cleanupCommand: readonly string[] | null;
      /** Of `acme.sh`: its main script, whose functions DNS APIs use; null = not needed. */
      readonly acmeSh: string | null;
      /** Added to PATH and LANG. */
      readonly environment: ReadonlyMap<string, Secret>;
      readonly zones: readonly string[];
    }
);

/** How zones are edited, and how changes of them are watched. */
export interface DnsSettings {
  readonly editors: readonly DnsEditorSettings[];
  /** Name server → where it is asked, as `address:port`, instead of port 53 of its own address. */
  readonly authoritative: ReadonlyMap<string, string>;
  /** Domains that are there for challenges to be delegated into. */
  readonly delegations: readonly string[];
  /** How long servers of a zone are given to show a change. */
  readonly propagationMs: number;
  readonly intervalMs: number;
}

/** A mail server that messages are handed to. */
export interface SmtpSettings {
  readonly host: string;
  readonly port: number;
  /**
   * `starttls`: not without; `implicit`: TLS from the first byte; `opportunistic`: STARTTLS where it is offered, whoever
   * answers; `none`: never.
   */
  readonly tls: 'starttls' | 'implicit' | 'opportunistic' | 'none';
  /** Null: none is sent. */
  readonly login: { readonly user: string; readonly password: Secret } | null;
  /** PEM file of the roots that its certificate is trusted by; null = those of node. */
  readonly caBundle: string | null;
  /** A server that is silent for so long does not work. */
  readonly timeoutMs: number;
}

/** A way for messages that the settings name, and that cannot be gone now: its secret is not there, or open to others. */
export interface UnusableWay {
  /** As people know it, printable. */
  readonly label: string;
  /** One printable clause. */
  readonly fault: string;
}

/** Where messages are posted. */
export interface WebhookTarget {
  /** `https:`, or `http:` to this server itself. */
  readonly url: string;
  readonly secret: Secret;
  readonly caBundle: string | null;
  readonly timeoutMs: number;
}

/** How messages reach people, and how often they are told the same. Commands are as in `HookSettings`. */
export interface NoticeSettings {
  /** Whether mail is sent at all. */
  readonly isMailed: boolean;
  /** The sender of mail: an address or a local user; null = as sendmail(1) has it, by SMTP root at this server. */
  readonly from: string | null;
  /** Null = sendmail(1), as `mail` says. */
  readonly smtp: SmtpSettings | UnusableWay | null;
  readonly webhook: WebhookTarget | UnusableWay | null;
  readonly command: readonly string[] | null;
  /** A command that takes longer hangs. */
  readonly commandTimeoutMs: number;
  /** Whether webhook and command are given what goes to owners of accounts, too. */
  readonly includesUsers: boolean;
  /** How often what stays broken is told again. */
  readonly repeat: 'weekly' | 'every-run' | 'never';
  /** Whether names such as `cpanel.` that never resolved are told of. */
  readonly serviceNames: boolean;
}

/**
 * `/etc/autossl.yaml`: what belongs to this installation (design section 3). Every key has a default. Paths are ready
 * to open, under the tree's root.
 */
export interface Settings {
  /** At least one; `none` and `auto` stand alone. */
  readonly webServers: readonly WebServerSettings[];
  /** What has the server's own certificates. */
  readonly services: Readonly<Record<ServiceName, ServiceSettings>>;
  /** Addresses that the hostname's certificate is to name, too; true: this server's own public ones. */
  readonly hostnameAddresses: boolean | readonly IpIdentifier[];
  readonly hooks: HookSettings;
  /** A website without any pair gets a self-signed one before its first certificate is ordered. */
  readonly placeholders: boolean;
  /** Gid of the group that may read the copies by name (`domain_tls`), keys included; null = root alone. */
  readonly keyGroup: number | null;
  /** What the preflight and the local CA connect to. */
  readonly http: {
    readonly port: number;
    readonly httpsPort: number;
    /** Networks (`10.0.0.0/8`) where names may be looked at, though they are not of the public internet. */
    readonly privateNetworks: readonly string[];
  };
  readonly challenges: { readonly method: 'shared-folder' | 'account-folder' };
  readonly dns: DnsSettings;
  readonly preflight: 'gate' | 'advise' | 'off';
  /** `fix`: a CAA record that lets the provider in is added where it is missing and the zone is ours. */
  readonly caa: 'fix' | 'report';
  /** `address:port` or `[address]:port`; empty = those of the system. */
  readonly resolvers: readonly string[];
  /** Public address of this server → address at which it is reached from inside. */
  readonly addressMap: ReadonlyMap<string, string>;
  /** How many at a time. */
  readonly concurrency: { readonly orders: number; readonly lookups: number; readonly probes: number };
  readonly acme: {
    /** Mail addresses, without `mailto:`. */
    readonly contacts: readonly string[];
    readonly accountKeyType: AccountKeyType;
    readonly timeoutMs: number;
    /** Common name of the topmost issuer of the chain to choose among alternates; null = the CA's default chain. */
    readonly preferredChain: string | null;
  };
  readonly mail: {
    /** To whom errors of the server's own certificates are told. */
    readonly to: string;
    /** A sendmail(1) by absolute path; null = the usual one, and none in a private tree. */
    readonly sendmail: string | null;
  };
  readonly notices: NoticeSettings;
  /** By provider name. */
  readonly providers: ReadonlyMap<string, ProviderSettings>;
  readonly limits: { readonly newOrdersPer3Hours: number };
  readonly run: {
    readonly deadlineMs: number;
    /** How far apart runs of autossl_check are here: no margin is shorter than two of them. */
    readonly intervalMs: number;
    /** How long a provider may be out of use before websites without a certificate go to the next one. */
    readonly outageMs: number;
    /** How long an order may keep a run waiting; null = the provider's own patience. */
    readonly patienceMs: number | null;
  };
  /** PEM file of the roots by which chains are judged; undefined = the machine's own store, wherever it keeps it. */
  readonly trustAnchors: string | undefined;
  /** Orders reuse the website's key (for TLSA records). */
  readonly reuseKey: boolean;
  /** Several names of a domain are asked for by its wildcard, where a zone of ours holds it. */
  readonly wildcardReduction: boolean;
  /** How it is found out what issuers revoked. `crl`: from their lists, or their OCSP responders where a certificate names no list, on the public internet alone. */
  readonly revocation: 'crl' | 'crl-anywhere' | 'off';
}

/** `/var/cpanel/autossl.json` (behaviour section 13): what is set through the API. */
export interface AutosslConfiguration {
  /** Null = AutoSSL is disabled. */
  readonly provider: string | null;
  /** URL of the terms that were accepted, by provider. */
  readonly acceptedTerms: ReadonlyMap<string, string>;
  /** All 13 documented keys. */
  readonly metadata: ReadonlyMap<MetadataKey, boolean>;
}
