import type { FaultSide } from '../../domain/fault-side.js';

/** What the CAA records say of a name and the provider in use (RFC 8659). Plain JSON, texts printable. */
export interface CaaSight {
  /** Null: it could not be told. */
  readonly isPermitted: boolean | null;
  /** One sentence that names the record and where it was found. */
  readonly message: string;
  /** What to change; null: nothing, or nothing is known. */
  readonly advice: string | null;
  /** Who can mend it. */
  readonly fault: FaultSide;
  /** Domains that were asked, the name first, each with what it answered. */
  readonly path: readonly { readonly domain: string; readonly answer: string }[];
}
