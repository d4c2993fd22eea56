import { isSameKey } from '../certificate/key/public-key.js';
import { NO_KEY } from '../certificate/pem/combined.js';
import { printable } from '../domain/name/names.js';
import { type Check, certificateCheck } from './check.js';

/** Is there a certificate, and the key that belongs to it? */
export const fileChecks: readonly Check[] = [
  {
    code: 'CERTIFICATE_ABSENT',
    citation: 'RFC 8446 4.4.2',
    severity: 'defective',
    appliesTo: ({ kind }) => kind === 'absent',
    run: () => ({ message: 'There is no certificate.' }),
  },
  {
    code: 'CERTIFICATE_EMPTY',
    citation: 'RFC 8446 4.4.2',
    severity: 'defective',
    appliesTo: ({ kind }) => kind === 'empty',
    run: () => ({ message: 'The certificate file is empty.' }),
  },
  {
    code: 'CERTIFICATE_UNREADABLE',
    citation: 'RFC 7468 5, RFC 5280 4.1',
    severity: 'defective',
    appliesTo: ({ kind }) => kind === 'unreadable',
    run: ({ evidence }) =>
      evidence.kind === 'unreadable'
        ? { message: `The certificate file cannot be used: ${printable(evidence.why)}.` }
        : undefined,
  },
  certificateCheck(
    { code: 'KEY_UNREADABLE', citation: 'RFC 8446 4.4.3', severity: 'defective' },
    ({ evidence: { keySpki, keyFault } }) =>
      keySpki === null
        ? { message: `No server can use the certificate: ${printable(keyFault ?? 'the key is missing')}.` }
        : undefined,
  ),
  certificateCheck(
    { code: 'KEY_MISMATCH', citation: 'RFC 8446 4.4.3', severity: 'defective' },
    ({ evidence: { keySpki, leaf } }) =>
      keySpki !== null && !isSameKey(keySpki, leaf.key.spki)
        ? { message: 'The private key does not belong to the certificate.' }
        : undefined,
  ),
];

/** For files whose key may lie elsewhere: a key that is in the file should at least be usable. */
export const keyInFileCheck: Check = certificateCheck(
  { code: 'KEY_UNREADABLE', citation: 'RFC 8446 4.4.3', severity: 'warning' },
  ({ evidence: { keySpki, keyFault } }) =>
    keySpki === null && keyFault !== null && keyFault !== NO_KEY
      ? { message: `No server can use the file: ${printable(keyFault)}.` }
      : undefined,
);
