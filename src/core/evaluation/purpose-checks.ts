import { type Check, certificateCheck } from './check.js';

/** id-kp-serverAuth (RFC 5280 4.2.1.12). */
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

/** Is it a certificate for web servers? */
export const purposeChecks: readonly Check[] = [
  certificateCheck(
    {
      code: 'NO_SUBJECT_ALT_NAME',
      citation: 'CA/B Baseline Requirements 7.1.2.7.12, RFC 9525 6.3',
      severity: 'defective',
    },
    ({ evidence: { leaf } }) =>
      leaf.hasSubjectAltName
        ? undefined
        : { message: 'The certificate has no subject alternative names; browsers ignore its common name.' },
  ),
  certificateCheck(
    {
      code: 'NO_SERVER_AUTH',
      citation: 'CA/B Baseline Requirements 7.1.2.7.10',
      severity: 'defective',
    },
    ({ evidence: { leaf } }) =>
      leaf.extendedKeyUsage?.includes(SERVER_AUTH)
        ? undefined
        : { message: 'The certificate does not say that it is for servers (extended key usage serverAuth).' },
  ),
];
