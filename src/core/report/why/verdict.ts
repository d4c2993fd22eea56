import { printable } from '../../domain/name/names.js';
import { failedWords } from '../events/failed-words.js';
import { NAME_PAUSED } from '../events/pause-events.js';
import type { ListedProblem } from '../problems/problem-table.js';
import { shortInstant } from '../text/log-instant.js';
import type { BlockingLimit } from './limits.js';
import type { NameHolding } from './name-holding.js';
import type { ExcludedBy, WebsiteFacts, WhyFacts } from './why-facts.js';

/** The answer in one word and one sentence. Plain JSON. */
export interface WhyVerdict {
  readonly code: WhyCode;
  /** Visitors get a certificate that is good for the name, as far as is known. */
  readonly isSecured: boolean;
  /** Somebody has to do something, or the name stays (or becomes) unsecured. */
  readonly isObstructed: boolean;
  readonly sentence: string;
}

export type WhyCode =
  // Good for now
  | 'SECURED'
  | 'SECURED_BY_WILDCARD'
  // Good for now, and something is in the way
  | 'NOT_SERVED'
  | 'RENEWAL_HELD'
  | 'RENEWAL_AT_RISK'
  // Goes on by itself
  | 'ORDER_PENDING'
  | 'LIMITED'
  | 'MENDED'
  | 'NEXT_RUN'
  | 'AT_RENEWAL'
  // Something is in the way
  | 'FAILS_NOW'
  | 'CAA_FORBIDS'
  | 'PUT_ASIDE'
  | 'FAILED_LAST'
  | 'INCONCLUSIVE'
  | 'RESOLVER_DOWN'
  | 'WEBSITE_FAILED'
  | 'WILDCARD_UNSUPPORTED'
  | 'FOREIGN_CERTIFICATE'
  | 'NO_PROVIDER'
  | 'UNREADABLE'
  // Not ordered for at all
  | 'EXCLUDED'
  | 'SUSPENDED'
  | 'NO_FEATURE'
  | 'NOT_WANTED'
  | 'ACCOUNT_BROKEN'
  | 'HOSTNAME'
  | 'NOBODY';

/** What else is judged before the verdict. */
export interface VerdictGrounds {
  readonly facts: WhyFacts;
  readonly limits: readonly BlockingLimit[];
  /** Recorded of the name itself, the gravest; null = nothing is. */
  readonly ofName: ListedProblem | null;
  /** Recorded of the website as such. */
  readonly ofWebsite: ListedProblem | null;
}

/** Why the name is secured or not. The first that is true is told: what is seen now weighs more than what is recorded. */
export function judgeWhy(grounds: VerdictGrounds): WhyVerdict {
  const { holding, website } = grounds.facts;
  if (holding.kind === 'wanted' && website !== null) return judgeWanted(grounds, website);
  if (holding.kind === 'covered' && website !== null) return judgeCovered(grounds, website, holding.by);
  return judgeUnwanted(grounds.facts, holding);
}

/** Words for a name that nothing is ordered for. */
function judgeUnwanted({ name, exclusion }: WhyFacts, holding: NameHolding): WhyVerdict {
  const verdict = (code: WhyCode, sentence: string, isObstructed = false): WhyVerdict => ({
    code,
    isSecured: false,
    isObstructed,
    sentence: `${name} ${sentence}.`,
  });
  switch (holding.kind) {
    case 'excluded':
      return verdict('EXCLUDED', `is excluded${exclusionWords(exclusion)}: no certificate is ordered for it`);
    case 'skipped':
      return holding.reason === 'suspended'
        ? verdict(
            'SUSPENDED',
            `belongs to ${holding.account}, whose account is suspended: nothing is ordered`,
          )
        : verdict(
            'NO_FEATURE',
            `belongs to ${holding.account}, whose account has no AutoSSL: nothing is ordered`,
          );
    case 'broken':
      return verdict(
        'ACCOUNT_BROKEN',
        `seems to belong to ${holding.account}, whose data cannot be used: ${withoutEnd(holding.message)}`,
        true,
      );
    case 'hostname':
      return verdict(
        'HOSTNAME',
        'is what this server itself is called: checkallsslcerts orders its certificate, for mail, FTP and the panel',
      );
    case 'nobody': {
      const unread = holding.unreadAccounts === 0 ? '' : ', as far as they can be read';
      return verdict('NOBODY', `is nobody’s: no account of this server has it${unread}`, true);
    }
    default:
      return verdict(
        'NOT_WANTED',
        'is what a website is called, but another website or account has the better right to the name',
        true,
      );
  }
}

