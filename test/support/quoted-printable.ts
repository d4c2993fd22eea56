/** As a mail program reads it (RFC 2045 6.7). */
export function decodeQuotedPrintable(text: string): string {
  const parts = text.replaceAll('=\n', '').split(/((?:=[0-9A-F]{2})+)/);
  return parts
    .map((part, index) =>
      index % 2 === 0 ? part : Buffer.from(part.replaceAll('=', ''), 'hex').toString('utf8'),
    )
    .join('');
}
