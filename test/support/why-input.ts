import { parseAccountName } from '../../src/core/domain/account/account-name.js';
import { coversName } from '../../src/core/domain/name/coverage.js';
import { parseHostName } from '../../src/core/domain/name/names.js';
import type { Website } from '../../src/core/domain/website/website.js';
import { LETS_ENCRYPT_LIMITS } from '../../src/core/order/limits/published-limits.js';
import type { ListedProblem } from '../../src/core/report/problems/problem-table.js';
import { websiteStatus } from '../../src/core/report/status/website-status.js';
import type { NameHolding } from '../../src/core/report/why/name-holding.js';
import type { NameSight, SeenOutcome, SeenPlace } from '../../src/core/report/why/name-sight.js';
import type { WebsiteFacts, WhyFacts } from '../../src/core/report/why/why-facts.js';
import { PKI_NOW } from './pki.js';
import { type StatusCase, statusInput } from './status-input.js';

const NIGHT = new Date('2026-06-01T02:14:00.000Z');

/** What is known of a name, as a test wants it; judged at PKI_NOW with real certificates and rules. */
export interface WhyCase extends Omit<StatusCase, 'problems'> {
  /** Default: example.com, a name of the website. */
  readonly name?: string;
  readonly holding?:
    | 'wanted'
    | 'excluded'
    | 'not-wanted'
    | 'covered'
    | Exclude<NameHolding, { website: Website }>;
  readonly sight?: NameSight;
  readonly caa?: WhyFacts['caa'];
  readonly exclusion?: Partial<NonNullable<WhyFacts['exclusion']>>;
  readonly provider?: WhyFacts['provider'];
  readonly schedule?: WhyFacts['schedule'];
  readonly facts?: Partial<WebsiteFacts>;
  readonly faults?: WhyFacts['faults'];
}

/** The facts of one name. The fingerprint of what lies there is `ffff…`, since keys are drawn anew each time. */
export function whyFacts(wish: WhyCase = {}): WhyFacts {
  const name = parseHostName(wish.name ?? 'example.com');
  const { holding: wanted = 'wanted' } = wish;
  const input = statusInput(wish);
  const { website, evidence, evaluation, action, replacement } = input;
  const status = websiteStatus(input, PKI_NOW);
  const { issued, served } = status;
  const print = 'f'.repeat(64);
  const facts: WebsiteFacts = {
    status: {
      ...status,
      issued: issued && { ...issued, fingerprint: print },
      served: { ...served, expected: served.expected && print },
    },
    isCovered:
      evaluation.tlsStatus !== 'defective' && evidence.kind === 'present' && coversName(evidence.leaf, name),
    renewal: evaluation.renewal,
    action,
    securedNames: evaluation.securedNames,
    leftAloneBecause: replacement.allowed ? null : replacement.because.message,
    isRolledBack: false,
    issued: [],
    exemption: null,
    memory: null,
    ledger: null,
    limits: { newOrders: 150, published: LETS_ENCRYPT_LIMITS },
    asked: { name, domain: name },
    due: null,
    problems: [],
    preflight: 'gate',
    ...wish.facts,
  };
  const holding = typeof wanted === 'string' ? holdingOf(wanted, website) : wanted;
  const isExcluded = holding.kind === 'excluded';
  return {
    name,
    holding,
    website: 'website' in holding ? facts : null,
    exclusion: isExcluded
      ? {
          file: '/var/cpanel/ssl/autossl/excludes/alice.json',
          by: null,
          at: null,
          changedAt: '2026-05-01T10:00:00.000Z',
          ...wish.exclusion,
        }
      : null,
    provider: wish.provider ?? { state: 'chosen', name: 'LetsEncrypt', displayName: 'Let’s Encrypt' },
    sight: wish.sight ?? NOT_ASKED,
    caa: wish.caa ?? null,
    schedule: wish.schedule ?? { nextRunAt: NIGHT, isPolled: true },
    faults: wish.faults ?? [],
  };
}

function holdingOf(kind: 'wanted' | 'excluded' | 'not-wanted' | 'covered', website: Website): NameHolding {
  if (kind !== 'covered') return { kind, website };
  return {
    kind,
    website,
    by: parseHostName('*.example.com') as Extract<NameHolding, { kind: 'covered' }>['by'],
  };
}

export const NOT_ASKED: NameSight = { state: 'not-looked', why: 'it was not asked for', isOurFault: false };
export const SUSPENDED: NameHolding & { readonly kind: 'skipped' } = {
  kind: 'skipped',
  account: parseAccountName('dave'),
  reason: 'suspended',
};

/** What was seen at 192.0.2.1, or at the places given. */
export function looked(outcome: SeenOutcome | null, places?: readonly SeenPlace[]): NameSight {
  return {
    state: 'looked',
    method: 'http-01',
    whyNotTried: null,
    addresses: [{ address: '192.0.2.1', isOurs: true }],
    lookupError: null,
    places: places ?? [aSeenPlace(outcome)],
    outcome,
  };
}

export const PASSED: SeenOutcome = { passed: true, warnings: [] };
export const NXDOMAIN: NameSight = {
  state: 'looked',
  method: 'http-01',
  whyNotTried: null,
  addresses: [],
  lookupError: 'ENOTFOUND',
  places: [],
  outcome: failed(
    'NXDOMAIN',
    'example.com does not exist in DNS (NXDOMAIN)',
    'Create an A record for example.com.',
  ),
};

export function failed(
  code: Extract<SeenOutcome, { passed: false }>['code'],
  message: string,
  advice: string,
  over: Partial<Extract<SeenOutcome, { passed: false }>> = {},
): SeenOutcome {
  return { passed: false, code, message, advice, isConclusive: true, fault: 'owner', ...over };
}

export function aSeenPlace(outcome: SeenOutcome | null, over: Partial<SeenPlace> = {}): SeenPlace {
  return {
    address: '192.0.2.1',
    isOurs: true,
    localAddress: null,
    result: outcome?.passed === false ? 'failed' : 'passed',
    code: outcome?.passed === false ? outcome.code : null,
    message: outcome?.passed === false ? 'answered with status 404 (not found)' : 'gave the test file',
    hops: [],
    ...over,
  };
}

export function aProblem(over: Partial<ListedProblem> = {}): ListedProblem {
  return {
    account: 'alice',
    domain: 'example.com',
    website: 'example.com',
    about: 'name',
    code: 'NXDOMAIN',
    message: '“example.com” failed the local validation: example.com does not exist in DNS (NXDOMAIN)',
    advice: 'Create an A record for example.com.',
    fault: 'owner',
    since: '2026-05-20T02:14:00.000Z',
    at: '2026-05-31T02:14:00.000Z',
    log: '/var/cpanel/logs/autossl/2026-05-31T02:14:00Z',
    ...over,
  };
}
