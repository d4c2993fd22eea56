import { createHash } from 'node:crypto';
import { TrustAnchors } from '../../src/core/certificate/chain/trust-anchors.js';
import type { CertificateEvidence } from '../../src/core/certificate/facts.js';
import { takeCombinedApart } from '../../src/core/certificate/pem/combined.js';
import type { Website } from '../../src/core/domain/website/website.js';
import { evaluate } from '../../src/core/evaluation/evaluate.js';
import { websiteChecks } from '../../src/core/evaluation/lists.js';
import { mayReplace } from '../../src/core/evaluation/may-replace.js';
import type { OrderRecord } from '../../src/core/order/record.js';
import { planWebsite } from '../../src/core/plan/plan-website.js';
import type { ServedPlaceRecord, ServedRecord } from '../../src/core/plan/served/served-record.js';
import type { KnownProblem, StatusInput } from '../../src/core/report/status/website-status.js';
import { aWebsite } from './fake-host.js';
import { aCertificate, aRoot, type CertificateOptions, PKI_NOW, type TestCertificate } from './pki.js';

const DAY_MS = 86_400_000;
const NAMES = ['example.com', 'www.example.com'];

/** One website as a test wants it; judged at PKI_NOW. */
export interface StatusCase {
  readonly names?: readonly string[];
  readonly account?: string;
  /** What lies there; null = nothing, text = that text. Default: a healthy certificate of 90 days. */
  readonly certificate?: CertificateOptions | string | null;
  /** Of a life of 90 days, ends so many days after PKI_NOW. */
  readonly daysLeft?: number;
  /** Stands in our records. Default true. */
  readonly isOurs?: boolean;
  readonly clobber?: boolean;
  /** As of PKI_NOW's day before, of what lies there. */
  readonly served?: Partial<ServedRecord['served']> & { readonly expected?: string };
  readonly order?: Pick<OrderRecord, 'phase' | 'pollAt'>;
  readonly problems?: readonly KnownProblem[];
  /** Former certificates of ours. */
  readonly former?: StatusInput['issued'];
}

/** What the judgement of a status is given, with real certificates and real rules. */
export function statusInput(wish: StatusCase): StatusInput {
  const names = wish.names ?? NAMES;
  const base = aWebsite(names, wish.account ?? 'alice');
  const website: Website = { ...base, keyType: 'ecdsa-prime256v1' };
  const evidence = evidenceOf(wish, names);
  const fingerprint = evidence.kind === 'present' ? evidence.leaf.fingerprint : null;
  const issued =
    wish.isOurs === false || fingerprint === null ? [] : [{ fingerprint, notAfter: '2027-01-01' }];
  const evaluation = evaluate(
    evidence,
    websiteChecks,
    {
      wantedNames: website.candidates.map(({ name }) => name),
      keyType: website.keyType,
      anchors: new TrustAnchors([aRoot().certPem]),
      isRecordedAsOurs: (one) => issued.some((record) => record.fingerprint === one),
      issuerOrganizations: [],
      kind: 'website',
      daysToReplace: 29,
      ari: null,
    },
    PKI_NOW,
  );
  const replacement = mayReplace(evaluation, wish.clobber ?? false, PKI_NOW);
  const order = wish.order === undefined ? null : orderOf(website, names, wish.order);
  const action = planWebsite({
    website,
    evaluation,
    replacement,
    wildcards: 'unsupported',
    pendingOrder: order,
    isReissueAsked: false,
  });
  return {
    website,
    certificate: `/var/cpanel/ssl/apache_tls/${website.vhost}/combined`,
    evidence,
    evaluation,
    replacement,
    action,
    issued: [...issued, ...(wish.former ?? [])],
    served: wish.served === undefined ? null : servedRecord(website, fingerprint, wish.served),
    order,
    problems: wish.problems ?? [],
  };
}

function evidenceOf({ certificate, daysLeft }: StatusCase, names: readonly string[]): CertificateEvidence {
  const path = '/combined';
  if (certificate === null) return { kind: 'absent', path };
  if (typeof certificate === 'string') return takeCombinedApart(certificate, path);
  const end = new Date(PKI_NOW.getTime() + (daysLeft ?? 60) * DAY_MS);
  const validity = { notBefore: new Date(end.getTime() - 90 * DAY_MS), notAfter: end };
  return takeCombinedApart(aCertificate({ names, ...validity, ...certificate }).combined, path);
}

/** Of a website that was asked for an hour before PKI_NOW. */
function servedRecord(
  { account, vhost }: Website,
  fingerprint: string | null,
  { expected, ...served }: NonNullable<StatusCase['served']>,
): ServedRecord {
  return {
    account,
    vhost,
    wanted: NAMES,
    issued: {
      fingerprint: expected ?? fingerprint ?? '',
      names: NAMES,
      notAfter: '2026-08-01T00:00:00.000Z',
    },
    served: {
      at: '2026-05-31T23:00:00.000Z',
      state: 'served',
      code: null,
      message: null,
      advice: null,
      places: [],
      namesWithoutSite: [],
      ...served,
    },
  };
}

/** One handshake as records keep it. */
export function aPlace(fingerprint: string | null, error: string | null = null): ServedPlaceRecord {
  return { name: 'example.com', address: '127.0.0.1', port: 443, fingerprint, names: ['old.example'], error };
}

export const fingerprintOf = ({ der }: TestCertificate): string =>
  createHash('sha256').update(der).digest('hex');

function orderOf(
  { account, vhost, keyType }: Website,
  names: readonly string[],
  over: Pick<OrderRecord, 'phase' | 'pollAt'>,
): OrderRecord {
  return {
    schemaVersion: 1,
    id: '1780272000000-0123456789abcdef',
    account,
    vhost,
    provider: 'CustomACME',
    directoryUrl: 'https://ca.test/dir',
    acmeAccountUrl: null,
    names,
    keyType,
    replaces: null,
    createdAt: '2026-05-31T22:00:00.000Z',
    orderUrl: 'https://ca.test/order/1',
    expiresAt: null,
    challenges: [],
    lastPolledAt: null,
    diedOf: null,
    logStartedAt: null,
    because: ['CERTIFICATE_ABSENT'],
    ...over,
  };
}
