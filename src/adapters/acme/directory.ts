import { AcmeProtocolError } from '../../core/domain/autossl-error.js';
import type { DirectoryFacts } from '../../core/order/resources.js';
import type { UrlRule } from './ca-url.js';
import { Fields } from './fields.js';
import type { HttpAnswer } from './transport.js';

/** More than any CA lists; keeps a hostile directory small. */
const MOST_CAA_IDENTITIES = 64;
const MOST_PROFILES = 64;

/** A CA's directory: what it says of itself, and where its resources are (RFC 8555 section 7.1.1). */
export interface Directory {
  readonly facts: DirectoryFacts;
  readonly newNonce: string;
  readonly newAccount: string;
  readonly newOrder: string;
  /** RFC 9773; null: it offers none. */
  readonly renewalInfo: string | null;
}

/** @throws AcmeProtocolError BAD_ANSWER */
export function parseDirectory(value: unknown, answer: HttpAnswer, rule: UrlRule): Directory {
  const fields = new Fields(value, `the directory sent by ${rule.host}`);
  const urlAt = (member: string): string => rule.accept(fields.text(member), member);
  const renewalInfo = optionalUrl(() => (fields.has('renewalInfo') ? urlAt('renewalInfo') : null));
  const meta = fields.has('meta') ? fields.object('meta') : new Fields({}, 'no meta');
  return {
    newNonce: urlAt('newNonce'),
    newAccount: urlAt('newAccount'),
    newOrder: urlAt('newOrder'),
    renewalInfo,
    facts: {
      termsOfService: meta.optionalText('termsOfService'),
      website: meta.optionalText('website'),
      caaIdentities: meta
        .optionalList('caaIdentities', MOST_CAA_IDENTITIES)
        .filter((one) => typeof one === 'string'),
      requiresEab: meta.flag('externalAccountRequired'),
      hasRenewalInfo: renewalInfo !== null,
      profiles: meta.has('profiles') ? meta.object('profiles').names().slice(0, MOST_PROFILES) : [],
      clockOffsetMs: clockOffsetMs(answer),
    },
  };
}

/** Certificates can be had without it: what is wrong with it stops nothing. */
function optionalUrl(read: () => string | null): string | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof AcmeProtocolError) return null;
    throw error;
  }
}

function clockOffsetMs(answer: HttpAnswer): number | null {
  const date = Date.parse(answer.headers['date'] ?? '');
  return Number.isNaN(date) ? null : date - answer.receivedAt.getTime();
}
