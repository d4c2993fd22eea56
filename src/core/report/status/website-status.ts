import type { CertificateEvidence, PublicKeyFacts } from '../../certificate/facts.js';
import { isPlaceholder } from '../../certificate/placeholder.js';
import type { FaultSide } from '../../domain/fault-side.js';
import { printable } from '../../domain/name/names.js';
import type { Website } from '../../domain/website/website.js';
import type { Defect, Evaluation, Ownership, TlsStatus } from '../../evaluation/evaluation.js';
import type { ReplacementRight } from '../../evaluation/may-replace.js';
import type { OrderRecord } from '../../order/record.js';
import type { PlannedAction, Reason } from '../../plan/action.js';
import type { NotServedCode } from '../../plan/served/served.js';
import type { ServedPlaceRecord, ServedRecord } from '../../plan/served/served-record.js';
import { conditionsOf, type StatusCondition } from './status-condition.js';
import type { ListFault } from './website-list.js';

const DAY_MS = 86_400_000;

/** All that is known of one website, as `autossl status --json` prints it. Plain JSON. */
export interface WebsiteStatus {
  readonly account: string;
  readonly website: string;
  /** The file that holds key and chain. */
  readonly certificate: string;
  /** Names wanted now, and those left out because somebody excluded them. */
  readonly wanted: readonly string[];
  readonly excluded: readonly string[];
  /** `none`: nothing lies there; `unknown`: it could not be judged, `fault` says why. */
  readonly tls: TlsStatus | 'none' | 'unknown';
  readonly defects: readonly Defect[];
  readonly ownership: Ownership;
  /** A placeholder of ours lies there: it lets the web server start, visitors are warned. */
  readonly placeholder: boolean;
  /** What lies there; null when that is no readable certificate. */
  readonly issued: IssuedStatus | null;
  /** Days until it expires, to two decimals; negative once it has. */
  readonly daysLeft: number | null;
  readonly served: ServedStatus;
  readonly because: readonly Reason[];
  readonly next: NextAction;
  readonly order: PendingOrder | null;
  /** What the last run that looked closely found. */
  readonly problems: readonly KnownProblem[];
  /** Why parts of this could not be read. */
  readonly fault: ListFault | null;
  readonly conditions: readonly StatusCondition[];
}

export interface IssuedStatus {
  readonly fingerprint: string;
  readonly names: readonly string[];
  /** Wanted names that it does not cover. */
  readonly missing: readonly string[];
  readonly issuer: string;
  /** The issuer's organization, or the issuer as a whole. */
  readonly issuerName: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly isSelfSigned: boolean;
  readonly keyType: string;
  /** From when on it is renewed; null when that is not ours to do. */
  readonly renewalDueAt: string | null;
  /** Who issued it in place of which provider, that has the next turn; absent: its own did, or nobody of ours. */
  readonly stoodIn?: { readonly provider: string; readonly insteadOf: string };
}

/** What was seen when the web server was last asked. */
export interface ServedStatus {
  /** `not-asked`: never for the certificate that lies there now; `unknown`: nobody could be asked. */
  readonly state: 'served' | 'not-served' | 'unknown' | 'not-asked';
  /** Fingerprint of the certificate that lay there then. */
  readonly expected: string | null;
  readonly at: string | null;
  readonly code: NotServedCode | null;
  readonly message: string | null;
  readonly advice: string | null;
  readonly places: readonly ServedPlaceRecord[];
  /** Names of the certificate that no site has with TLS. */
  readonly namesWithoutSite: readonly string[];
}

export interface NextAction {
  readonly action: 'order' | 'replace' | 'renew' | 'await-order' | 'install' | 'none';
  /** ISO instant; null = at the next run, or (with `none`) nothing is foreseen. */
  readonly at: string | null;
}

export type PendingOrder = Pick<
  OrderRecord,
  'id' | 'provider' | 'phase' | 'names' | 'createdAt' | 'pollAt' | 'expiresAt'
>;

export interface KnownProblem {
  readonly domain: string;
  readonly code: string;
  readonly message: string;
  readonly advice: string | null;
  /** Null: not recorded. */
  readonly fault: FaultSide | null;
  readonly at: string;
}

/** What a status is made of. */
export interface StatusInput {
  readonly website: Website;
  readonly certificate: string;
  readonly evidence: CertificateEvidence;
  readonly evaluation: Evaluation;
  readonly action: PlannedAction;
  readonly replacement: ReplacementRight;
  /** Certificates that we issued for it. */
  readonly issued: readonly {
    readonly fingerprint: string;
    readonly notAfter: string;
    readonly provider?: string;
    readonly insteadOf?: string;
  }[];
  readonly served: ServedRecord | null;
  readonly order: OrderRecord | null;
  readonly problems: readonly KnownProblem[];
}

const NEVER_ASKED: ServedStatus = {
  state: 'not-asked',
  expected: null,
  at: null,
  code: null,
  message: null,
  advice: null,
  places: [],
  namesWithoutSite: [],
};