function exclusionWords(exclusion: ExcludedBy | null): string {
  if (exclusion === null) return '';
  const { file, by, at, changedAt } = exclusion;
  const who = by === null ? printable(file) : printable(by);
  const since = at ?? changedAt;
  if (since === null) return ` by ${who}`;
  return ` by ${who}, since ${shortInstant(since)}${at === null ? ' at the latest' : ''}`;
}

function judgeCovered({ facts: { name } }: VerdictGrounds, website: WebsiteFacts, by: string): WhyVerdict {
  const { issued } = website.status;
  const isSecured = website.isCovered && issued !== null;
  return isSecured
    ? {
        code: 'SECURED_BY_WILDCARD',
        isSecured,
        isObstructed: false,
        sentence: `${name} is secured until ${shortInstant(issued.notAfter)} by the wildcard ${by}.`,
      }
    : {
        code: 'WEBSITE_FAILED',
        isSecured,
        isObstructed: true,
        sentence: `${name} is not secured: it is left to the wildcard ${by}, which has no certificate; ask why of that.`,
      };
}

function judgeWanted(grounds: VerdictGrounds, website: WebsiteFacts): WhyVerdict {
  const { name } = grounds.facts;
  const { status } = website;
  if (status.fault !== null) {
    return obstructed(
      'UNREADABLE',
      `It cannot be told whether ${name} is secured: ${status.fault.message}`,
      false,
    );
  }
  return website.isCovered && status.issued !== null
    ? judgeSecured(grounds, website, shortInstant(status.issued.notAfter))
    : judgeUnsecured(grounds, website);
}

function judgeSecured(grounds: VerdictGrounds, website: WebsiteFacts, notAfter: string): WhyVerdict {
  const { name, provider } = grounds.facts;
  const { status, renewal, leftAloneBecause } = website;
  const until = `${name} is secured until ${notAfter}`;
  if (status.served.state === 'not-served') {
    return obstructed(
      'NOT_SERVED',
      `${name} has a certificate until ${notAfter}, but visitors did not get it: ${status.served.message ?? 'unknown'}`,
      false,
    );
  }
  if (leftAloneBecause !== null) {
    const sentence = `${until}, by a certificate that AutoSSL did not issue and leaves alone.`;
    return { code: 'SECURED', isSecured: true, isObstructed: false, sentence };
  }
  if (provider.state !== 'chosen') {
    return obstructed('RENEWAL_AT_RISK', `${until}, and will not be renewed: no provider is active`, true);
  }
  const isDue = renewal?.isDue === true;
  // What stops other names of the website does no harm to this one before its renewal.
  const trouble = troubleNow(isDue ? grounds : { ...grounds, ofWebsite: null });
  if (trouble === null || status.order !== null) {
    return { code: 'SECURED', isSecured: true, isObstructed: false, sentence: `${until}.` };
  }
  return isDue
    ? obstructed('RENEWAL_HELD', `${until}, and its renewal is held up: ${trouble.why}`, true)
    : obstructed('RENEWAL_AT_RISK', `${until}, but would not be renewed as it is now: ${trouble.why}`, true);
}

function judgeUnsecured(grounds: VerdictGrounds, website: WebsiteFacts): WhyVerdict {
  const { name, provider, sight } = grounds.facts;
  const { status, action } = website;
  const not = (why: string): string => `${name} is not secured: ${why}`;
  if (website.leftAloneBecause !== null) {
    return obstructed('FOREIGN_CERTIFICATE', not(afterColon(website.leftAloneBecause)), false);
  }
  if (provider.state !== 'chosen') return obstructed('NO_PROVIDER', not('no provider is active'), false);
  const { order } = status;
  if (order?.names.includes(name) === true) {
    const what =
      order.phase === 'downloaded'
        ? 'its certificate is here and could not be put in place yet'
        : `an order for it is under way at ${order.provider}, since ${shortInstant(order.createdAt)}`;
    return passing('ORDER_PENDING', `${name} is not secured yet: ${what}`);
  }
  const isUnsupported = action?.leftOut.some(
    (left) => left.name === name && left.why.startsWith('WILDCARD_'),
  );
  if (isUnsupported === true) {
    return obstructed('WILDCARD_UNSUPPORTED', not('wildcards cannot be validated here'), false);
  }
  const trouble = troubleNow(grounds);
  if (trouble !== null) return obstructed(trouble.code, not(trouble.why), false);
  const [limit] = grounds.limits.filter(({ until }) => until !== null);
  if (limit !== undefined) {
    return passing(
      'LIMITED',
      `${name} is not secured yet: ${limit.message}, until ${shortInstant(limit.until ?? '')}`,
    );
  }
  if (status.next.action === 'renew' && status.next.at !== null) {
    return passing('AT_RENEWAL', `${name} is not secured yet: it is added when the certificate is renewed`);
  }
  const passes = sight.state === 'looked' && sight.outcome?.passed === true;
  return passes && grounds.ofName !== null
    ? passing('MENDED', `${name} is not secured yet: what was in the way is mended, the next run orders`)
    : passing(
        'NEXT_RUN',
        `${name} is not secured yet: nothing is ${passes ? '' : 'known to be '}in the way, the next run orders`,
      );
}

