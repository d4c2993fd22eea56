import type { CaaLookup } from '../../core/caa/observation.js';
import type { AddressObservation, HttpObservation } from '../../core/dcv/outcome.js';
import type { DomainName } from '../../core/domain/name/names.js';
import type { TlsObservation } from '../../core/plan/served/served.js';
import type { StartTlsProtocol } from '../../core/plan/served/server-site.js';

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
