import { type Check, certificateCheck } from './check.js';

/** Is it in force today? */
export const validityChecks: readonly Check[] = [
  certificateCheck(
    { code: 'CERTIFICATE_EXPIRED', citation: 'RFC 5280 4.1.2.5', severity: 'defective' },
    ({ evidence: { leaf }, now }) =>
      now > leaf.notAfter
        ? { message: `The certificate expired at ${instant(leaf.notAfter)} (0:10:CERT_HAS_EXPIRED).` }
        : undefined,
  ),
  certificateCheck(
    { code: 'CERTIFICATE_NOT_YET_VALID', citation: 'RFC 5280 4.1.2.5', severity: 'defective' },
    ({ evidence: { leaf }, now }) =>
      now < leaf.notBefore
        ? {
            message: `The certificate is not valid before ${instant(leaf.notBefore)} (0:9:CERT_NOT_YET_VALID).`,
          }
        : undefined,
  ),
];

/** To the second, as certificates count. */
function instant(at: Date): string {
  return at.toISOString().replace(/\.\d+Z$/, 'Z');
}
