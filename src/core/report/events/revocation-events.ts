import { counted, quoted } from '../text/wording.js';
import type { RunEvent } from './event.js';

/** How many lists and responders were asked about how many certificates. */
export interface IssuersAskedFacts {
  readonly lists: number;
  readonly certificates: number;
  /** Of these, those that name an OCSP responder and no list. */
  readonly byResponder: number;
  /** Of these, those that another run will ask about. */
  readonly leftOver: number;
  /** Known to be revoked now. */
  readonly revoked: number;
}

/** Lists of one host, or questions to one responder, that could not be used, for one reason. */
export interface UnknownLists {
  readonly kind: 'list' | 'responder';
  readonly host: string;
  /** One of them. */
  readonly url: string;
  /** One printable clause. */
  readonly why: string;
  /** How many lists or questions. */
  readonly lists: number;
  readonly certificates: number;
}

/** One line a run. */
export function issuersAsked(facts: IssuersAskedFacts): RunEvent {
  const { lists, certificates, byResponder, leftOver, revoked } = facts;
  const found = revoked === 0 ? 'none is' : `${revoked} ${revoked === 1 ? 'is' : 'are'}`;
  const asked = [
    ...(lists === 0 && byResponder > 0 ? [] : [`${counted(lists, 'list')} of issuers`]),
    ...(byResponder === 0 ? [] : ['OCSP responders']),
  ].join(' and ');
  const later =
    leftOver === 0 ? '' : ` ${counted(leftOver, 'question')} to responders left for the next runs.`;
  return {
    type: revoked === 0 ? 'out' : 'error',
    code: 'REVOCATIONS_ASKED',
    indent: 0,
    contents: `Revocation: ${asked} asked about ${counted(certificates, 'certificate')}; ${found} known to be revoked.${later}`,
    data: facts,
  };
}

/** An order that was made for the key of a former certificate, before its issuer said that somebody else has that. */
export function orderKeyLost(
  { account, vhost }: { readonly account: string; readonly vhost: string },
  orderId: string,
): RunEvent {
  return {
    type: 'warn',
    code: 'ORDER_KEY_COMPROMISED',
    indent: 1,
    account,
    vhost,
    contents: `${quoted(vhost)}: its order ${quoted(orderId)} is dropped: an issuer holds that somebody else has the key that it is for. Another one is ordered, for a new key.`,
  };
}

/** One line for each host and reason. */
export function revocationUnknown(unknown: UnknownLists): RunEvent {
  const { kind, host, url, why, lists, certificates } = unknown;
  const example =
    kind === 'responder' || lists === 1 ? quoted(url) : `${counted(lists, 'list')}, such as ${quoted(url)}`;
  return {
    type: 'warn',
    code: 'REVOCATION_UNKNOWN',
    indent: 0,
    contents: `Whether ${counted(certificates, 'certificate is', 'certificates are')} revoked cannot be learnt from ${quoted(host)} (${example}): ${why}. Nothing is replaced for that.`,
    data: unknown,
  };
}
