import { AutosslError } from '../domain/autossl-error.js';

/** Bytes that are not what they should be: an expected finding about a file, caught in this folder's readers. */
export class DerError extends AutosslError<'MALFORMED_DER'> {
  constructor(message: string) {
    super('MALFORMED_DER', message);
  }
}

/** Universal tags (X.690 8.1.2), with the constructed bit where it belongs. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Context-specific `[n]`, constructed and primitive. */
export const contextConstructed = (n: number): number => 0xa0 | n;
export const contextPrimitive = (n: number): number => 0x80 | n;

/** Length octets that we read: 4 hold 4 GiB, far beyond what a file reader passes on. */
const MAX_LENGTH_OCTETS = 4;

/** Object identifiers in use have under 40 octets; reading one costs the square of its length. */
const MAX_OBJECT_IDENTIFIER_OCTETS = 128;

/** One tag-length-value; offsets into the bytes it was read from. */
export interface DerValue {
  readonly tag: number;
  /** Of the tag octet. */
  readonly start: number;
  /** Of the first content octet. */
  readonly from: number;
  /** After the last content octet. */
  readonly end: number;
}

/**
 * Walks the values between two offsets, each checked to lie inside. Definite lengths only; one-octet tags only.
 * Every method throws DerError rather than read outside.
 */
export class DerCursor {
  readonly bytes: Uint8Array;
  readonly end: number;
  #position: number;

  constructor(bytes: Uint8Array, from = 0, end = bytes.length) {
    this.bytes = bytes;
    this.#position = from;
    this.end = end;
  }

  get isAtEnd(): boolean {
    return this.#position >= this.end;
  }

  /** The next value's tag; undefined at the end. */
  peek(): number | undefined {
    return this.isAtEnd ? undefined : this.bytes[this.#position];
  }

  next(what: string): DerValue {
    const { bytes, end } = this;
    const start = this.#position;
    if (start + 2 > end) throw new DerError(`${what} is missing or cut off`);
    const tag = bytes[start] ?? 0;
    if ((tag & 0x1f) === 0x1f) throw new DerError(`${what} has a tag of several octets`);
    let length = bytes[start + 1] ?? 0;
    let from = start + 2;
    if (length >= 0x80) {
      const octets = length & 0x7f;
      if (octets === 0 || octets > MAX_LENGTH_OCTETS)
        throw new DerError(`${what} has a length that is not DER`);
      if (from + octets > end) throw new DerError(`${what} is cut off`);
      length = 0;
      for (let i = 0; i < octets; i++) length = length * 256 + (bytes[from + i] ?? 0);
      from += octets;
    }
    if (length > end - from) throw new DerError(`${what} is cut off`);
    this.#position = from + length;
    return { tag, start, from, end: from + length };
  }

  /** The next value, which must have this tag. */
  take(tag: number, what: string): DerValue {
    const value = this.next(what);
    if (value.tag !== tag) throw new DerError(`${what} has an unexpected type`);
    return value;
  }

  /** The next value if it has this tag. */
  takeIf(tag: number, what: string): DerValue | undefined {
    return this.peek() === tag ? this.next(what) : undefined;
  }

  /** A cursor over the contents of the next value, which must have this tag. */
  enter(tag: number, what: string): DerCursor {
    return this.into(this.take(tag, what));
  }

  /** A cursor over a value's contents. */
  into(value: DerValue): DerCursor {
    return new DerCursor(this.bytes, value.from, value.end);
  }

  /** The content octets (a view, not a copy). */
  contents(value: DerValue): Uint8Array {
    return this.bytes.subarray(value.from, value.end);
  }

  /** Tag, length and contents (a view, not a copy). */
  whole(value: DerValue): Uint8Array {
    return this.bytes.subarray(value.start, value.end);
  }
}

/** The octets of a BIT STRING that holds whole octets. */
export function bitStringOctets(cursor: DerCursor, value: DerValue): Uint8Array {
  if (value.end === value.from || cursor.bytes[value.from] !== 0) {
    throw new DerError('a bit string does not hold whole octets');
  }
  return cursor.bytes.subarray(value.from + 1, value.end);
}

/** An OBJECT IDENTIFIER in dotted form. Arcs of any size (2.25 holds UUIDs). */
export function objectIdentifier(cursor: DerCursor, value: DerValue): string {
  const { bytes } = cursor;
  if (value.tag !== TAG.objectIdentifier || value.end === value.from)
    throw new DerError('an object identifier is empty');
  if (value.end - value.from > MAX_OBJECT_IDENTIFIER_OCTETS) {
    throw new DerError('an object identifier is too long');
  }
  if ((bytes[value.end - 1] ?? 0) & 0x80) throw new DerError('an object identifier is cut off');
  let dotted = '';
  let arc: number | bigint = 0;
  for (let at = value.from; at < value.end; at++) {
    const octet = bytes[at] ?? 0;
    arc = nextArc(arc, octet & 0x7f);
    if (octet & 0x80) continue;
    if (dotted !== '') dotted += `.${arc}`;
    else if (arc < 80) dotted = `${arc < 40 ? 0 : 1}.${Number(arc) % 40}`;
    else dotted = `2.${typeof arc === 'bigint' ? arc - 80n : arc - 80}`;
    arc = 0;
  }
  return dotted;
}

function nextArc(arc: number | bigint, digit: number): number | bigint {
  if (typeof arc === 'bigint') return arc * 128n + BigInt(digit);
  return arc > Number.MAX_SAFE_INTEGER / 256 ? BigInt(arc) * 128n + BigInt(digit) : arc * 128 + digit;
}

/** UTCTime or GeneralizedTime (RFC 5280 4.1.2.5; missing seconds and offsets of old BER are taken too). */
export function time(cursor: DerCursor, value: DerValue, what: string): Date {
  const text = latin1(cursor.contents(value));
  const isShort = value.tag === TAG.utcTime;
  if (!isShort && value.tag !== TAG.generalizedTime) throw new DerError(`${what} is not a time`);
  const parts = (isShort ? UTC_TIME : GENERALIZED_TIME).exec(text);
  if (parts === null) throw new DerError(`${what} is not a valid time`);
  const [, years, month, day, hour, minute, second = '0', zone = 'Z'] = parts;
  const year = isShort ? centuryOf(Number(years)) : Number(years);
  const at = new Date(0);
  at.setUTCFullYear(year, Number(month) - 1, Number(day));
  const isSameDay = at.getUTCMonth() === Number(month) - 1 && at.getUTCDate() === Number(day);
  at.setUTCHours(Number(hour), Number(minute), Number(second));
  if (!isSameDay || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) {
    throw new DerError(`${what} is not a valid time`);
  }
  return zone === 'Z' ? at : new Date(at.getTime() - offsetMs(zone));
}

const UTC_TIME = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(Z|[+-]\d{4})$/;
const GENERALIZED_TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(?:\.\d+)?(Z|[+-]\d{4})$/;

/** RFC 5280 4.1.2.5.1: two digits mean 1950 to 2049. */
function centuryOf(year: number): number {
  return year < 50 ? 2000 + year : 1900 + year;
}

function offsetMs(zone: string): number {
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3));
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}

/** One character per octet. */
export function latin1(bytes: Uint8Array): string {
  return asBuffer(bytes).toString('latin1');
}

/** Lower-case hex. */
export function hex(bytes: Uint8Array): string {
  return asBuffer(bytes).toString('hex');
}

/** The same memory as a Buffer. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
