import { printable } from '../../domain/name/names.js';
import type { ServedRecord } from '../../plan/served/served-record.js';
import { counted, listed, withAdvice } from '../text/wording.js';

/** A certificate as people tell it from others. */
export interface CertificateWords {
  /** SHA-256, lower-case hex. */
  readonly fingerprint: string;
  readonly names: readonly string[];
  readonly notAfter: string;
}

/** Certificates that a website can go back to, as `--list --json` prints them. */
export interface FormerList {
  readonly schemaVersion: 1;
  readonly account: string;
  readonly website: string;
  /** What lies there now; null without a certificate. */
  readonly present: CertificateWords | null;
  /** Newest first. */
  readonly former: readonly (CertificateWords & { readonly archivedAt: string })[];
}

/** What a rollback did, as `--json` prints it. */
export interface RollbackReport {
  readonly schemaVersion: 1;
  readonly exitCode: number;
  readonly account: string;
  readonly website: string;
  /** What lay there; null without a certificate. */
  readonly was: CertificateWords | null;
  /** What was to be put back. */
  readonly former: CertificateWords;
  /** What lies there now. */
  readonly is: CertificateWords | null;
  /** `restored` and `held`: what lay there before lies there still. */
  readonly outcome: 'served' | 'published' | 'published-not-served' | 'restored' | 'held';
  /** Why it is not served, or was not put back; null when all is well. */
  readonly code: string | null;
  readonly message: string | null;
  readonly advice: string | null;
  /** What was seen; null when nobody was asked. */
  readonly served: ServedRecord['served'] | null;
  readonly warnings: readonly string[];
}

/** Digits of a fingerprint that people are shown; enough to name it with `--to`. */
export const SHOWN_DIGITS = 16;
const SHOWN_NAMES = 6;

/** What became of a rollback, for people; the warnings go elsewhere. */
export function renderRollback(report: RollbackReport): string {
  const { website, was, is } = report;
  const lines = [`${website} ${verdictOf(report)}`, `  was  ${wordsOf(was)}`, `  is   ${wordsOf(is)}`];
  return `${lines.join('\n')}\n`;
}

/** Which certificates a website can go back to, for people. */
export function renderFormerList({ website, present, former }: FormerList): string {
  const rows = former.map((one) => `  ${wordsOf(one)}, replaced ${one.archivedAt}`);
  const head =
    former.length === 0
      ? 'no former certificate is'
      : `${counted(former.length, 'former certificate is', 'former certificates are')}`;
  return `${[`${website}: ${head} kept`, ...rows, `in place: ${wordsOf(present)}`].join('\n')}\n`;
}

function verdictOf(report: RollbackReport): string {
  const said = withAdvice(printable(report.message ?? ''), report.advice);
  switch (report.outcome) {
    case 'served':
      return 'has its former certificate again, and it is served.';
    case 'published':
      return 'has its former certificate again; nobody could be asked whether it is served.';
    case 'published-not-served':
      return `has its former certificate again, but it is not served: ${said}`;
    case 'restored':
      return `keeps the certificate that it had: ${said}`;
    case 'held':
      return `was not touched: ${said}`;
  }
}

function wordsOf(certificate: CertificateWords | null): string {
  if (certificate === null) return 'no certificate';
  const { fingerprint, names, notAfter } = certificate;
  return `${fingerprint.slice(0, SHOWN_DIGITS)}, ends ${notAfter}, for ${listed(names, SHOWN_NAMES)}`;
}
