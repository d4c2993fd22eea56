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

/** Why a responder's answer says nothing that may be believed of a certificate. */
export type AnswerFaultCode =
  | 'MALFORMED'
  | 'REFUSED'
  | 'OF_ANOTHER'
  | 'RESPONDER_MAY_NOT_SIGN'
  | 'BAD_SIGNATURE'
  | 'NOT_YET_VALID'
  | 'EXPIRED'
  | 'OTHER_CERTIFICATE'
  | 'NOT_KNOWN_THERE'
  | 'UNKNOWN_EXTENSION';

export interface AnswerFault {
  readonly code: AnswerFaultCode;
  /** One printable clause that goes on after “the answer”. */
  readonly why: string;
}

/** What one answer says of the certificate that it was asked about; `revocation` null: it is good. */
export type AnswerVerdict =
  | {
      readonly status: 'known';
      readonly revocation: Revocation | null;
      readonly thisUpdate: Date;
      /** Nobody may believe it from then on. */
      readonly holdsUntil: Date;
    }
  | { readonly status: 'unknown'; readonly fault: AnswerFault };
