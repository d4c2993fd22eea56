import type { LimitStop } from '../ledger-record.js';
import { type FailedName, nameOf } from '../names-to-drop.js';
import { problemCode } from '../problem-type.js';
import type { AcmeProblem } from '../resources.js';
import { setKeyOf } from './limit-stop.js';
import { stopEnd } from './stop-end.js';

/** What a rate limit covers: parts of what was asked for, or, where that is not clear, the account. */
export type RateLimitCover =
  | { readonly covers: 'account' }
  | { readonly covers: 'parts'; readonly stops: readonly LimitStop[] };

/** What was asked for when the limit was met. */
export interface LimitedRequest {
  readonly names: readonly string[];
  readonly isReplacing: boolean;
  registeredDomainOf(name: string): string;
}

/**
 * A name that is paused is asked for again after this, should the CA not name an instant: whether a person loosened the pause is
 * seen by asking alone, which costs nothing.
 */
const PAUSED_NAME_RETRY_MS = 24 * 60 * 60_000;
/** Of a CA's words, enough for any that names a limit. */
const KEPT_WORDS = 300;
/** The pause of Boulder names no end; its page is on the CA's portal. */
const URL_IN_TEXT = /https:\/\/[^\s<>"'\\]{1,1000}/;
const PAUSED = /\btemporarily prevented from requesting certificates\b|\b(?:is|are|been) paused\b/i;

/**
 * What a problem document says that a limit covers (RFC 8555 6.6 has a type and a text; which limit it is, the text and its
 * help link tell, as Boulder words them). A text that names nothing that was asked for covers the account.
 */
export function coverOf(problem: AcmeProblem, request: LimitedRequest, now: Date): RateLimitCover {
  const text = problem.detail;
  const common = {
    because: `${problemCode(problem)}: ${text.slice(0, KEPT_WORDS)}`,
    unpauseUrl: null,
    holdsRenewals: request.isReplacing,
    notedAt: now.toISOString(),
  };
  const until = (untoldMs?: number): string =>
    stopEnd(problem, now, instantTold(problem), untoldMs).toISOString();
  const parts = (stops: readonly LimitStop[]): RateLimitCover =>
    stops.length === 0 ? { covers: 'account' } : { covers: 'parts', stops };
  const mentioned = mentionedNames(text, request.names);
  if (PAUSED.test(text)) {
    const unpauseUrl = URL_IN_TEXT.exec(text)?.[0]?.replace(/[).,;]+$/, '') ?? problem.helpUrl;
    return parts(
      // A pause outlives renewals: nothing for the name is looked at.
      mentioned.map((key) => ({
        scope: 'name' as const,
        ...common,
        key,
        until: until(PAUSED_NAME_RETRY_MS),
        unpauseUrl,
        holdsRenewals: true,
      })),
    );
  }
  if (/\bexact set\b/i.test(text)) {
    return parts([{ scope: 'exact-set', ...common, key: setKeyOf(request.names), until: until() }]);
  }
  if (/\bfailed authorizations?\b|\bfailed validations?\b/i.test(text)) {
    return parts(
      mentioned.map((key) => ({
        scope: 'name' as const,
        ...common,
        key,
        until: until(),
      })),
    );
  }
  if (/\bcertificates\b.*\bissued\b|\bcertificates per (?:registered )?domain\b/i.test(text)) {
    const asked = new Set(request.names.map((name) => request.registeredDomainOf(name)));
    const named = [...asked].filter((domain) => mentions(text, domain));
    return parts(
      named.map((key) => ({
        scope: 'registered-domain' as const,
        ...common,
        key,
        until: until(),
      })),
    );
  }
  return { covers: 'account' };
}

/** Code of a name that fell out of an order because a limit of its CA covers it: nobody's fault, and no failure. */
export const LIMITED_BY_CA = 'LIMITED_BY_CA';

/** Names that the order can do without, because the limit covers them alone. */
export function limitedNames(
  cover: RateLimitCover,
  names: readonly string[],
  registeredDomainOf: (name: string) => string,
  { detail }: AcmeProblem,
): readonly FailedName[] {
  if (cover.covers === 'account') return [];
  const isCovered = (name: string): boolean =>
    cover.stops.some(({ scope, key }) =>
      scope === 'registered-domain' ? registeredDomainOf(name) === key : scope === 'name' && name === key,
    );
  return names.filter(isCovered).map((name) => ({ name, code: LIMITED_BY_CA, detail }));
}

/** When the CA takes such a request again by its own words; null: it does not say. */
export function instantTold(problem: AcmeProblem): Date | null {
  return problem.retryAt ?? instantInText(problem.detail);
}

/** Boulder repeats its Retry-After in the text, in UTC to the second. */
function instantInText(text: string): Date | null {
  const [, day, time] =
    /\bretry after (\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2}) ?(?:UTC|Z)/i.exec(text) ?? [];
  const at = new Date(`${day}T${time}Z`);
  return Number.isNaN(at.getTime()) ? null : at;
}

/** Ordered names that the text has; a wildcard is named with or without its `*.`. */
function mentionedNames(text: string, names: readonly string[]): readonly string[] {
  const found = new Set<string>();
  for (const word of wordsOf(text)) {
    const name = nameOf({ type: 'dns', value: word }, names);
    if (name !== undefined) found.add(name);
  }
  return [...found];
}

function mentions(text: string, domain: string): boolean {
  return wordsOf(text).includes(domain);
}

/** What could be a name; the dot at the end of a sentence is none of it. */
function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/(?:\*\.)?[a-z0-9](?:[a-z0-9_-]|\.(?=[a-z0-9_]))*/g) ?? [];
}
