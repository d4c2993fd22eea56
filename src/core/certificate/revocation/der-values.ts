import { TAG } from '../der.js';

/** The little of DER that is written here: definite, minimal lengths (X.690 8.1.3). */
export function sequenceOf(parts: readonly Uint8Array[]): Uint8Array {
  return derValue(TAG.sequence, Buffer.concat(parts));
}

/** A BIT STRING of whole octets. */
export function bitString(octets: Uint8Array): Uint8Array {
  return derValue(TAG.bitString, Buffer.concat([Buffer.of(0), octets]));
}

/** One value of contents that are DER already. */
export function derValue(tag: number, contents: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.of(tag), lengthOf(contents.length), contents]);
}

function lengthOf(length: number): Uint8Array {
  if (length < 0x80) return Buffer.of(length);
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(length);
  const needed = octets.subarray(octets.findIndex((octet) => octet !== 0));
  return Buffer.concat([Buffer.of(0x80 | needed.length), needed]);
}
