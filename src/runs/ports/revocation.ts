import type { Revocation } from '../../core/certificate/revocation/revocation-list.js';

/** Fetches revocation lists. MUST NOT reject for what the network or the other side does. */
export interface ListDownload {
  fetch(request: {
    readonly url: string;
    /** Of the list that is kept; null = none is. */
    readonly validators: ListValidators | null;
    readonly signal: AbortSignal;
  }): Promise<DownloadedList>;
}

/** By what a web server tells whether a list is another one (RFC 9110 8.8). */
export interface ListValidators {
  readonly etag: string | null;
  readonly lastModified: string | null;
}

export type DownloadedList =
  | { readonly state: 'fetched'; readonly der: Uint8Array; readonly validators: ListValidators }
  | { readonly state: 'unchanged' }
  | {
      readonly state: 'failed';
      /** The host did not answer: its other lists need not be asked for. */
      readonly isHostDown: boolean;
      /** One printable clause. */
      readonly why: string;
    };

/** Revocation lists that are kept between runs: a cache. MUST NOT throw. */
export interface ListCache {
  /** Null: none, or a damaged one. */
  read(url: string): Promise<KeptList | null>;
  keep(url: string, list: KeptList): Promise<void>;
  /** Removes what was not kept anew for weeks. */
  tidy(now: Date): Promise<void>;
}

export interface KeptList {
  readonly der: Uint8Array;
  readonly validators: ListValidators;
  /** When its web server last had no other one. */
  readonly askedAt: Date;
  /** Fingerprint of the issuer's certificate with which its signature was verified. */
  readonly verifiedWith: string;
}

/** Which certificates are known to be revoked: a cache, whose loss costs until the next run. */
export interface KnownRevocations {
  /** By fingerprint; null: not known to be revoked. Cheap. */
  of(fingerprint: string): Revocation | null;
  /** Whether a certificate with this key was revoked because somebody else has it: for ever, whatever becomes of that. Cheap. */
  isKeyLost(keyHash: string): boolean;
  /** Remembers and forgets by fingerprint; keys that are lost stay so. MUST NOT throw. */
  learn(news: ReadonlyMap<string, KnownRevocation | null>): Promise<void>;
}

export interface KnownRevocation extends Revocation {
  /** `keyHashOf` its key. */
  readonly keyHash?: string;
  /** The certificate's own end: nobody asks beyond it. */
  readonly notAfter: Date;
}

/** Asks issuers' responders about single certificates (RFC 6960). MUST NOT reject for what the network or the other side does. */
export interface ResponderDialogue {
  ask(request: {
    readonly url: string;
    /** DER of an OCSPRequest. */
    readonly question: Uint8Array;
    readonly signal: AbortSignal;
  }): Promise<SaidByResponder>;
}

export type SaidByResponder =
  | { readonly state: 'answered'; readonly der: Uint8Array }
  | Extract<DownloadedList, { state: 'failed' }>;

/** What responders said of single certificates, as long as it holds: a cache. MUST NOT throw. */
export interface ResponderAnswers {
  /** By fingerprint; null: nothing is kept. Cheap. */
  of(fingerprint: string): KeptAnswer | null;
  /** Remembers by fingerprint; what no longer holds goes. */
  keep(answers: ReadonlyMap<string, KeptAnswer>): Promise<void>;
}

/** An answer that was verified. */
export interface KeptAnswer {
  /** Null: it is good. */
  readonly revocation: Revocation | null;
  readonly thisUpdate: Date;
  readonly holdsUntil: Date;
  readonly askedAt: Date;
}
