import { describe, expect, test } from '@jest/globals';
import { caaNamesToAsk } from '../../../src/core/caa/climb.js';
import { judgeCaa } from '../../../src/core/caa/judge.js';
import type { CaaLookup, CaaLookupFault, CaaRecord } from '../../../src/core/caa/observation.js';
import type { CaaOutcome, CaaPolicy } from '../../../src/core/caa/outcome.js';
import { parseHostName, parseIpIdentifier, type WantedName } from '../../../src/core/domain/name/names.js';

const ACCOUNT = 'https://acme-v02.api.letsencrypt.org/acme/acct/1';
const STRANGER = 'https://acme-v02.api.letsencrypt.org/acme/acct/99';
const POLICY: CaaPolicy = {
  identities: ['letsencrypt.org'],
  accountUrl: ACCOUNT,
  methods: ['http-01'],
};

/** Records by name, `FLAGS TAG VALUE`; `-> target` where an alias leads; a fault in place of an answer. */
type Zone = Readonly<Record<string, readonly string[] | CaaLookupFault>>;

function recordOf(text: string): CaaRecord {
  const [, flags = '', tag = '', value = ''] = /^(\d+) (\S*) ?(.*)$/s.exec(text) ?? [];
  return { flags: Number(flags), tag, value };
}

/** What the climb through a zone meets. */
function climbed(name: WantedName, zone: Zone): CaaLookup[] {
  const path: CaaLookup[] = [];
  for (const asked of caaNamesToAsk(name)) {
    const there = zone[asked] ?? [];
    if (typeof there === 'string') return [...path, { state: 'failed', name: asked, fault: there }];
    const [first = ''] = there;
    const alias = first.startsWith('-> ') ? first.slice(3) : null;
    const records = (alias === null ? there : there.slice(1)).map(recordOf);
    path.push({ state: 'answered', name: asked, owner: alias ?? asked, records });
    if (records.length > 0) break;
  }
  return path;
}

function judged(name: WantedName | string, zone: Zone, policy: Partial<CaaPolicy> = {}): CaaOutcome {
  const wanted = parseHostName(name);
  return judgeCaa({ name: wanted, path: climbed(wanted, zone) }, { ...POLICY, ...policy });
}

const DNS = { methods: ['dns-01'] };
const BOTH = { methods: ['http-01', 'dns-01'] };

