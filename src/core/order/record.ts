import type { KeyType } from '../domain/key-type.js';
import type { OrderDoubt } from './doubt.js';

/**
 * The journal's file of one order, `orders/<id>.json` (format fixed, ARCHITECTURE.md). Written before the CA is asked;
 * `staging/<id>/` holds `key.pem` (0600), `csr.der` and, once downloaded, `chain.pem` (leaf first).
 * Instants are ISO 8601 UTC strings.
 */
export interface OrderRecord {
  readonly schemaVersion: 1;
  /** Sortable and unique: `<epoch ms, 13 digits>-<16 hex>`. */
  readonly id: string;
  /** Website that the certificate is for; of other owners (`order-kind.ts`) a name that no account has. */
  readonly account: string;
  readonly vhost: string;
  readonly provider: string;
  readonly directoryUrl: string;
  readonly acmeAccountUrl: string | null;
  readonly names: readonly string[];
  /** Of these, those that are to be proved by DNS; absent = none. */
  readonly byDns?: readonly string[];
  readonly keyType: KeyType;
  /** RFC 9773 certificate id that this order replaces. */
  readonly replaces: string | null;
  /** Profile that was asked for; absent or null: the CA's default. */
  readonly profile?: string | null;
  readonly createdAt: string;
  /**
   * `journalled`: not yet asked, or asked and the answer lost; `placed`: orderUrl known; `finalized`: the CSR was sent;
   * `downloaded`: chain.pem is staged; `published`: installed, only cleaning remains; `failed`: ended by the CA or by us.
   */
  readonly phase: OrderPhase;
  readonly orderUrl: string | null;
  readonly expiresAt: string | null;
  /** Challenges placed and not yet taken away. */
  readonly challenges: readonly PlacedChallenge[];
  /**
   * Earliest instant of the next poll of a parked order, or of the next installation of what is downloaded and could not
   * be put in place; null while a run works on it.
   */
  readonly pollAt: string | null;
  readonly lastPolledAt: string | null;
  /** Start of the run whose log it belongs to. */
  readonly logStartedAt: string | null;
  /** Fingerprint of the staged leaf of which a web server died: that pair is never put in place again. */
  readonly diedOf: string | null;
  /** The provider whose turn it was, where this one stands in for it; absent: it is its own. */
  readonly insteadOf?: string;
  /** When the certificate that lay there ends, or when it was ordered where none did, ISO; absent: not known. */
  readonly neededBy?: string;
  /** What it took of limits that count certificates, given back when none comes of it; absent = nothing. */
  readonly taken?: readonly string[];
  /** What the CA said that would end it, and may have been said by mistake; absent or null = nothing. */
  readonly doubt?: OrderDoubt | null;
  /** Why it was ordered: codes of the plan's reasons. */
  readonly because: readonly string[];
}

export type OrderPhase = 'journalled' | 'placed' | 'finalized' | 'downloaded' | 'published' | 'failed';

export type PlacedChallenge = PlacedFile | PlacedRecord;

export interface PlacedFile {
  readonly name: string;
  readonly method: 'http-01';
  readonly token: string;
  readonly documentRoot: string;
}

/** A TXT record; a domain and its wildcard have two with one name. */
export interface PlacedRecord {
  readonly name: string;
  readonly method: 'dns-01';
  readonly recordName: string;
  /** Apex of the zone that it was placed in. */
  readonly zone: string;
  readonly value: string;
}
