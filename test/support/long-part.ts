/**
 * Of a long suite that is run in pieces, LONG_PART=2/5: every fifth, from the second on. All of it otherwise.
 * @throws Error for what is no part
 */
export function longPartOf<T>(all: readonly T[], part = process.env['LONG_PART'] ?? '1/1'): readonly T[] {
  const [, which = '', of = ''] = /^(\d+)\/(\d+)$/.exec(part) ?? [];
  const [first, step] = [Number(which), Number(of)];
  if (!(first >= 1 && first <= step)) throw new Error(`LONG_PART=${part} is no part, as 1/4 would be`);
  return all.filter((_, index) => index % step === first - 1);
}
