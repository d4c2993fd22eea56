import type { OfferFinding } from '../../certificate/offered/offer.js';
import { printable } from '../../domain/name/names.js';
import type { WebsiteRef } from '../../domain/website/website.js';
import type { RunEvent } from '../events/event.js';
import { counted, listed, quoted, withAdvice } from '../text/wording.js';

const refOf = ({ account, vhost }: WebsiteRef) => ({ account, vhost });

/** An administrator's change of websites' certificates begins. */
export function certificatesChangeStarted(facts: {
  readonly what: 'install' | 'remove';
  readonly vhosts: readonly string[];
  readonly root: string | null;
}): RunEvent {
  const where = facts.root === null ? '' : ` Working under AUTOSSL_ROOT ${quoted(facts.root)}.`;
  const words = facts.what === 'install' ? 'installs a certificate for' : 'removes the certificate of';
  return {
    type: 'out',
    code: 'CERTIFICATES_CHANGE_STARTED',
    indent: 0,
    contents: `An administrator ${words}: ${listed(facts.vhosts)}.${where}`,
    data: { what: facts.what, websites: facts.vhosts },
  };
}

/** What speaks against a certificate: refused, or installed all the same. */
export function websiteOfferNoted(
  type: 'warn' | 'error',
  where: { readonly account?: string; readonly vhost: string },
  { code, message, advice }: OfferFinding,
): RunEvent {
  const contents = `${quoted(where.vhost)}: ${printable(withAdvice(message, advice))}`;
  return { type, code, indent: 1, ...where, contents };
}

/** A certificate that was handed over is in place. `served`: null when nobody could be asked. */
export function certificateGiven(
  website: WebsiteRef,
  leaf: { readonly fingerprint: string; readonly notAfter: Date; readonly dnsNames: readonly string[] },
  served: boolean | null,
): RunEvent {
  const { fingerprint, dnsNames } = leaf;
  const notAfter = leaf.notAfter.toISOString();
  return {
    type: 'success',
    code: 'CERTIFICATE_GIVEN',
    indent: 1,
    ...refOf(website),
    contents: `${quoted(website.vhost)} has the certificate that was handed over, until ${notAfter}, for ${listed(dnsNames)}${served === true ? ', and it is served' : ''}.`,
    data: { fingerprint, notAfter, names: dnsNames, served },
  };
}

/** A certificate is taken away; a self-signed one lies in its place, for servers do not start without the file. */
export function certificateTakenAway(website: WebsiteRef, copies: readonly string[]): RunEvent {
  const beside = copies.length === 0 ? '' : ` Mail and FTP no longer have it for ${listed(copies)}.`;
  return {
    type: 'success',
    code: 'CERTIFICATE_REMOVED',
    indent: 1,
    ...refOf(website),
    contents: `${quoted(website.vhost)} has its certificate no more: it is archived, and a self-signed placeholder lies in its place.${beside}`,
    data: { copies },
  };
}

/** An unfinished order is dropped, so that what it brings does not replace what was handed over. */
export function orderSetAside(website: WebsiteRef, id: string, isIssued: boolean): RunEvent {
  const certificate = isIssued ? '; its certificate is recorded, and not installed' : '';
  return {
    type: 'out',
    code: 'ORDER_SET_ASIDE',
    indent: 1,
    ...refOf(website),
    contents: `${quoted(website.vhost)}: the order ${id} is dropped${certificate}.`,
    data: { order: id },
  };
}

/** All is done, as far as it could be. */
export function certificatesChangeFinished(done: number, failed: number): RunEvent {
  return {
    type: failed === 0 ? 'success' : 'error',
    code: 'RUN_FINISHED',
    indent: 0,
    contents: `${counted(done + failed, 'website')}: ${failed === 0 ? 'done' : `${failed} not done`}.`,
  };
}