describe('a certificate may be issued', () => {
  test.each<[string, string, Zone, Partial<CaaPolicy>, string | null]>([
    ['where no name on the way has records (RFC 8659 3)', 'www.example.com', {}, {}, null],
    [
      'where the only record names our CA (8659 4.2)',
      'example.com',
      { 'example.com': ['0 issue letsencrypt.org'] },
      {},
      'example.com',
    ],
    [
      'by a record of the domain above (8659 3)',
      'a.b.example.com',
      { 'example.com': ['0 issue letsencrypt.org'] },
      {},
      'example.com',
    ],
    [
      'by a record of the top-level domain, the last that is asked (8659 3)',
      'example.com',
      { com: ['0 issue letsencrypt.org'] },
      {},
      'com',
    ],
    [
      'where the closest set permits, whatever those above say (8659 3)',
      'www.example.com',
      { 'www.example.com': ['0 issue letsencrypt.org'], 'example.com': ['0 issue ;'] },
      {},
      'www.example.com',
    ],
    [
      'by one of several records (8659 4.2)',
      'example.com',
      { 'example.com': ['0 issue sectigo.com', '0 issue letsencrypt.org'] },
      {},
      'example.com',
    ],
    [
      'beside a record that permits nobody: records only add (8659 4.2)',
      'example.com',
      { 'example.com': ['0 issue ;', '0 issue letsencrypt.org'] },
      {},
      'example.com',
    ],
    [
      'beside a malformed record (8659 4.2)',
      'example.com',
      { 'example.com': ['0 issue %%%', '0 issue letsencrypt.org'] },
      {},
      'example.com',
    ],
    [
      'where the property’s name is in capitals (8659 4.1)',
      'example.com',
      { 'example.com': ['0 ISSUE letsencrypt.org'] },
      {},
      'example.com',
    ],
    [
      'where the CA’s name is in capitals (RFC 4343)',
      'example.com',
      { 'example.com': ['0 issue LetsEncrypt.ORG'] },
      {},
      'example.com',
    ],
    [
      'where our CA’s own name for itself is in capitals (RFC 4343)',
      'example.com',
      { 'example.com': ['0 issue letsencrypt.org'] },
      { identities: ['LetsEncrypt.org'] },
      'example.com',
    ],
    [
      'where the value has blanks and tabs about it (8659 4.2)',
      'example.com',
      { 'example.com': ['0 issue  \tletsencrypt.org\t '] },
      {},
      'example.com',
    ],
    [
      'where a semicolon follows without parameters (8659 4.2)',
      'example.com',
      { 'example.com': ['0 issue letsencrypt.org ; '] },
      {},
      'example.com',
    ],
    [
      'where a parameter is one that we do not know (8659 4.2)',
      'example.com',
      { 'example.com': ['0 issue letsencrypt.org; policy=ev'] },
      {},
      'example.com',
    ],
    [
      'where an unknown parameter is empty (8659 4.2)',
      'example.com',
      { 'example.com': ['0 issue letsencrypt.org; policy='] },
      {},
      'example.com',
    ],
    [
      'by any of the names that the CA has (BR 3.2.2.8)',
      'example.com',
      { 'example.com': ['0 issue comodoca.com'] },
      { identities: ['sectigo.com', 'comodoca.com'] },
      'example.com',
    ],
    [
      'where the records speak of reports only (8659 4.4)',
      'example.com',
      { 'example.com': ['0 iodef mailto:a@example.com'] },
      {},
      'example.com',
    ],
    [
      'where a closer set speaks of reports only: it decides alone (8659 3)',
      'www.example.com',
      { 'www.example.com': ['0 iodef mailto:a@example.com'], 'example.com': ['0 issue ;'] },
      {},
      'www.example.com',
    ],
    [
      'where only wildcards are restricted (8659 4.3)',
      'example.com',
      { 'example.com': ['0 issuewild ;'] },
      {},
      'example.com',
    ],
    [
      'where only mail certificates are restricted (RFC 9495)',
      'example.com',
      { 'example.com': ['0 issuemail ;'] },
      {},
      'example.com',
    ],
    [
      'where an unknown property is not critical (8659 4.1)',
      'example.com',
      { 'example.com': ['0 tbs unknown', '0 issue letsencrypt.org'] },
      {},
      'example.com',
    ],
    [
      'where an unknown property stands alone and is not critical (8659 4.1)',
      'example.com',
      { 'example.com': ['0 tbs unknown'] },
      {},
      'example.com',
    ],
    [
      'where a flag is set that means nothing (8659 4.1: MUST be ignored)',
      'example.com',
      { 'example.com': ['64 tbs unknown', '2 issue letsencrypt.org'] },
      {},
      'example.com',
    ],
    [
      'where a known property is critical (8659 4.1)',
      'example.com',
      { 'example.com': ['128 issue letsencrypt.org'] },
      {},
      'example.com',
    ],
    [
      'where mail’s property is critical, which CAs know (RFC 9495)',
      'example.com',
      { 'example.com': ['128 issuemail ;'] },
      {},
      'example.com',
    ],
    [
      'for a wildcard by the records of its domain (8659 3)',
      '*.example.com',
      { 'example.com': ['0 issue letsencrypt.org'] },
      {},
      'example.com',
    ],
    [
      'for a wildcard by issuewild, though issue forbids (8659 4.3)',
      '*.example.com',
      { 'example.com': ['0 issue ;', '0 issuewild letsencrypt.org'] },
      {},
      'example.com',
    ],
    [
      'for a wildcard where only another name’s set forbids (8659 3)',
      '*.a.example.com',
      { 'a.example.com': ['0 issue letsencrypt.org'], 'example.com': ['0 issuewild ;'] },
      {},
      'a.example.com',
    ],
    [
      'for our account (RFC 8657 3)',
      'example.com',
      { 'example.com': [`0 issue letsencrypt.org; accounturi=${ACCOUNT}`] },
      {},
      'example.com',
    ],
    [
      'for our account, the parameter’s name in capitals (RFC 5234 2.3)',
      'example.com',
      { 'example.com': [`0 issue letsencrypt.org; AccountURI=${ACCOUNT}`] },
      {},
      'example.com',
    ],
    [
      'for our account beside a stranger’s record (8657 3)',
      'example.com',
      {
        'example.com': [
          `0 issue letsencrypt.org; accounturi=${STRANGER}`,
          `0 issue letsencrypt.org;accounturi = ${ACCOUNT}`,
        ],
      },
      {},
      'example.com',
    ],
    [
      'where our account is not known yet, an account is not judged',
      'example.com',
      { 'example.com': [`0 issue letsencrypt.org; accounturi=${STRANGER}`] },
      { accountUrl: null },
      'example.com',
    ],
    [
      'by our method (8657 4)',
      'example.com',
      { 'example.com': ['0 issue letsencrypt.org; validationmethods=http-01'] },
      {},
      'example.com',
    ],
    [
      'by one method of a list with unknown ones (8657 4)',
      'example.com',
      { 'example.com': ['0 issue letsencrypt.org; validationmethods=ca-special,dns-01,http-01'] },
      {},
      'example.com',
    ],
    [
      'for our account and method both (8657 5)',
      'example.com',
      { 'example.com': [`0 issue letsencrypt.org; accounturi=${ACCOUNT}; validationmethods=dns-01`] },
      DNS,
      'example.com',
    ],
    [
      'by a set at the alias’s target (8659 3, RFC 1034 3.6.2)',
      'www.example.com',
      { 'www.example.com': ['-> cdn.example.net', '0 issue letsencrypt.org'], 'example.com': ['0 issue ;'] },
      {},
      'cdn.example.net',
    ],
    [
      'above a name whose alias leads to no records (8659 3: the climb goes on from the name)',
      'www.example.com',
      { 'www.example.com': ['-> cdn.example.net'], 'example.com': ['0 issue letsencrypt.org'] },
      {},
      'example.com',
    ],
    [
      'where a lookup above the deciding set would fail: it is not made (8659 3)',
      'www.example.com',
      { 'www.example.com': ['0 issue letsencrypt.org'], 'example.com': 'SERVFAIL' },
      {},
      'www.example.com',
    ],
    [
      'by a CA that names no identities: nothing is judged',
      'example.com',
      { 'example.com': ['0 issue ;'] },
      { identities: [] },
      null,
    ],
  ])('%s', (_why, name, zone, policy, foundAt) => {
    expect(judged(name, zone, policy)).toMatchObject({ isAllowed: true, foundAt });
  });

  test('for an IP address, of which CAA does not speak (RFC 8659 1)', () => {
    const name = parseIpIdentifier('192.0.2.1');
    expect(judgeCaa({ name, path: climbed(name, {}) }, POLICY)).toMatchObject({ isAllowed: true });
  });

  test('and the methods that the records leave are told (RFC 8657 4)', () => {
    const zone = (parameter: string): Zone => ({ 'example.com': [`0 issue letsencrypt.org${parameter}`] });
    const left = (parameter: string) => judged('example.com', zone(parameter), BOTH);
    expect(left('')).toMatchObject({ methods: ['http-01', 'dns-01'] });
    expect(left('; validationmethods=dns-01')).toMatchObject({ methods: ['dns-01'] });
    const two = [
      '0 issue letsencrypt.org; validationmethods=dns-01',
      '0 issue letsencrypt.org; validationmethods=http-01',
    ];
    expect(judged('example.com', { 'example.com': two }, BOTH)).toMatchObject({
      methods: ['http-01', 'dns-01'],
    });
  });
});

