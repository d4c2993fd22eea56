import type { ChallengeMethod } from '../domain/challenge-method.js';

type Sentence = (name: string) => string;

const notIssued: Sentence = (name) =>
  `Exclude ${name} from AutoSSL, or ask the provider why it issues nothing for this name.`;
const answeredOtherwise: Sentence = (name) =>
  `Look at ${name} from outside this network: every address that it has there (IPv6 too) must lead to this server, past any cache or protection service.`;

/** By ACME error type (RFC 8555 6.7). Whatever could be seen from here was in order, so each points outside. */
const SENTENCES: ReadonlyMap<string, Sentence> = new Map([
  [
    'caa',
    (name) =>
      `Let the CAA records of ${name} (or of the domain above it) permit the provider, or remove them.`,
  ],
  [
    'dns',
    (name) =>
      `Look up ${name} from outside this network: all its name servers must answer there, with DNSSEC signatures that verify.`,
  ],
  [
    'connection',
    (name) =>
      `Open port 80 of every address of ${name} to the whole internet: the provider looks from several countries, and at IPv6 addresses first.`,
  ],
  ['unauthorized', answeredOtherwise],
  ['incorrectResponse', answeredOtherwise],
  ['rejectedIdentifier', notIssued],
  ['unsupportedIdentifier', notIssued],
]);

/**
 * One sentence that tells the owner what to change when the CA refused a name by this ACME error type; null when the type
 * says nothing that an owner could act on. `name` is printable.
 */
export function adviceForRefusal(type: string, name: string, method?: ChallengeMethod): string | null {
  if (method === 'dns-01' && RECORD_NOT_SEEN.has(type)) return recordNotSeen(name);
  return SENTENCES.get(type)?.(name) ?? null;
}

/** What a CA says of a name whose TXT record it did not find. */
const RECORD_NOT_SEEN: ReadonlySet<string> = new Set([
  'unauthorized',
  'incorrectResponse',
  'dns',
  'connection',
]);
const recordNotSeen: Sentence = (name) =>
  `Look up the TXT records of _acme-challenge.${name.replace(/^\*\./, '')} from outside this network: all name servers of the zone must answer there, with DNSSEC signatures that verify.`;