interface Trouble {
  readonly code: WhyCode;
  readonly why: string;
}

/** Impediments that are over as soon as a name passes that did not. */
const MENDED_BY_PASSING: ReadonlySet<string> = new Set([
  'TOTAL_DCV_FAILURE',
  'NO_UNSECURED_DOMAIN_PASSED_DCV',
]);

/** What is in the way of an order for the name: seen now, else recorded. */
function troubleNow({ facts, limits, ofName, ofWebsite }: VerdictGrounds): Trouble | null {
  const { sight, caa, name } = facts;
  if (sight.state === 'not-looked' && sight.isOurFault) return { code: 'RESOLVER_DOWN', why: sight.why };
  const outcome = sight.state === 'looked' ? sight.outcome : null;
  if (outcome?.passed === false && outcome.isConclusive) {
    return { code: 'FAILS_NOW', why: ofItself(outcome.message, name) };
  }
  if (caa?.isPermitted === false) return { code: 'CAA_FORBIDS', why: afterColon(caa.message) };
  const memory = facts.website?.memory ?? null;
  const isAside = limits.some(({ code }) => code === 'BACKOFF' || code === 'HOURLY_LIMIT');
  if (isAside) {
    const said = memory?.lastFailure ?? null;
    const what =
      said === null
        ? ''
        : `, at ${shortInstant(said.at)}: ${printable(said.message)} (${printable(said.code)})`;
    return { code: 'PUT_ASIDE', why: `${failedWords(memory, 'it')}${what}` };
  }
  if (outcome?.passed === false) return { code: 'INCONCLUSIVE', why: ofItself(outcome.message, name) };
  // Seen to work: what was recorded of the name is over, but for what this look could not judge.
  // Whether a pause still holds is what limits say.
  const isOver =
    ofName?.code === NAME_PAUSED || (outcome?.passed === true && (caa !== null || !isOfCaa(ofName?.code)));
  if (!isOver && ofName !== null) {
    return {
      code: 'FAILED_LAST',
      why: `when it was looked at, at ${shortInstant(ofName.at)}, ${ofItself(ofName.message, name)}`,
    };
  }
  if (outcome?.passed === true && ofWebsite !== null && MENDED_BY_PASSING.has(ofWebsite.code)) return null;
  return ofWebsite === null
    ? null
    : { code: 'WEBSITE_FAILED', why: ofItself(ofWebsite.message, ofWebsite.website) };
}

/** Told by a run that knew the provider's identities. */
function isOfCaa(code: string | undefined): boolean {
  return code?.startsWith('CAA_') ?? false;
}

function obstructed(code: WhyCode, clause: string, isSecured: boolean): WhyVerdict {
  return { code, isSecured, isObstructed: true, sentence: `${withoutEnd(clause)}.` };
}

function passing(code: WhyCode, clause: string): WhyVerdict {
  return { code, isSecured: false, isObstructed: false, sentence: `${withoutEnd(clause)}.` };
}

/** A website's impediment, as runs tell it. */
const IMPEDIMENT = /^“[^”]*”: Impediment: [A-Z_]+: (.*)$/s;

/** Within a sentence that began with the name: “it” instead, or nothing before an address. */
function ofItself(message: string, name: string): string {
  const impediment = IMPEDIMENT.exec(message)?.[1];
  if (impediment !== undefined) return afterColon(impediment);
  for (const subject of [`“${name}”`, name]) {
    if (message.startsWith(`${subject} at `)) return message.slice(`${subject} at `.length);
    if (message.startsWith(`${subject} `)) return `it ${message.slice(`${subject} `.length)}`;
    if (message.startsWith(`${subject}: `)) return afterColon(message.slice(`${subject}: `.length));
  }
  return afterColon(message);
}

/** A sentence as the part after a colon: only a word of small letters is begun with a small one. */
function afterColon(sentence: string): string {
  return /^[A-Z][a-z]*\s/.test(sentence) && !sentence.startsWith('AutoSSL')
    ? `${sentence.slice(0, 1).toLowerCase()}${sentence.slice(1)}`
    : sentence;
}

function withoutEnd(sentence: string): string {
  return sentence.replace(/\.$/, '');
}
