import { createHash } from 'node:crypto';
import { coversName } from '../../src/core/domain/name/coverage.js';
import { parseHostName, type WantedName } from '../../src/core/domain/name/names.js';
import type { Website } from '../../src/core/domain/website/website.js';
import type { Defect, DefectCode, Evaluation, Ownership } from '../../src/core/evaluation/evaluation.js';
import { judgeRenewal } from '../../src/core/renewal/judge.js';
import type { StoredRenewalInfo } from '../../src/core/renewal/verdict.js';
import type { CertificateSet } from '../../src/runs/ports/certificates.js';
import type { IssuedRecord } from '../../src/runs/ports/orders.js';
import { aCertificate, aKey, keyPemOf } from './pki.js';

const DAY_MS = 86_400_000;
/** What the fake CA gives, and the renewal point of the provider in these tests. */
export const FAKE_LIFE_MS = 90 * DAY_MS;
const DAYS_TO_REPLACE = 29;

/** A certificate as far as runs care. */
export interface FakeCertificate {
  readonly names: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly fingerprint: string;
  /** Beyond what follows from names and dates. */
  readonly flaws?: readonly DefectCode[];
  /** Names a list of `aRoot()`. */
  readonly listUrl?: string;
  /** RFC 9773 section 4.1; absent: it has none. */
  readonly ariId?: string;
  /** Certificates of the same word have the same key; absent: nobody else's. */
  readonly key?: string;
}

/** One key for all: making one for each would cost more than all the rest. */
let key: ReturnType<typeof aKey> | undefined;

export function fakeKeyPem(): string {
  return keyPemOf(theKey());
}

/**
 * A chain whose first line says what a FakeCertificate says, which X.509 readers pass over. What the order's own check
 * looks at (key, names, validity) is real.
 */
export function fakeChainOf(certificate: FakeCertificate): string {
  const { names, notBefore, notAfter } = certificate;
  return `${JSON.stringify(certificate)}\n${aCertificate({ key: theKey(), names, notBefore, notAfter }).certPem}`;
}

export function fakeCertificateIn({ chainPem }: Pick<CertificateSet, 'chainPem'>): FakeCertificate {
  const said = JSON.parse(chainPem.slice(0, chainPem.indexOf('\n')));
  return { ...said, notBefore: new Date(said.notBefore), notAfter: new Date(said.notAfter) };
}

/** Hex, as on the lists of its issuer. */
export function fakeSerialOf(fingerprint: string): string {
  return `4a${createHash('sha256').update(fingerprint).digest('hex').slice(0, 30)}`;
}

/** Stands for its public key. */
export function fakeSpkiOf({ key, fingerprint }: FakeCertificate): Uint8Array {
  return Buffer.from(key ?? fingerprint);
}

/** The evaluation that real checks would give, without X.509. */
export function evaluateFake(
  website: Website,
  certificate: FakeCertificate | undefined,
  issued: readonly Pick<IssuedRecord, 'fingerprint'>[],
  now: Date,
  kind: 'website' | 'hostname' = 'website',
  ari: StoredRenewalInfo | null = null,
): Evaluation {
  const wanted = website.candidates.map(({ name }) => name);
  if (certificate === undefined) {
    return {
      tlsStatus: 'defective',
      defects: [defectOf('CERTIFICATE_ABSENT', 'defective')],
      ownership: 'none',
      renewal: null,
      securedNames: [],
      missingNames: wanted,
      notAfter: null,
      fingerprint: null,
      ariCertificateId: null,
    };
  }
  const isOurs = issued.some(({ fingerprint }) => fingerprint === certificate.fingerprint);
  const ownership: Ownership = isOurs ? 'ours' : 'foreign';
  const covers = (name: WantedName): boolean =>
    coversName({ dnsNames: certificate.names, ipAddresses: [] }, name);
  const missing = wanted.filter((name) => !covers(name));
  const defects: Defect[] = (certificate.flaws ?? []).map((code) =>
    defectOf(code, code === 'KEY_TYPE_DIFFERS' ? 'preference' : 'defective'),
  );
  if (certificate.notAfter <= now) defects.push(defectOf('CERTIFICATE_EXPIRED', 'defective'));
  if (missing.length > 0) defects.push({ ...defectOf('NAMES_MISSING', 'incomplete'), names: missing });
  const isDefective = defects.some(({ severity }) => severity === 'defective');
  return {
    tlsStatus: isDefective ? 'defective' : missing.length > 0 ? 'incomplete' : 'ok',
    defects,
    ownership,
    renewal: judgeRenewal(certificate, { daysToReplace: DAYS_TO_REPLACE, ari, ownership, kind }, now),
    securedNames: wanted.filter(covers),
    missingNames: missing,
    notAfter: certificate.notAfter,
    fingerprint: certificate.fingerprint,
    ariCertificateId: certificate.ariId ?? null,
  };
}

export function defectOf(code: DefectCode, severity: Defect['severity']): Defect {
  return { code, severity, citation: 'a test', message: `${code} was found` };
}

export function wantedNames(...names: string[]): WantedName[] {
  return names.map((name) => parseHostName(name));
}

function theKey(): ReturnType<typeof aKey> {
  key ??= aKey();
  return key;
}