describe('a certificate must not be issued', () => {
  test.each<[string, string, Zone, Partial<CaaPolicy>, string, string]>([
    [
      'where another CA alone is named (8659 4.2)',
      'example.com',
      { 'example.com': ['0 issue sectigo.com'] },
      {},
      'CAA_FORBIDS',
      'example.com',
    ],
    [
      'where the domain above names another CA (8659 3)',
      'a.b.example.com',
      { 'example.com': ['0 issue sectigo.com'] },
      {},
      'CAA_FORBIDS',
      'example.com',
    ],
    [
      'where nobody may: a lone semicolon (8659 4.2)',
      'example.com',
      { 'example.com': ['0 issue ;'] },
      {},
      'CAA_FORBIDS',
      'example.com',
    ],
    [
      'where nobody may: an empty value (8659 4.2)',
      'example.com',
      { 'example.com': ['0 issue '] },
      {},
      'CAA_FORBIDS',
      'example.com',
    ],
    [
      'where nobody may, with parameters (8659 4.2)',
      'example.com',
      { 'example.com': ['0 issue ; policy=none'] },
      {},
      'CAA_FORBIDS',
      'example.com',
    ],
    [
      'by a closer set, whatever the domain above permits (8659 3)',
      'www.example.com',
      { 'www.example.com': ['0 issue sectigo.com'], 'example.com': ['0 issue letsencrypt.org'] },
      {},
      'CAA_FORBIDS',
      'www.example.com',
    ],
    [
      'where a name contains that of our CA (8659 4.2: the whole name counts)',
      'example.com',
      { 'example.com': ['0 issue evil-letsencrypt.org'] },
      {},
      'CAA_FORBIDS',
      'example.com',
    ],
    [
      'where a name lies below that of our CA (8659 4.2)',
      'example.com',
      { 'example.com': ['0 issue staging.letsencrypt.org'] },
      {},
      'CAA_FORBIDS',
      'example.com',
    ],
    [
      'for a wildcard where issue names another and issuewild is absent (8659 4.3)',
      '*.example.com',
      { 'example.com': ['0 issue sectigo.com'] },
      {},
      'CAA_FORBIDS',
      'example.com',
    ],
    [
      'for a name though issuewild would permit: it counts for wildcards only (8659 4.3)',
      'example.com',
      { 'example.com': ['0 issue sectigo.com', '0 issuewild letsencrypt.org'] },
      {},
      'CAA_FORBIDS',
      'example.com',
    ],
    [
      'for a wildcard by issuewild, though issue permits (8659 4.3)',
      '*.example.com',
      { 'example.com': ['0 issue letsencrypt.org', '0 issuewild ;'] },
      {},
      'CAA_WILDCARD_FORBIDDEN',
      'example.com',
    ],
    [
      'for a wildcard that issuewild gives to another CA (8659 4.3)',
      '*.example.com',
      { 'example.com': ['0 issuewild sectigo.com'] },
      {},
      'CAA_WILDCARD_FORBIDDEN',
      'example.com',
    ],
    [
      'where a stranger’s account alone is named (8657 3)',
      'example.com',
      { 'example.com': [`0 issue letsencrypt.org; accounturi=${STRANGER}`] },
      {},
      'CAA_ACCOUNT_MISMATCH',
      'example.com',
    ],
    [
      'where an account differs in one letter’s case (8657 3: the URI must match)',
      'example.com',
      { 'example.com': [`0 issue letsencrypt.org; accounturi=${ACCOUNT.replace('/acct/', '/Acct/')}`] },
      {},
      'CAA_ACCOUNT_MISMATCH',
      'example.com',
    ],
    [
      'where an account has a slash too many (8657 3)',
      'example.com',
      { 'example.com': [`0 issue letsencrypt.org; accounturi=${ACCOUNT}/`] },
      {},
      'CAA_ACCOUNT_MISMATCH',
      'example.com',
    ],
    [
      'where two accounts stand in one record, ours among them (8657 3: unsatisfiable)',
      'example.com',
      { 'example.com': [`0 issue letsencrypt.org; accounturi=${ACCOUNT}; accounturi=${STRANGER}`] },
      {},
      'CAA_ACCOUNT_MISMATCH',
      'example.com',
    ],
    [
      'where an account is empty (8657 3)',
      'example.com',
      { 'example.com': ['0 issue letsencrypt.org; accounturi='] },
      {},
      'CAA_ACCOUNT_MISMATCH',
      'example.com',
    ],
    [
      'where a stranger’s account stands beside another CA (8657 3)',
      'example.com',
      { 'example.com': ['0 issue sectigo.com', `0 issue letsencrypt.org; accounturi=${STRANGER}`] },
      {},
      'CAA_ACCOUNT_MISMATCH',
      'example.com',
    ],
    [
      'for a wildcard, by a stranger’s account in issuewild (8657 3)',
      '*.example.com',
      { 'example.com': [`0 issuewild letsencrypt.org; accounturi=${STRANGER}`] },
      DNS,
      'CAA_ACCOUNT_MISMATCH',
      'example.com',
    ],
    [
      'by HTTP where DNS alone is permitted (8657 4)',
      'example.com',
      { 'example.com': ['0 issue letsencrypt.org; validationmethods=dns-01'] },
      {},
      'CAA_METHOD_FORBIDDEN',
      'example.com',
    ],
    [
      'where the list of methods is empty (8657 4: zero or more)',
      'example.com',
      { 'example.com': ['0 issue letsencrypt.org; validationmethods='] },
      {},
      'CAA_METHOD_FORBIDDEN',
      'example.com',
    ],
    [
      'where the list of methods is malformed (8657 4)',
      'example.com',
      { 'example.com': ['0 issue letsencrypt.org; validationmethods=http-01,,dns-01'] },
      {},
      'CAA_METHOD_FORBIDDEN',
      'example.com',
    ],
    [
      'where two lists of methods contradict each other (8657 4)',
      'example.com',
      { 'example.com': ['0 issue letsencrypt.org; validationmethods=http-01; validationmethods=dns-01'] },
      {},
      'CAA_METHOD_FORBIDDEN',
      'example.com',
    ],
    [
      'where the right account is bound to other methods (8657 5)',
      'example.com',
      { 'example.com': [`0 issue letsencrypt.org; accounturi=${ACCOUNT}; validationmethods=tls-alpn-01`] },
      {},
      'CAA_METHOD_FORBIDDEN',
      'example.com',
    ],
    [
      'where an unknown property is critical (8659 4.1)',
      'example.com',
      { 'example.com': ['128 tbs unknown'] },
      {},
      'CAA_CRITICAL_UNKNOWN',
      'example.com',
    ],
    [
      'where an unknown property is critical though our CA is named (8659 4.1)',
      'example.com',
      { 'example.com': ['0 issue letsencrypt.org', '128 tbs unknown'] },
      {},
      'CAA_CRITICAL_UNKNOWN',
      'example.com',
    ],
    [
      'where the critical bit is taken for 1, as CAs read it too',
      'example.com',
      { 'example.com': ['1 tbs unknown'] },
      {},
      'CAA_CRITICAL_UNKNOWN',
      'example.com',
    ],
    [
      'where contactemail is critical, which CAs need not know (BR A.1.1)',
      'example.com',
      { 'example.com': ['128 contactemail a@example.com'] },
      {},
      'CAA_CRITICAL_UNKNOWN',
      'example.com',
    ],
    [
      'where a property without a name is critical (8659 4.1)',
      'example.com',
      { 'example.com': ['128  x'] },
      {},
      'CAA_CRITICAL_UNKNOWN',
      'example.com',
    ],
    [
      'where our CA is written with a final dot (8659 4.2)',
      'example.com',
      { 'example.com': ['0 issue letsencrypt.org.'] },
      {},
      'CAA_MALFORMED',
      'example.com',
    ],
    [
      'where our CA is written as a URL (8659 4.2)',
      'example.com',
      { 'example.com': ['0 issue https://letsencrypt.org'] },
      {},
      'CAA_MALFORMED',
      'example.com',
    ],
    [
      'where two CAs stand in one value (8659 4.2)',
      'example.com',
      { 'example.com': ['0 issue letsencrypt.org, sectigo.com'] },
      {},
      'CAA_MALFORMED',
      'example.com',
    ],
    [
      'where a parameter has no value sign (8659 4.2)',
      'example.com',
      { 'example.com': ['0 issue letsencrypt.org; accounturi'] },
      {},
      'CAA_MALFORMED',
      'example.com',
    ],
    [
      'where a parameter’s value has a blank in it (8659 4.2)',
      'example.com',
      { 'example.com': ['0 issue letsencrypt.org; a=b c'] },
      {},
      'CAA_MALFORMED',
      'example.com',
    ],
    [
      'where a semicolon ends the parameters (8659 4.2)',
      'example.com',
      { 'example.com': ['0 issue letsencrypt.org; a=b;'] },
      {},
      'CAA_MALFORMED',
      'example.com',
    ],
    [
      'where a value is quoted once more (8659 4.2)',
      'example.com',
      { 'example.com': ['0 issue "letsencrypt.org"'] },
      {},
      'CAA_MALFORMED',
      'example.com',
    ],
    [
      'where the value is an internationalised name (8659 4.2: A-labels)',
      'example.com',
      { 'example.com': ['0 issue bücher.example'] },
      {},
      'CAA_MALFORMED',
      'example.com',
    ],
    [
      'where our CA is misspelt beside another (8659 4.2)',
      'example.com',
      { 'example.com': ['0 issue sectigo.com', '0 issue letsencrypt.org.'] },
      {},
      'CAA_MALFORMED',
      'example.com',
    ],
    [
      'where the value has a line break (8659 4.2)',
      'example.com',
      { 'example.com': ['0 issue letsencrypt.org\n'] },
      {},
      'CAA_MALFORMED',
      'example.com',
    ],
    [
      'by a set at the alias’s target (8659 3)',
      'www.example.com',
      { 'www.example.com': ['-> cdn.example.net', '0 issue sectigo.com'] },
      {},
      'CAA_FORBIDS',
      'cdn.example.net',
    ],
    [
      'where the name’s servers fail (BR 3.2.2.8)',
      'www.example.com',
      { 'www.example.com': 'SERVFAIL', 'example.com': ['0 issue letsencrypt.org'] },
      {},
      'CAA_LOOKUP_FAILED',
      'www.example.com',
    ],
    [
      'where the servers of the domain above fail before any set is met (BR 3.2.2.8)',
      'www.example.com',
      { 'example.com': 'SERVFAIL' },
      {},
      'CAA_LOOKUP_FAILED',
      'example.com',
    ],
    [
      'where signatures do not verify (RFC 4035 5.5, BR 3.2.2.8.1)',
      'example.com',
      { 'example.com': 'BOGUS' },
      {},
      'CAA_LOOKUP_FAILED',
      'example.com',
    ],
    [
      'where the question is refused (BR 3.2.2.8)',
      'example.com',
      { 'example.com': 'REFUSED' },
      {},
      'CAA_LOOKUP_FAILED',
      'example.com',
    ],
    [
      'where no answer comes in time (BR 3.2.2.8)',
      'example.com',
      { 'example.com': 'TIMED_OUT' },
      {},
      'CAA_LOOKUP_FAILED',
      'example.com',
    ],
    [
      'where aliases lead in a circle (RFC 1034 3.6.2)',
      'example.com',
      { 'example.com': 'ALIAS_LOOP' },
      {},
      'CAA_LOOKUP_FAILED',
      'example.com',
    ],
    [
      'for a wildcard whose domain cannot be looked up (BR 3.2.2.8)',
      '*.example.com',
      { 'example.com': 'SERVFAIL' },
      {},
      'CAA_LOOKUP_FAILED',
      'example.com',
    ],
  ])('%s', (_why, name, zone, policy, code, foundAt) => {
    expect(judged(name, zone, policy)).toMatchObject({ isAllowed: false, code, foundAt, fault: 'owner' });
  });

  test('where our own resolver is down: our fault, and nothing that others need see', () => {
    expect(judged('example.com', { 'example.com': 'UNREACHABLE' })).toMatchObject({
      isAllowed: false,
      code: 'CAA_LOOKUP_FAILED',
      fault: 'ours',
      isConclusive: false,
    });
  });
});

