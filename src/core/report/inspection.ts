import type { CertificateEvidence } from '../certificate/facts.js';
import { printable } from '../domain/name/names.js';
import type { Defect } from '../evaluation/evaluation.js';

/** What `autossl inspect` says of one file; the keys are documented. On error everything but `path` and `error` is empty. */
export interface Inspection {
  readonly path: string;
  /** Why the file could not be read as a certificate. */
  readonly error: string | null;
  readonly subject: string | null;
  readonly issuer: string | null;
  /** The serial number as OpenSSL prints it, in lower case. */
  readonly serial: string | null;
  readonly notBefore: string | null;
  readonly notAfter: string | null;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly keyType: string | null;
  /** Of every key that has no curve. */
  readonly keyBits?: number | null;
  /** Of EC keys, in OpenSSL's name. */
  readonly curve?: string;
  readonly signatureAlgorithm: string | null;
  readonly selfSigned: boolean | null;
  readonly isCa: boolean | null;
  readonly extendedKeyUsage: readonly string[] | null;
  readonly policyOids: readonly string[];
  readonly validationLevel: string | null;
  readonly authorityKeyIdentifier: string | null;
  readonly subjectKeyIdentifier: string | null;
  readonly ariCertificateId: string | null;
  /** Null when no usable key lies in the file or beside it. */
  readonly keyMatches: boolean | null;
  readonly defects: readonly Pick<Defect, 'code' | 'severity' | 'citation' | 'message'>[];
}

/** A file that is not a readable certificate. */
export function failedInspection(path: string, error: string, defects: readonly Defect[] = []): Inspection {
  return {
    path,
    error,
    subject: null,
    issuer: null,
    serial: null,
    notBefore: null,
    notAfter: null,
    dnsNames: [],
    ipAddresses: [],
    keyType: null,
    keyBits: null,
    signatureAlgorithm: null,
    selfSigned: null,
    isCa: null,
    extendedKeyUsage: null,
    policyOids: [],
    validationLevel: null,
    authorityKeyIdentifier: null,
    subjectKeyIdentifier: null,
    ariCertificateId: null,
    keyMatches: null,
    defects: defects.map(defectOnly),
  };
}

/** What a file holds, and what is wrong with it. */
export function inspectionOf(evidence: CertificateEvidence, defects: readonly Defect[]): Inspection {
  const { path } = evidence;
  if (evidence.kind === 'absent') return failedInspection(path, 'there is no such file', defects);
  if (evidence.kind === 'empty') return failedInspection(path, 'the file is empty', defects);
  if (evidence.kind === 'unreadable') return failedInspection(path, evidence.why, defects);
  const { leaf, keySpki } = evidence;
  return {
    path,
    error: null,
    subject: leaf.subject,
    issuer: leaf.issuer,
    serial: leaf.serial.replace(/^00(?=[89a-f])/, ''),
    notBefore: instant(leaf.notBefore),
    notAfter: instant(leaf.notAfter),
    dnsNames: leaf.dnsNames,
    ipAddresses: leaf.ipAddresses,
    keyType: leaf.key.type,
    ...(leaf.key.type === 'ec' ? { curve: leaf.key.curve } : { keyBits: leaf.key.bits }),
    signatureAlgorithm: leaf.signatureAlgorithm,
    selfSigned: leaf.isSelfSigned,
    isCa: leaf.isCa,
    extendedKeyUsage: leaf.extendedKeyUsage,
    policyOids: leaf.policyOids,
    validationLevel: leaf.validationLevel,
    authorityKeyIdentifier: leaf.authorityKeyIdentifier,
    subjectKeyIdentifier: leaf.subjectKeyIdentifier,
    ariCertificateId: leaf.ariCertificateId,
    keyMatches: keySpki === null ? null : defects.every(({ code }) => code !== 'KEY_MISMATCH'),
    defects: defects.map(defectOnly),
  };
}

/** JSON of one file; every character outside ASCII escaped, so that no certificate can steer a terminal. */
export function renderInspectionJson(inspection: Inspection, isPretty: boolean): string {
  const json = JSON.stringify(inspection, null, isPretty ? 2 : undefined);
  return json.replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Aligned lines for people, without trailing newline. */
export function renderInspectionText(inspection: Inspection): string {
  const { path, error, defects } = inspection;
  const rows = error === null ? factRows(inspection) : [['error', error] as const];
  const width = Math.max(...rows.map(([label]) => label.length));
  return [
    path,
    ...rows.map(([label, value]) => `  ${label.padEnd(width)}  ${value}`),
    ...(error === null && defects.length === 0 ? ['  no defects'] : []),
    ...defects.map(
      ({ code, severity, message, citation }) => `  ${severity}: ${message} [${code}, ${citation}]`,
    ),
  ]
    .map(printable)
    .join('\n');
}

const KEY_WORDS = {
  true: ', the private key belongs to it',
  false: ', the private key does not belong to it',
} as const;

function factRows(inspection: Inspection): (readonly [label: string, value: string])[] {
  const { keyType, keyBits, curve, keyMatches } = inspection;
  const names = [...inspection.dnsNames, ...inspection.ipAddresses];
  const key = `${keyType} ${curve ?? (keyBits == null ? '' : `${keyBits} bits`)}`.trim();
  return [
    ['subject', inspection.subject || '(empty)'],
    ['issuer', `${inspection.issuer || '(empty)'}${inspection.selfSigned ? ' (self-signed)' : ''}`],
    ['serial', inspection.serial ?? ''],
    ['valid from', inspection.notBefore ?? ''],
    ['valid until', inspection.notAfter ?? ''],
    ['names', names.join(', ') || '(none)'],
    ['key', `${key}${keyMatches === null ? '' : KEY_WORDS[`${keyMatches}`]}`],
    ['signature', inspection.signatureAlgorithm ?? ''],
    ['level', inspection.isCa ? 'certificate authority' : (inspection.validationLevel ?? '')],
    ['purposes', inspection.extendedKeyUsage?.join(', ') ?? '(not limited)'],
    ['policies', inspection.policyOids.join(', ') || '(none)'],
    ['issuer key', inspection.authorityKeyIdentifier ?? '(not named)'],
    ['own key', inspection.subjectKeyIdentifier ?? '(not named)'],
    ['ARI', inspection.ariCertificateId ?? '(none)'],
  ];
}

function defectOnly({ code, severity, citation, message }: Defect): Inspection['defects'][number] {
  return { code, severity, citation, message };
}

/** To the second, as certificates count. */
function instant(at: Date): string {
  return at.toISOString().replace(/\.\d+Z$/, 'Z');
}