/** Judges what was read of one website. */
export function websiteStatus(input: StatusInput, now: Date): WebsiteStatus {
  const { website, evidence, evaluation, action, order } = input;
  const found = issuedOf(evidence, evaluation);
  const record = input.issued.find(({ fingerprint }) => fingerprint === found?.fingerprint);
  const issued = found === null ? null : { ...found, ...stoodInOf(record) };
  const served = servedOf(input.served, evaluation.fingerprint);
  const isOurPlaceholder = evidence.kind === 'present' && isPlaceholder(evidence.leaf);
  const facts: Omit<WebsiteStatus, 'conditions'> = {
    ...namesOf(website),
    certificate: input.certificate,
    tls: evidence.kind === 'absent' ? 'none' : evaluation.tlsStatus,
    defects: evaluation.defects,
    ownership: isOurPlaceholder ? 'ours' : evaluation.ownership,
    placeholder: isOurPlaceholder,
    issued,
    daysLeft: evaluation.notAfter === null ? null : daysBetween(now, evaluation.notAfter),
    served,
    because: action.because,
    next: nextOf(input),
    order: order === null ? null : pendingOf(order),
    problems: input.problems,
    fault: null,
  };
  const hasExpired = (fingerprint: string | null): boolean =>
    input.issued.some((one) => one.fingerprint === fingerprint && Date.parse(one.notAfter) < now.getTime());
  const grounds = {
    ...facts,
    renewal: evaluation.renewal,
    isLeftAlone: evaluation.ownership === 'foreign' && !input.replacement.allowed,
    isAnsweredByExpired: served.places.some(({ fingerprint }) => hasExpired(fingerprint)),
  };
  return { ...facts, conditions: conditionsOf(grounds, now) };
}

/** The status of a website whose records cannot be read. */
export function unreadableStatus(
  website: Website,
  certificate: string,
  problems: readonly KnownProblem[],
  fault: ListFault,
): WebsiteStatus {
  return {
    ...namesOf(website),
    certificate,
    tls: 'unknown',
    defects: [],
    ownership: 'none',
    placeholder: false,
    issued: null,
    daysLeft: null,
    served: NEVER_ASKED,
    because: [],
    next: { action: 'none', at: null },
    order: null,
    problems,
    fault,
    conditions: ['failing'],
  };
}

function namesOf({ account, vhost, candidates, excluded }: Website) {
  return { account, website: vhost, wanted: candidates.map(({ name }) => name), excluded };
}

function issuedOf(evidence: CertificateEvidence, { missingNames, renewal }: Evaluation): IssuedStatus | null {
  if (evidence.kind !== 'present') return null;
  const { leaf } = evidence;
  return {
    fingerprint: leaf.fingerprint,
    names: [...leaf.dnsNames, ...leaf.ipAddresses].map(printable),
    missing: missingNames,
    issuer: printable(leaf.issuer),
    issuerName: printable(leaf.issuerOrganizations[0] ?? leaf.issuer),
    notBefore: leaf.notBefore.toISOString(),
    notAfter: leaf.notAfter.toISOString(),
    isSelfSigned: leaf.isSelfSigned,
    keyType: keyTypeOf(leaf.key),
    renewalDueAt: renewal?.dueAt.toISOString() ?? null,
  };
}

function stoodInOf(record: StatusInput['issued'][number] | undefined): Pick<IssuedStatus, 'stoodIn'> {
  if (record?.insteadOf === undefined || record.provider === undefined) return {};
  return { stoodIn: { provider: record.provider, insteadOf: record.insteadOf } };
}

/** As settings write it: `rsa-2048`, `ecdsa-prime256v1`. */
function keyTypeOf(key: PublicKeyFacts): string {
  if (key.type === 'rsa') return `rsa-${key.bits}`;
  return key.type === 'ec' ? `ecdsa-${key.curve}` : key.type;
}

function servedOf(record: ServedRecord | null, fingerprint: string | null): ServedStatus {
  if (record === null) return NEVER_ASKED;
  const { state, ...seen } = record.served;
  const expected = record.issued.fingerprint;
  return { ...seen, expected, state: expected === fingerprint ? state : 'not-asked' };
}

function nextOf({ action, order, replacement }: StatusInput): NextAction {
  switch (action.kind) {
    case 'request':
      return { action: 'order', at: null };
    case 'replace': {
      const isRenewal = action.because.some(({ code }) => RENEWALS.has(code));
      return { action: isRenewal ? 'renew' : 'replace', at: null };
    }
    case 'await-order':
      return { action: order?.phase === 'downloaded' ? 'install' : 'await-order', at: action.dueAt };
    case 'keep': {
      const isLeftAlone = action.dueAt === null || replacement.because.code === 'FOREIGN';
      return isLeftAlone ? { action: 'none', at: null } : { action: 'renew', at: action.dueAt };
    }
  }
}

const RENEWALS: ReadonlySet<string> = new Set(['RENEWAL_DUE', 'EMERGENCY', 'CALLED_BACK']);

function pendingOf({ id, provider, phase, names, createdAt, pollAt, expiresAt }: OrderRecord): PendingOrder {
  return { id, provider, phase, names, createdAt, pollAt, expiresAt };
}

function daysBetween(from: Date, to: Date): number {
  return Math.round(((to.getTime() - from.getTime()) / DAY_MS) * 100) / 100;
}