describe('what is said', () => {
  const refusal = (name: string, zone: Zone, policy: Partial<CaaPolicy> = {}) => {
    const outcome = judged(name, zone, policy);
    if (outcome.isAllowed) throw new Error('it is allowed');
    return outcome;
  };

  test('the record as in a zone file, where it was found, and the record to add', () => {
    const { message, advice, addition } = refusal('www.example.com', {
      'example.com': ['0 issue sectigo.com'],
    });
    expect(message).toBe(
      'the CAA records of example.com permit other certificate authorities only: example.com. CAA 0 issue "sectigo.com"',
    );
    expect(advice).toBe(
      'Add this record to the DNS of example.com (the others may stay): example.com. CAA 0 issue "letsencrypt.org"',
    );
    expect(addition).toMatchObject({
      name: 'example.com',
      value: '0 issue "letsencrypt.org"',
      isHarmless: true,
    });
  });

  test('which account a record names and which is ours; what is added is bound to ours', () => {
    const zone = { 'example.com': [`0 issue letsencrypt.org; accounturi=${STRANGER}`] };
    const { message, addition } = refusal('example.com', zone);
    expect(message).toContain(STRANGER);
    expect(message).toContain(`the account of this server is ${ACCOUNT}`);
    expect(addition).toMatchObject({
      value: `0 issue "letsencrypt.org; accounturi=${ACCOUNT}"`,
      isHarmless: true,
    });
  });

  test('that DNS may still do where HTTP is forbidden; nothing is added without asking', () => {
    const zone = { 'example.com': ['0 issue letsencrypt.org; validationmethods=dns-01'] };
    const { message, advice, addition } = refusal('example.com', zone);
    expect(message).toContain('only with the validation methods dns-01, and here http-01 is used');
    expect(advice).toMatch(/^Let the DNS of this domain be edited from this server/);
    expect(addition?.isHarmless).toBe(false);
  });

  test('whose alias it is; nothing is added at somebody else’s name', () => {
    const zone = { 'www.example.com': ['-> cdn.example.net', '0 issue sectigo.com'] };
    const { message, advice, addition } = refusal('www.example.com', zone);
    expect(message).toContain(
      'the CAA records of cdn.example.net, of which www.example.com is an alias, permit other',
    );
    expect(advice).toContain('or give www.example.com addresses in place of the alias');
    expect(addition).toMatchObject({ name: 'cdn.example.net', isHarmless: false });
  });

  test('a wildcard’s prohibition is nothing that is taken back without asking', () => {
    const { addition } = refusal('*.example.com', { 'example.com': ['0 issuewild ;'] }, DNS);
    expect(addition).toMatchObject({ value: '0 issuewild "letsencrypt.org"', isHarmless: false });
  });

  test('no record helps against an unknown critical one, or a zone that cannot be asked', () => {
    expect(refusal('example.com', { 'example.com': ['128 tbs x'] }).addition).toBeNull();
    expect(refusal('example.com', { 'example.com': 'SERVFAIL' }).addition).toBeNull();
  });

  test('three records of many, and how many more there are', () => {
    const many = Array.from({ length: 40 }, (_, number) => `0 issue ca${number}.example`);
    const { message, records } = refusal('example.com', { 'example.com': many });
    expect(message).toMatch(/ca2\.example" and 37 more$/);
    expect(records).toHaveLength(40);
  });

  test.each([
    ['an escape sequence', 'x\u001b[2Jy.example', 'x\\027[2Jy.example'],
    ['a quotation mark and a backslash', 'a"b\\c', 'a\\"b\\\\c'],
    ['a character that turns the order of letters around', 'a\u202eb', 'a\\226\\128\\174b'],
    ['a line break', 'a\r\nb', 'a\\013\\010b'],
    ['a C1 control character', 'a\u009bb', 'a\\194\\155b'],
  ])('%s in a value is shown escaped', (_what, value, shown) => {
    const { message, records } = refusal('example.com', { 'example.com': [`0 issue ${value}`] });
    expect(message).toContain(`example.com. CAA 0 issue "${shown}"`);
    expect(message + records.join('')).toMatch(/^[ -~’“”…]*$/);
  });

  test('64 KB of a value are cut', () => {
    const { message, records } = refusal('example.com', {
      'example.com': [`0 issue ${'x'.repeat(65_000)}%`],
    });
    expect(message.length + records.join('').length).toBeLessThan(1000);
  });

  test('a directory that calls its CA what no record can hold gets no record', () => {
    const hostile = 'x.example" ; rm';
    const { addition, advice } = refusal(
      'example.com',
      { 'example.com': ['0 issue ;'] },
      { identities: [hostile] },
    );
    expect(addition).toBeNull();
    expect(advice).toBe('Let the CAA records of example.com permit the provider, or remove them.');
  });

  test('an account URL that a zone file would have to escape is not bound, and then nothing is added without asking', () => {
    const zone = { 'example.com': [`0 issue letsencrypt.org; accounturi=${STRANGER}`] };
    const { addition } = refusal('example.com', zone, { accountUrl: 'https://ca.example/a"b' });
    expect(addition).toMatchObject({ value: '0 issue "letsencrypt.org"', isHarmless: false });
  });
});
