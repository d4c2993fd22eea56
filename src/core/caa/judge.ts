import { isWildcard, type WantedName } from '../domain/name/names.js';
import { additionFor } from './addition.js';
import { LOOKUP_WORDS } from './lookup-words.js';
import type { CaaLookup, CaaObservation, CaaRecord } from './observation.js';
import type { CaaAddition, CaaFailureCode, CaaOutcome, CaaPolicy } from './outcome.js';
import { judgeProperty, type Permission } from './permission.js';
import { shownLine, shownText } from './zone-line.js';

/**
 * RFC 8659 section 4.1: the bit of value 128. Bit “0” of the RFC's figure is often taken for the value 1, so that CAs count
 * that too.
 */
const CRITICAL = 128 | 1;
/** Properties that a CA of websites knows: RFC 8659 sections 4.2 to 4.4, RFC 9495. */
const KNOWN_TAGS: ReadonlySet<string> = new Set(['issue', 'issuewild', 'iodef', 'issuemail']);
/** Lines that a message shows before it counts the rest. */
const SHOWN_LINES = 3;

type Answer = Extract<CaaLookup, { state: 'answered' }>;

/**
 * Whether the CA may certify the name by what the climb met (RFC 8659 section 3; BR 3.2.2.8): the closest set of records
 * decides alone. A lookup that failed on the way may have hidden records, so it forbids.
 */
export function judgeCaa(observation: CaaObservation, policy: CaaPolicy): CaaOutcome {
  const { name, path } = observation;
  const allowed = (because: 'NOT_JUDGED' | 'NO_RECORDS'): CaaOutcome => {
    return { name, isAllowed: true, because, foundAt: null, record: null, methods: policy.methods };
  };
  if (policy.identities.length === 0) return allowed('NOT_JUDGED');
  const last = path.at(-1);
  if (last === undefined) return allowed('NO_RECORDS');
  if (last.state === 'failed') return lookupFailed(name, last);
  if (last.records.length === 0) return allowed('NO_RECORDS');
  return new RecordSet(name, last, policy).judge();
}

function lookupFailed(
  name: WantedName,
  { name: asked, fault }: Extract<CaaLookup, { state: 'failed' }>,
): CaaOutcome {
  const words = LOOKUP_WORDS[fault];
  return {
    name,
    isAllowed: false,
    code: 'CAA_LOOKUP_FAILED',
    message: `the CAA records of ${shownText(asked)} cannot be looked up: ${words.what}; a certificate authority must not issue then`,
    advice: words.advice(shownText(asked)),
    foundAt: shownText(asked),
    records: [],
    addition: null,
    isConclusive: words.isConclusive,
    fault: words.fault,
  };
}

interface Judged {
  readonly record: CaaRecord;
  readonly permission: Permission;
}

/** The set of records that decides about one name. */
class RecordSet {
  readonly #name: WantedName;
  readonly #answer: Answer;
  readonly #policy: CaaPolicy;

  constructor(name: WantedName, answer: Answer, policy: CaaPolicy) {
    this.#name = name;
    this.#answer = answer;
    this.#policy = policy;
  }

  judge(): CaaOutcome {
    const { records } = this.#answer;
    const unknown = records.filter(
      ({ flags, tag }) => (flags & CRITICAL) !== 0 && !KNOWN_TAGS.has(tag.toLowerCase()),
    );
    if (unknown.length > 0) return this.#criticalUnknown(unknown);
    const tag = this.#decidingTag();
    const deciding = records.filter((record) => record.tag.toLowerCase() === tag);
    if (deciding.length === 0) return this.#allowed('NOT_RESTRICTED', null, this.#policy.methods);
    const judged = deciding.map((record) => ({ record, permission: judgeProperty(record, this.#policy) }));
    const permitting = ofKind(judged, 'permits');
    const [first] = permitting;
    if (first !== undefined) {
      const left = new Set(permitting.flatMap(({ permission }) => permission.methods));
      const methods = this.#policy.methods.filter((method) => left.has(method));
      return this.#allowed('PERMITTED', first.record, methods);
    }
    return this.#refuse(tag, judged);
  }

  /** RFC 8659 section 4.3: for a wildcard, `issuewild` counts alone where there is any; for others never. */
  #decidingTag(): 'issue' | 'issuewild' {
    const hasWild = this.#answer.records.some(({ tag }) => tag.toLowerCase() === 'issuewild');
    return isWildcard(this.#name) && hasWild ? 'issuewild' : 'issue';
  }

  #allowed(
    because: 'NOT_RESTRICTED' | 'PERMITTED',
    record: CaaRecord | null,
    methods: readonly string[],
  ): CaaOutcome {
    const { owner } = this.#answer;
    return {
      name: this.#name,
      isAllowed: true,
      because,
      foundAt: shownText(owner),
      record: record === null ? null : shownLine(owner, record),
      methods,
    };
  }

  /** What stands nearest to a permission explains the refusal: our CA for other methods, for other accounts, misspelt. */
  #refuse(tag: 'issue' | 'issuewild', judged: readonly Judged[]): CaaOutcome {
    const methods = ofKind(judged, 'other-methods');
    if (methods.length > 0) return this.#otherMethods(tag, methods);
    const accounts = ofKind(judged, 'other-account');
    if (accounts.length > 0) return this.#otherAccount(tag, accounts);
    const malformed = ofKind(judged, 'malformed');
    const meant = malformed.filter(({ record }) => this.#mentionsUs(record));
    if (meant.length > 0 || malformed.length === judged.length) {
      return this.#malformed(tag, meant.length > 0 ? meant : malformed);
    }
    const addition = this.#addition(tag, null);
    const others = [...new Set(ofKind(judged, 'other-issuer').map(({ permission }) => permission.issuer))];
    const permitted = others.filter((issuer) => issuer !== '');
    const whom =
      permitted.length === 0 ? 'no certificate authority at all' : 'other certificate authorities only';
    const forWhat = tag === 'issuewild' ? ' for wildcard names' : '';
    const code = tag === 'issuewild' ? 'CAA_WILDCARD_FORBIDDEN' : 'CAA_FORBIDS';
    return this.#refusal(
      code,
      judged,
      `permit ${whom}${forWhat}`,
      this.#addAdvice(addition, 'the others may stay'),
      addition,
    );
  }

  #otherMethods(tag: 'issue' | 'issuewild', judged: readonly OfKind<'other-methods'>[]): CaaOutcome {
    const named = [...new Set(judged.flatMap(({ permission }) => permission.methods))];
    const ours = this.#policy.methods.join(' or ');
    const what = `permit the provider only with the validation methods ${named.length === 0 ? '“”' : listed(named)}, and here ${ours} is used`;
    const addition = this.#addition(tag, null, false);
    const dns = named.includes('dns-01')
      ? 'Let the DNS of this domain be edited from this server, so that names are validated there (dns-01)'
      : null;
    const advice = this.#addAdvice(addition, 'the others may stay');
    return this.#refusal(
      'CAA_METHOD_FORBIDDEN',
      judged,
      what,
      dns === null ? advice : `${dns}; or: ${advice}`,
      addition,
    );
  }

