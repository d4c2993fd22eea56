import type { CertificateEvidence, PublicKeyFacts } from '../../certificate/facts.js';
import { isPlaceholder } from '../../certificate/placeholder.js';
import { printable } from '../../domain/name/names.js';
import type { ServiceName } from '../../domain/service/service-name.js';
import type { PlannedService } from '../../plan/plan-services.js';
import type { ServedRecord } from '../../plan/served/served-record.js';
import type { ConfigurationAdvice } from '../../sni/configuration-lines.js';

const DAY_MS = 86_400_000;

/** All that is known of one service's certificate, as `autossl services --json` prints it. Plain JSON. */
export interface ServiceStatus {
  readonly service: ServiceName;
  /** What stands behind the name. */
  readonly daemon: string;
  /** The file that holds key and chain. */
  readonly file: string;
  /** Null when no readable certificate lies there; then `plan.because` says why. */
  readonly certificate: ServiceCertificate | null;
  /** What checkallsslcerts makes of it. */
  readonly plan: PlannedService;
  /** What was seen when the daemon was last asked; null: never for the certificate that lies there now. */
  readonly served: ServedRecord['served'] | null;
  /** How many former certificates are kept to go back to. */
  readonly former: number;
  /** What its daemon's configuration should say besides. */
  readonly advice: readonly ConfigurationAdvice[];
}

export interface ServiceCertificate {
  /** SHA-256, lower-case hex. */
  readonly fingerprint: string;
  readonly domains: readonly string[];
  readonly subject: string;
  readonly issuer: string;
  /** The issuer's organization, or the issuer as a whole. */
  readonly issuerName: string;
  readonly isSelfSigned: boolean;
  /** A placeholder of AutoSSL's own. */
  readonly isPlaceholder: boolean;
  /** `rsa 2048`, `ec prime256v1` … */
  readonly key: string;
  readonly signatureAlgorithm: string;
  readonly validationLevel: string;
  readonly notBefore: string;
  readonly notAfter: string;
  /** To two decimals; negative once it has expired. */
  readonly daysLeft: number;
  /** Subjects of the certificates that are sent with it, nearest first. */
  readonly chain: readonly string[];
}

/** The services of a server, as `--json` prints them. */
export interface ServicesOverview {
  readonly schemaVersion: 1;
  readonly exitCode: number;
  readonly at: string;
  readonly hostname: string;
  readonly services: readonly ServiceStatus[];
  readonly absent: readonly { readonly service: ServiceName; readonly why: string }[];
}

/** What a service's certificate file holds; null when that is no certificate. */
export function serviceCertificateOf(evidence: CertificateEvidence, now: Date): ServiceCertificate | null {
  if (evidence.kind !== 'present') return null;
  const { leaf, chain } = evidence;
  const daysLeft = (leaf.notAfter.getTime() - now.getTime()) / DAY_MS;
  return {
    fingerprint: leaf.fingerprint,
    domains: [...leaf.dnsNames, ...leaf.ipAddresses],
    subject: leaf.subject,
    issuer: leaf.issuer,
    issuerName: leaf.issuerOrganizations[0] ?? leaf.issuer,
    isSelfSigned: leaf.isSelfSigned,
    isPlaceholder: isPlaceholder(leaf),
    key: keyWords(leaf.key),
    signatureAlgorithm: leaf.signatureAlgorithm,
    validationLevel: leaf.validationLevel,
    notBefore: leaf.notBefore.toISOString(),
    notAfter: leaf.notAfter.toISOString(),
    daysLeft: Math.round(daysLeft * 100) / 100,
    chain: chain.map(({ subject }) => subject),
  };
}

function keyWords(key: PublicKeyFacts): string {
  if (key.type === 'ec') return `ec ${printable(key.curve)}`;
  return key.bits === null ? key.type : `${key.type} ${key.bits}`;
}
