import type { JsonAttributeObject, Name } from '@peculiar/x509';

type Library = typeof import('@peculiar/x509');

/** What a subject may say beside its names; values are outside text, encoded and never interpreted. */
export interface SubjectAttribute {
  /** RFC 4514 section 3, and `E` for an address of mail (RFC 2985 5.2.1). */
  readonly type: 'CN' | 'C' | 'ST' | 'L' | 'O' | 'OU' | 'E';
  readonly value: string;
}

/** X.680 41.4. */
const PRINTABLE = /^[A-Za-z0-9 '()+,./:=?-]*$/;

/**
 * The subject, one relative name for each attribute, in this order. How a text is encoded is said, because the library takes
 * quotes, backslashes and a leading `#` of a bare text for its own.
 */
export function subjectName(x509: Library, subject: readonly SubjectAttribute[]): Name {
  return new x509.Name(subject.map((attribute) => ({ [attribute.type]: [encoded(attribute)] })));
}

function encoded({ type, value }: SubjectAttribute): JsonAttributeObject {
  if (type === 'E') return { ia5String: value };
  return PRINTABLE.test(value) ? { printableString: value } : { utf8String: value };
}
