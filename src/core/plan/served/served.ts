import { printable } from '../../domain/name/names.js';
import { wordsOfCode } from '../../domain/system-fault.js';
import type { ServerNoun } from '../install/install-liveness.js';

/** What one TLS handshake showed; no conclusion drawn, nothing verified. */
export interface TlsObservation {
  /** Lower-case hex SHA-256 of the leaf's DER; null when none came. */
  readonly fingerprint: string | null;
  /** Of the certificates sent, leaf first. */
  readonly chain: readonly string[];
  /** dNSName and iPAddress entries of the leaf, as the server sent them: outside text. */
  readonly names: readonly string[];
  /** `TLSv1.3` …; null without a handshake. */
  readonly protocol: string | null;
  /** The system's or TLS's code (ECONNREFUSED, ETIMEDOUT, ETIME, ERR_SSL_…); null when the handshake was done. */
  readonly error: string | null;
}

/** One handshake with where it was made. */
export interface ServedObservation {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly observation: TlsObservation;
}

export type NotServedCode =
  | 'NO_TLS_SITE'
  | 'PREVIOUS_CERTIFICATE'
  | 'OTHER_WEBSITES_CERTIFICATE'
  | 'OTHER_CERTIFICATE'
  | 'NO_TLS'
  | 'NAME_REJECTED'
  | 'CONNECTION_REFUSED'
  | 'NO_ANSWER'
  | 'HANDSHAKE_FAILED';

export type ServedVerdict =
  | { readonly served: true }
  | {
      readonly served: false;
      readonly code: NotServedCode;
      /** One printable sentence of what was seen. */
      readonly message: string;
      /** One printable sentence: what to change. */
      readonly advice: string;
      /** What was seen there; null when nobody was asked. */
      readonly seen: ServedObservation | null;
    };

/** What is known about a website when its handshakes are judged. */
export interface ServedFacts {
  /** Fingerprint of the published leaf. */
  readonly expected: string;
  /** Fingerprint of the leaf that was published before; null when there was none. */
  readonly previous: string | null;
  /** The file that the website's site should name. */
  readonly combinedFile: string;
  /** The website to which a fingerprint belongs, when it is one of ours. */
  readonly websiteOf?: (fingerprint: string) => string | undefined;
  /** Whether a site of the configuration names the website; null when the configuration is not known. */
  readonly hasSite: boolean | null;
  /** Whether it is one of the server's own services (mail, FTP, a panel) that answers, and no web server. */
  readonly isService?: boolean;
}

/**
 * Whether the website's own certificate answers everywhere it was asked for (design 5.11). The first place that shows
 * something else decides what is said. Nothing asked is not served.
 */
export function judgeServed(facts: ServedFacts, observations: readonly ServedObservation[]): ServedVerdict {
  const wrong = observations.find(({ observation }) => observation.fingerprint !== facts.expected);
  if (wrong !== undefined) return explain(facts, wrong);
  if (observations.length > 0) return { served: true };
  return {
    served: false,
    code: 'NO_TLS_SITE',
    message:
      facts.isService === true
        ? 'the service listens nowhere with TLS'
        : 'no site of the web server has this name with TLS',
    advice: addSite(facts),
    seen: null,
  };
}

/** Whether a handshake that worked before now fails: then the old set is restored. Another certificate is no failure. */
export function isBroken(before: TlsObservation, after: TlsObservation): boolean {
  return before.fingerprint !== null && after.fingerprint === null;
}

/** OpenSSL's codes when the other side does not speak TLS at all. */
const NOT_TLS =
  /^(ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNKNOWN_PROTOCOL)|EPROTO)$/;
/** Codes of a connection that never came about, or of a peer that says nothing. */
const SILENT = new Set(['ETIMEDOUT', 'ETIME']);
const NO_ANSWER = new Set([...SILENT, 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'STARTTLS_NOT_READY']);

