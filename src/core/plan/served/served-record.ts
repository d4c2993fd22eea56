import type { NotServedCode } from './served.js';

/** What was last seen of a website: wanted, issued, served (`served/`). */
export interface ServedRecord {
  readonly account: string;
  readonly vhost: string;
  /** Names wanted when it was looked at. */
  readonly wanted: readonly string[];
  /** The certificate that lay in `combined`. */
  readonly issued: {
    readonly fingerprint: string;
    readonly names: readonly string[];
    readonly notAfter: string;
  };
  readonly served: {
    readonly at: string;
    /** `unknown`: nobody could be asked (no known web server). */
    readonly state: 'served' | 'not-served' | 'unknown';
    readonly code: NotServedCode | null;
    readonly message: string | null;
    readonly advice: string | null;
    readonly places: readonly ServedPlaceRecord[];
    /** Names of the certificate that no site has with TLS. */
    readonly namesWithoutSite: readonly string[];
  };
}
export interface ServedPlaceRecord {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly fingerprint: string | null;
  /** Names of the certificate that answered, printable. */
  readonly names: readonly string[];
  readonly error: string | null;
}
