/** What to try next of a batch that fails as a whole. */
export type Halving<T> =
  /** It stands alone: this is what the server does not take. */
  { readonly culprit: T } | { readonly parts: readonly [readonly T[], readonly T[]] };

/**
 * Splits a batch whose publication the server refused: in halves, or, where the refusal names some members (a server
 * mostly names the file), these alone first. Trying the parts in turn and splitting what fails isolates every culprit
 * of n within about 2·log2(n) tests each. @throws RangeError for an empty batch
 */
export function halve<T>(batch: readonly T[], isNamed: (member: T) => boolean = () => false): Halving<T> {
  const [first] = batch;
  if (first === undefined) throw new RangeError('there is nothing to halve');
  if (batch.length === 1) return { culprit: first };
  const named = batch.filter(isNamed);
  if (named.length > 0 && named.length < batch.length) {
    return { parts: [named, batch.filter((member) => !isNamed(member))] };
  }
  const middle = Math.ceil(batch.length / 2);
  return { parts: [batch.slice(0, middle), batch.slice(middle)] };
}
