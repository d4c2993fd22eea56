import { counted, quoted } from '../text/wording.js';
import type { RunEvent } from './event.js';

/** How many lists were asked about how many certificates. */
export interface IssuersAskedFacts {
  readonly lists: number;
  readonly certificates: number;
  /** Of these, known to be revoked now. */
  readonly revoked: number;
  /** Beside these, certificates that name an OCSP responder and no list. */
  readonly onlyResponders: number;
}

/** Lists of one host that could not be used, for one reason. */
export interface UnknownLists {
  readonly host: string;
  /** One of them. */
  readonly url: string;
  /** One printable clause. */
  readonly why: string;
  readonly lists: number;
  readonly certificates: number;
}

/** One line a run. */
export function issuersAsked(facts: IssuersAskedFacts): RunEvent {
  const { lists, certificates, revoked, onlyResponders } = facts;
  const found = revoked === 0 ? 'none is' : `${revoked} ${revoked === 1 ? 'is' : 'are'}`;
  const others =
    onlyResponders === 0
      ? ''
      : ` ${counted(onlyResponders, 'other certificate')} can only be asked for by OCSP, which is not done.`;
  return {
    type: revoked === 0 ? 'out' : 'error',
    code: 'REVOCATIONS_ASKED',
    indent: 0,
    contents: `Revocation: ${counted(lists, 'list')} of issuers asked about ${counted(certificates, 'certificate')}; ${found} known to be revoked.${others}`,
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
  const { host, url, why, lists, certificates } = unknown;
  const example = lists === 1 ? quoted(url) : `${counted(lists, 'list')}, such as ${quoted(url)}`;
  return {
    type: 'warn',
    code: 'REVOCATION_UNKNOWN',
    indent: 0,
    contents: `Whether ${counted(certificates, 'certificate is', 'certificates are')} revoked cannot be learnt from ${quoted(host)} (${example}): ${why}. Nothing is replaced for that.`,
    data: unknown,
  };
}
