/** What a certificate or key file says as text. PEM is ASCII; some Windows tools write it in UTF-16. Never throws. */
export function pemTextOf(bytes: Uint8Array): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return Buffer.from(bytes).toString(isUtf16 ? 'utf16le' : 'latin1');
}

/** Whether a file is DER without any PEM around it. `text`: the same file by `pemTextOf`. */
export function isBareDer(bytes: Uint8Array, text: string): boolean {
  return bytes[0] === 0x30 && !text.includes('-----BEGIN ');
}
