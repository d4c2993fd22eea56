import { AcmeProtocolError } from '../../core/domain/autossl-error.js';
import { printable } from '../../core/domain/name/names.js';

/**
 * Strict reading of one JSON object that a CA sent: every getter gives a checked value or throws AcmeProtocolError
 * BAD_ANSWER with one line that names the CA, the object and the member.
 */
export class Fields {
  readonly #members: Readonly<Record<string, unknown>>;
  readonly #where: string;

  /** @param where for messages, like `the order sent by ca.example` */
  constructor(value: unknown, where: string) {
    this.#where = where;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw badAnswer(`${where} is not a JSON object`);
    }
    this.#members = value as Readonly<Record<string, unknown>>;
  }

  /** @throws AcmeProtocolError BAD_ANSWER always: the member is not what it has to be */
  refuse(member: string, expected: string): never {
    throw badAnswer(`${this.#where} is not usable: “${printable(member)}” is not ${expected}`);
  }

  has(member: string): boolean {
    return Object.hasOwn(this.#members, member) && this.#members[member] !== null;
  }
  text(member: string): string {
    const value = this.has(member) ? this.#members[member] : undefined;
    return typeof value === 'string' ? value : this.refuse(member, 'a text');
  }
  optionalText(member: string): string | null {
    return this.has(member) ? this.text(member) : null;
  }
  flag(member: string): boolean {
    const value = this.has(member) ? this.#members[member] : false;
    return typeof value === 'boolean' ? value : this.refuse(member, 'true or false');
  }
  oneOf<Value extends string>(member: string, values: readonly Value[]): Value {
    const value = this.text(member);
    return values.find((one) => one === value) ?? this.refuse(member, `one of ${values.join(', ')}`);
  }
  /** An RFC 3339 instant; null when absent. */
  instant(member: string): Date | null {
    if (!this.has(member)) return null;
    const text = this.text(member);
    const at = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d/.test(text) ? new Date(text) : new Date(Number.NaN);
    return Number.isNaN(at.getTime()) ? this.refuse(member, 'an instant (RFC 3339)') : at;
  }
  list(member: string, most: number): readonly unknown[] {
    const value = this.has(member) ? this.#members[member] : undefined;
    if (!Array.isArray(value)) return this.refuse(member, 'a list');
    return value.length <= most ? value : this.refuse(member, `a list of at most ${most}`);
  }
  optionalList(member: string, most: number): readonly unknown[] {
    return this.has(member) ? this.list(member, most) : [];
  }
  object(member: string): Fields {
    return new Fields(this.#members[member], `“${printable(member)}” of ${this.#where}`);
  }
  /** The member names, for objects used as maps. */
  names(): readonly string[] {
    return Object.keys(this.#members);
  }
}

/** One clear line about an answer that no CA should give. */
export function badAnswer(message: string): AcmeProtocolError {
  return new AcmeProtocolError('BAD_ANSWER', message, {
    advice: "Check the directory's URL; tell the CA if it is right.",
  });
}

/** The start of an answer as it may stand in a message. */
export function excerpt(body: Uint8Array): string {
  const text = Buffer.from(body.subarray(0, 60)).toString('utf8');
  return `“${printable(text)}${body.length > 60 ? '…' : ''}”`;
}
