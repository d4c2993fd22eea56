import type { PublicKeyFacts } from '../certificate/facts.js';
import { type Check, certificateCheck } from './check.js';

/** Names listed in a sentence; the defect has all of them. */
const MAX_NAMES_SHOWN = 5;

/** Is it what this website wants? */
export const wishChecks: readonly Check[] = [
  certificateCheck(
    { code: 'NAMES_MISSING', citation: 'RFC 9525 6', severity: 'incomplete' },
    ({ missingNames: names }) =>
      names.length === 0 ? undefined : { message: `The certificate does not cover ${listed(names)}.`, names },
  ),
  certificateCheck(
    { code: 'KEY_TYPE_DIFFERS', citation: 'setting ssl_default_key_type', severity: 'preference' },
    ({ evidence: { leaf }, policy: { keyType } }) =>
      keyTypeOf(leaf.key) === keyType
        ? undefined
        : { message: `The key is ${keyTypeOf(leaf.key)}; ${keyType} is wanted from the next renewal on.` },
  ),
];

/** In the words of `ssl_default_key_type`, as far as they go. */
function keyTypeOf(key: PublicKeyFacts): string {
  if (key.type === 'rsa') return `rsa-${key.bits}`;
  return key.type === 'ec' ? `ecdsa-${key.curve}` : key.type;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMES_SHOWN).join(', ');
  return names.length > MAX_NAMES_SHOWN ? `${shown} and ${names.length - MAX_NAMES_SHOWN} more names` : shown;
}