  #otherAccount(tag: 'issue' | 'issuewild', judged: readonly OfKind<'other-account'>[]): CaaOutcome {
    const theirs = [...new Set(judged.flatMap(({ permission }) => permission.accounts))];
    const ours = this.#policy.accountUrl;
    const ourWords = ours === null ? '' : `; the account of this server is ${shownText(ours)}`;
    const what = `permit the provider only with another account, ${listed(theirs)} (as a rule that of a former host)${ourWords}`;
    const addition = this.#addition(tag, ours);
    return this.#refusal(
      'CAA_ACCOUNT_MISMATCH',
      judged,
      what,
      this.#addAdvice(addition, 'then remove the record of the former host when nobody needs it any more'),
      addition,
    );
  }

  #malformed(tag: 'issue' | 'issuewild', judged: readonly Judged[]): CaaOutcome {
    const addition = this.#addition(tag, null);
    return this.#refusal(
      'CAA_MALFORMED',
      judged,
      'are not as they should be, which permits nobody',
      this.#addAdvice(addition, 'and correct or remove the malformed one'),
      addition,
    );
  }

  #criticalUnknown(unknown: readonly CaaRecord[]): CaaOutcome {
    return this.#refusal(
      'CAA_CRITICAL_UNKNOWN',
      unknown.map((record) => ({ record })),
      'are marked as critical and of a kind that certificate authorities do not know, so that none may issue',
      `Remove ${unknown.length === 1 ? 'that record' : 'those records'} of ${shownText(this.#answer.owner)}, or set the flags to 0.`,
      null,
    );
  }

  /** RFC 8659 section 3: records lie where they were found; a set closer to the name would hide all of them. */
  #addition(tag: 'issue' | 'issuewild', accountUrl: string | null, isHarmless = true): CaaAddition | null {
    const { owner, name } = this.#answer;
    const isOwn = owner === name;
    return additionFor(
      owner,
      tag,
      this.#policy.identities,
      accountUrl,
      isHarmless && isOwn && tag === 'issue',
    );
  }

  #addAdvice(addition: CaaAddition | null, more: string): string {
    const { owner, name } = this.#answer;
    if (addition === null)
      return `Let the CAA records of ${shownText(owner)} permit the provider, or remove them.`;
    return owner === name
      ? `Add this record to the DNS of ${shownText(owner)} (${more}): ${addition.line}`
      : `Have this record added by whoever runs ${shownText(owner)} (${more}), or give ${shownText(name)} addresses in place of the alias: ${addition.line}`;
  }

  #refusal(
    code: CaaFailureCode,
    judged: readonly { readonly record: CaaRecord }[],
    what: string,
    advice: string,
    addition: CaaAddition | null,
  ): CaaOutcome {
    const { owner, name } = this.#answer;
    const records = judged.map(({ record }) => shownLine(owner, record));
    const rest = records.length - SHOWN_LINES;
    const shown = records.slice(0, SHOWN_LINES).join(' | ') + (rest > 0 ? ` and ${rest} more` : '');
    const alias = owner === name ? '' : `, of which ${shownText(name)} is an alias,`;
    return {
      name: this.#name,
      isAllowed: false,
      code,
      message: `the CAA records of ${shownText(owner)}${alias} ${what}: ${shown}`,
      advice,
      foundAt: shownText(owner),
      records,
      addition,
      isConclusive: true,
      fault: 'owner',
    };
  }

  #mentionsUs({ value }: CaaRecord): boolean {
    const text = value.toLowerCase();
    return this.#policy.identities.some((identity) => text.includes(identity.toLowerCase()));
  }
}

interface OfKind<Kind extends Permission['kind']> extends Judged {
  readonly permission: Extract<Permission, { kind: Kind }>;
}

function ofKind<Kind extends Permission['kind']>(judged: readonly Judged[], kind: Kind): OfKind<Kind>[] {
  return judged.filter((one): one is OfKind<Kind> => one.permission.kind === kind);
}

function listed(texts: readonly string[]): string {
  const rest = texts.length - SHOWN_LINES;
  return texts.slice(0, SHOWN_LINES).map(shownText).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
