import type { Revocation } from '../certificate/revocation/revocation-list.js';

/** Why a list says nothing that may be believed of a certificate. */
export type ListFaultCode =
  | 'MALFORMED'
  | 'OF_ANOTHER_ISSUER'
  | 'ISSUER_MAY_NOT_SIGN'
  | 'BAD_SIGNATURE'
  | 'NOT_YET_VALID'
  | 'EXPIRED'
  | 'WITHOUT_END'
  | 'DELTA'
  | 'INDIRECT'
  | 'OTHER_SCOPE'
  | 'UNKNOWN_EXTENSION';

export interface ListFault {
  readonly code: ListFaultCode;
  /** One printable clause that goes on after “the list”. */
  readonly why: string;
}

/** What one list says of the certificates that it was asked about; who is not in `revoked` is good. */
export type ListVerdict =
  | {
      readonly status: 'known';
      /** By serial number. */
      readonly revoked: ReadonlyMap<string, Revocation>;
      readonly thisUpdate: Date;
      readonly nextUpdate: Date;
    }
  | { readonly status: 'unknown'; readonly fault: ListFault };
