import type { OfferedFiles } from '../core/certificate/offered/offer.js';
import { ApiRefusal } from './refusal.js';

/** A certificate with its whole chain takes some ten kilobytes. */
const MAX_PASTED_LENGTH = 256 * 1024;

/** Certificate, key and bundle as a caller pasted them; an empty bundle is none (documented). @throws ApiRefusal naming what is too long */
export function pastedFiles(
  crt: { readonly name: string; readonly value: string },
  key: { readonly name: string; readonly value: string },
  bundle: { readonly name: string; readonly value: string | undefined },
): OfferedFiles {
  return {
    certificate: bytesOf(crt.name, crt.value),
    key: bytesOf(key.name, key.value),
    bundle: (bundle.value ?? '').trim() === '' ? null : bytesOf(bundle.name, bundle.value ?? ''),
  };
}

/** The text as bytes. @throws ApiRefusal */
export function bytesOf(name: string, value: string): Uint8Array {
  if (value.length > MAX_PASTED_LENGTH) {
    throw new ApiRefusal(
      `The value of “${name}” is longer than ${MAX_PASTED_LENGTH} characters: no certificate, key or bundle is.`,
    );
  }
  return Buffer.from(value);
}
