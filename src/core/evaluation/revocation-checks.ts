import { keyHashOf } from '../certificate/key-hash.js';
import { type Check, certificateCheck, type PresentEvidence, type Subject } from './check.js';

/** Has its issuer taken it back? Told only where it is known; browsers differ in whether they ask. */
export const revocationChecks: readonly Check[] = [
  certificateCheck(
    { code: 'REVOKED', citation: 'RFC 5280 6.3.3, CA/B Baseline Requirements 4.9', severity: 'defective' },
    (subject) => {
      const revocation = revocationOf(subject);
      if (revocation === null) return undefined;
      const at = revocation.revokedAt.toISOString().replace(/\.\d+Z$/, 'Z');
      const reason = revocation.reason === 'unspecified' ? '' : ` (reason ${revocation.reason})`;
      return { message: `The issuer revoked the certificate at ${at}${reason} (0:23:CERT_REVOKED).` };
    },
  ),
  certificateCheck(
    {
      code: 'KEY_COMPROMISED',
      citation: 'CA/B Baseline Requirements 4.9.1.1, 6.1.1.3',
      severity: 'defective',
    },
    (subject) => {
      if (revocationOf(subject)?.reason === 'keyCompromise')
        return {
          message: 'The issuer holds that somebody else has the key: the next certificate has a new one.',
        };
      // Whoever has the key of one certificate has that of all.
      return subject.policy.isKeyLost?.(keyHashOf(subject.evidence.leaf.key.spki)) === true
        ? {
            message:
              'An issuer revoked another certificate because somebody else has its key, which is this one’s, too: the next certificate has a new one.',
          }
        : undefined;
    },
  ),
];

function revocationOf({ evidence, policy }: Subject<PresentEvidence>) {
  return policy.revocationOf?.(evidence.leaf.fingerprint) ?? null;
}
