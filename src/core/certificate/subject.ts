/** What a subject may say beside its names; values are outside text, encoded and never interpreted. */
export interface SubjectAttribute {
  /** RFC 4514 section 3, and `E` for an address of mail (RFC 2985 5.2.1). */
  readonly type: 'CN' | 'C' | 'ST' | 'L' | 'O' | 'OU' | 'E';
  readonly value: string;
}

/** As the certificate library takes a subject: one relative name each, in this order. */
export function jsonNameOf(subject: readonly SubjectAttribute[]): Record<string, string[]>[] {
  return subject.map(({ type, value }) => ({ [type]: [value] }));
}
