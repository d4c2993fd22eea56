/** The web servers whose configurations are read. */
export type WebServerKind = 'nginx' | 'apache';

/** A protocol in which a connection begins in plain text and is asked to go on with TLS. */
export type StartTlsProtocol = 'smtp' | 'imap' | 'pop3' | 'ftp';

/** One TCP socket on which a site answers, as the server's configuration says. */
export interface SiteListen {
  /** An IP address without brackets; `0.0.0.0` and `::` are every address of one family, `*` is every address. */
  readonly address: string;
  readonly port: number;
  readonly isTls: boolean;
  /** TLS is asked for in this protocol; absent = TLS from the first byte. */
  readonly startTls?: StartTlsProtocol;
  /** Whether this site answers there for names that no site has. */
  readonly isDefault: boolean;
  /** The socket wants a PROXY protocol header first: only the balancer before it can speak with it. */
  readonly wantsProxyHeader: boolean;
}

/** A certificate that a site offers, as its configuration names it. Sites with two key types have two. */
export interface SitePair {
  /** A real path; with `isVariable` the template as written (`$ssl_server_name`). */
  readonly certificateFile: string;
  readonly keyFile: string;
  /** The server chooses the file at each handshake: nothing is loaded at a reload, and no test sees a bad pair. */
  readonly isVariable: boolean;
}

/** One server block of nginx, one VirtualHost of Apache, one certificate of a service such as mail. */
export interface ServerSite {
  /** Whose rules choose the site of a name; a service answers with its certificate whatever it is called. */
  readonly server: WebServerKind | 'service';
  /** Lower case, wildcards kept (`*.x`, `x.*`, for Apache also `?`); nginx's regular expressions begin with `~`. */
  readonly names: readonly string[];
  /** Whether it is the default of one of its sockets. */
  readonly isDefault: boolean;
  readonly listens: readonly SiteListen[];
  /** Empty when the configuration names none. */
  readonly certificates: readonly SitePair[];
  /** Null when none is named or it is made of variables. */
  readonly documentRoot: string | null;
  /** Where it begins. */
  readonly file: string;
  readonly line: number;
}
