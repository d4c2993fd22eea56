import { printable } from '../domain/name/names.js';
import { asBuffer, DerCursor, type DerValue, hex, latin1, objectIdentifier, TAG } from './der.js';

/** One attribute of a distinguished name. */
export interface NameAttribute {
  /** OID in dotted form. */
  readonly type: string;
  /** Decoded text; `#` and hex for a type that is not a string. */
  readonly value: string;
  /** The first attribute of its relative name (others are joined by `+`). */
  readonly beginsRelativeName: boolean;
}

/** OIDs that are asked for by meaning. */
export const ATTRIBUTE = {
  commonName: '2.5.4.3',
  surname: '2.5.4.4',
  givenName: '2.5.4.42',
  organization: '2.5.4.10',
  businessCategory: '2.5.4.15',
  jurisdictionCountry: '1.3.6.1.4.1.311.60.2.1.3',
} as const;

/** RFC 4514 section 3 and what OpenSSL adds to it. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.4': 'SN',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'street',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.12': 'title',
  '2.5.4.15': 'businessCategory',
  '2.5.4.17': 'postalCode',
  '2.5.4.42': 'GN',
  '2.5.4.97': 'organizationIdentifier',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
  '1.2.840.113549.1.9.1': 'emailAddress',
  '1.3.6.1.4.1.311.60.2.1.1': 'jurisdictionL',
  '1.3.6.1.4.1.311.60.2.1.2': 'jurisdictionST',
  '1.3.6.1.4.1.311.60.2.1.3': 'jurisdictionC',
};

/** The attributes of a Name, in DER order. @throws DerError */
export function readName(bytes: Uint8Array): NameAttribute[] {
  const attributes: NameAttribute[] = [];
  const relativeNames = new DerCursor(bytes).enter(TAG.sequence, 'the name');
  while (!relativeNames.isAtEnd) {
    const members = relativeNames.enter(TAG.set, 'a relative name');
    let beginsRelativeName = true;
    while (!members.isAtEnd) {
      const member = members.enter(TAG.sequence, 'a name attribute');
      const type = objectIdentifier(member, member.take(TAG.objectIdentifier, 'an attribute type'));
      const value = attributeText(member, member.next('an attribute value'));
      attributes.push({ type, value, beginsRelativeName });
      beginsRelativeName = false;
    }
  }
  return attributes;
}

/** RFC 4514 one-line form, most specific part first, safe to print. */
export function renderName(attributes: readonly NameAttribute[]): string {
  const relativeNames: string[] = [];
  for (const { type, value, beginsRelativeName } of attributes) {
    const text = `${SHORT_NAMES[type] ?? type}=${escapeValue(value)}`;
    if (beginsRelativeName) relativeNames.push(text);
    else relativeNames.push(`${relativeNames.pop()}+${text}`);
  }
  return printable(relativeNames.reverse().join(','));
}

/** The values of one attribute type. */
export function attributeValues(attributes: readonly NameAttribute[], type: string): string[] {
  return attributes.filter((a) => a.type === type).map((a) => a.value);
}

/**
 * A key under which names that RFC 5280 7.1 calls equal are equal: string types, case and runs of spaces do not count.
 * @throws DerError
 */
export function nameKey(bytes: Uint8Array): string {
  return readName(bytes)
    .map(({ type, value, beginsRelativeName }) => {
      const folded = value.trim().replace(/\s+/g, ' ').toLowerCase();
      return `${beginsRelativeName ? '/' : '+'}${type}=${JSON.stringify(folded)}`;
    })
    .join('');
}

function attributeText(cursor: DerCursor, value: DerValue): string {
  const bytes = cursor.contents(value);
  switch (value.tag) {
    case 0x0c: // UTF8String
      return asBuffer(bytes).toString('utf8');
    case 0x12: // NumericString
    case 0x13: // PrintableString
    case 0x14: // TeletexString, in practice Latin-1
    case 0x16: // IA5String
    case 0x1a: // VisibleString
      return latin1(bytes);
    case 0x1e: // BMPString
      return bytes.length % 2 === 0 ? Buffer.from(bytes).swap16().toString('utf16le') : `#${hex(bytes)}`;
    default:
      return `#${hex(cursor.whole(value))}`;
  }
}

/** RFC 4514 2.4. */
function escapeValue(value: string): string {
  return value.replace(/[\\,+"<>;]|^[ #]| $/g, (c) => `\\${c}`);
}
