import type { WantedName } from '../domain/name/names.js';

/** RFC 8555 section 7.1.3 and RFC 8738: what is to be certified. */
export interface Identifier {
  readonly type: 'dns' | 'ip';
  readonly value: string;
}

/** RFC 8555 section 6.7: `type` is the full URN; text fields are the CA's and unescaped. */
export interface AcmeProblem {
  readonly type: string;
  readonly detail: string;
  readonly status: number | null;
  readonly identifier: Identifier | null;
  readonly subproblems: readonly AcmeProblem[];
  /** From the answer's Retry-After header, made an instant on receipt. */
  readonly retryAt: Date | null;
  /** RFC 8555 6.7.3/7.3.3: where a person must look (`Link: rel="help"`, `instance`). */
  readonly helpUrl: string | null;
}

/** RFC 8555 section 7.1.3. */
export interface AcmeOrder {
  readonly url: string;
  readonly status: 'pending' | 'ready' | 'processing' | 'valid' | 'invalid';
  readonly expiresAt: Date | null;
  readonly identifiers: readonly Identifier[];
  readonly authorizations: readonly string[];
  readonly finalize: string;
  readonly certificate: string | null;
  readonly error: AcmeProblem | null;
  /** From Retry-After, made an instant on receipt. */
  readonly retryAt: Date | null;
}

/** RFC 8555 section 7.1.5. */
export interface AcmeChallenge {
  readonly url: string;
  readonly type: string;
  readonly status: 'pending' | 'processing' | 'valid' | 'invalid';
  readonly token: string | null;
  readonly error: AcmeProblem | null;
}

/** RFC 8555 section 7.1.4. */
export interface AcmeAuthorization {
  readonly url: string;
  readonly status: 'pending' | 'valid' | 'invalid' | 'deactivated' | 'expired' | 'revoked';
  readonly identifier: Identifier;
  readonly isWildcard: boolean;
  readonly challenges: readonly AcmeChallenge[];
  readonly expiresAt: Date | null;
  readonly retryAt: Date | null;
}

/** RFC 8555 section 7.1.1, RFC 9773, draft profiles. */
export interface DirectoryFacts {
  readonly termsOfService: string | null;
  readonly website: string | null;
  readonly caaIdentities: readonly string[];
  readonly requiresEab: boolean;
  readonly hasRenewalInfo: boolean;
  readonly profiles: readonly string[];
  /** The CA's clock (Date header) minus ours, in ms; null when it sent none. */
  readonly clockOffsetMs: number | null;
}

/** The identifier of a wanted name (RFC 8738 for addresses). */
export function identifierOf(name: WantedName): Identifier {
  return /[:]|^[0-9.]+$/.test(name) ? { type: 'ip', value: name } : { type: 'dns', value: name };
}
