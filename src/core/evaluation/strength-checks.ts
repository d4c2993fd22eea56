import type { PublicKeyFacts } from '../certificate/facts.js';
import { type Check, certificateCheck, type Finding } from './check.js';

/** CA/B BR 6.1.5: RSA moduli from 2048 bits, curves from P-256. */
const MIN_RSA_BITS = 2048;
const MIN_CURVE_BITS = 256;
/** CA/B BR 6.1.6: odd, and it should lie between 2^16+1 and 2^256-1 (small ones make textbook attacks work). */
const MIN_RSA_EXPONENT = 0x10001n;
const MAX_RSA_EXPONENT = 2n ** 256n - 1n;
/** Curves that BR 6.1.5 allows and browsers know. */
const SUPPORTED_CURVES: readonly string[] = ['prime256v1', 'secp384r1', 'secp521r1'];

/** Is the key strong, and of a kind that browsers take? */
export const strengthChecks: readonly Check[] = [
  keyCheck('RSA_KEY_TOO_SMALL', '6.1.5', (key) =>
    key.type === 'rsa' && key.bits < MIN_RSA_BITS
      ? { message: `The RSA key has ${key.bits} bits; at least ${MIN_RSA_BITS} are needed.` }
      : undefined,
  ),
  keyCheck('RSA_EXPONENT_WEAK', '6.1.6', (key) =>
    key.type === 'rsa' &&
    (key.exponent < MIN_RSA_EXPONENT || key.exponent > MAX_RSA_EXPONENT || key.exponent % 2n === 0n)
      ? {
          message: `The RSA key has the public exponent ${exponentText(key.exponent)}; 65537 is usual and safe.`,
        }
      : undefined,
  ),
  keyCheck('CURVE_TOO_SMALL', '6.1.5', (key) =>
    key.type === 'ec' && key.bits < MIN_CURVE_BITS
      ? { message: `The key’s curve ${key.curve} is smaller than P-256.` }
      : undefined,
  ),
  keyCheck('KEY_TYPE_UNSUPPORTED', '6.1.5', (key) => {
    if (key.type === 'rsa') return undefined;
    if (key.type !== 'ec') {
      return {
        message: `Browsers do not take ${key.type === 'other' ? `keys of type ${key.oid}` : `${key.type} keys`}.`,
      };
    }
    return key.bits >= MIN_CURVE_BITS && !SUPPORTED_CURVES.includes(key.curve)
      ? { message: `Browsers do not take keys on the curve ${key.curve}.` }
      : undefined;
  }),
];

function keyCheck(
  code: Check['code'],
  section: string,
  run: (key: PublicKeyFacts) => Finding | undefined,
): Check {
  return certificateCheck(
    { code, citation: `CA/B Baseline Requirements ${section}`, severity: 'defective' },
    ({ evidence }) => run(evidence.leaf.key),
  );
}

/** Large ones only by their size: an exponent may have thousands of digits. */
function exponentText(exponent: bigint): string {
  return exponent > MAX_RSA_EXPONENT ? 'of more than 256 bits' : String(exponent);
}