function explain(facts: ServedFacts, seen: ServedObservation): ServedVerdict {
  const { observation } = seen;
  const at = `${seen.address.includes(':') ? `[${seen.address}]` : seen.address}:${seen.port}`;
  const say = (code: NotServedCode, message: string, advice: string): ServedVerdict => ({
    served: false,
    code,
    message,
    advice,
    seen,
  });
  if (observation.fingerprint !== null) return explainOther(facts, seen, observation.fingerprint, at, say);
  const error = observation.error ?? 'no certificate';
  if (error === 'ECONNREFUSED') {
    return say(
      'CONNECTION_REFUSED',
      `nothing listens on ${at}`,
      `Start the ${nounOf(facts)} there, or let it listen on port ${seen.port} with TLS for ${seen.name}.`,
    );
  }
  if (NO_ANSWER.has(error)) {
    return say(
      'NO_ANSWER',
      SILENT.has(error) ? `${at} does not answer` : `${at} cannot be reached: ${wordsOfCode(error)}`,
      'Find out why connections from this server get no answer there.',
    );
  }
  if (error === 'STARTTLS_REFUSED') {
    return say('NO_TLS', `${at} does not let TLS begin`, `Switch TLS on there for ${seen.name}.`);
  }
  if (NOT_TLS.test(error)) {
    return say('NO_TLS', `${at} does not speak TLS`, `Switch TLS on there for ${seen.name}.`);
  }
  if (/UNRECOGNIZED_NAME/.test(error)) {
    return say('NAME_REJECTED', `${at} refuses the name ${seen.name}`, addSite(facts));
  }
  return say(
    'HANDSHAKE_FAILED',
    `the TLS handshake with ${at} fails: ${wordsOfCode(error)}`,
    `Look into the error log of the ${nounOf(facts)}.`,
  );
}

function explainOther(
  facts: ServedFacts,
  seen: ServedObservation,
  fingerprint: string,
  at: string,
  say: (code: NotServedCode, message: string, advice: string) => ServedVerdict,
): ServedVerdict {
  if (fingerprint === facts.previous) {
    return say(
      'PREVIOUS_CERTIFICATE',
      `${at} still serves the previous certificate`,
      facts.isService === true
        ? 'Restart the service, or let its configuration name the file itself and not a copy.'
        : 'Reload the web server, or let its configuration name the file itself and not a copy.',
    );
  }
  if (facts.isService === true)
    return say('OTHER_CERTIFICATE', `${at} serves ${certificateOf(seen.observation.names)}`, addSite(facts));
  const website = facts.websiteOf?.(fingerprint);
  const whose =
    website === undefined ? certificateOf(seen.observation.names) : `the certificate of ${website}`;
  return say(
    website === undefined ? 'OTHER_CERTIFICATE' : 'OTHER_WEBSITES_CERTIFICATE',
    facts.hasSite === false
      ? `no site has this name with TLS; the default site at ${at} answers with ${whose}`
      : `${at} serves ${whose}`,
    facts.hasSite === false
      ? addSite(facts)
      : `Let the site of ${seen.name} name ${printable(facts.combinedFile)} as its certificate.`,
  );
}

const SHOWN_NAMES = 3;

function certificateOf(names: readonly string[]): string {
  if (names.length === 0) return 'a certificate without names';
  const shown = names.slice(0, SHOWN_NAMES).map((name) => printable(name.slice(0, 100)));
  const more = names.length > SHOWN_NAMES ? ` and ${names.length - SHOWN_NAMES} more` : '';
  return `another certificate, for ${shown.join(', ')}${more}`;
}

function nounOf({ isService }: ServedFacts): ServerNoun {
  return isService === true ? 'service' : 'web server';
}

/** A service may name any of the files that lie beside `combined`. */
function addSite({ combinedFile, isService }: ServedFacts): string {
  const folder = combinedFile.slice(0, combinedFile.lastIndexOf('/'));
  if (isService === true)
    return `Let its configuration switch TLS on and name the certificate and key in ${printable(folder)}.`;
  return `Give the website a site with TLS that names ${printable(combinedFile)} as its certificate.`;
}
