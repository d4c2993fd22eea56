import { printable } from '../../core/domain/name/names.js';
import { reasonOf } from '../../core/domain/system-fault.js';
import type { AccountFault } from '../../core/domain/website/website.js';
import type { TreeReader } from '../system/tree-reader.js';

/** 300,000 domains of 200 bytes each; more is no list of a server's domains. */
const MAX_SERVER_FILE_BYTES = 64 * 1024 * 1024;

/** What a server-wide file holds: nothing when it is absent; nothing and a fault when it cannot be read. */
export interface CachedReading<T> {
  readonly value: T | undefined;
  readonly fault: AccountFault | null;
}

/** A server-wide file, parsed again only when it was changed: a run asks at its start and for every website it works on. */
export class CachedFile<T> {
  readonly #path: string;
  readonly #parse: (text: string, changedAtMs: number, reader: TreeReader) => T;
  #stamp: string | undefined;
  #reading: CachedReading<T> = { value: undefined, fault: null };

  constructor(path: string, parse: (text: string, changedAtMs: number, reader: TreeReader) => T) {
    this.#path = path;
    this.#parse = parse;
  }

  read(reader: TreeReader): CachedReading<T> {
    let stamp: string;
    try {
      stamp = stampOf(reader, this.#path);
    } catch (error) {
      return { value: undefined, fault: this.#faultOf(reasonOf(error)) };
    }
    if (stamp === this.#stamp) return this.#reading;
    const reading = reader.read(this.#path, MAX_SERVER_FILE_BYTES);
    this.#reading = {
      value: reading.state === 'read' ? this.#parse(reading.text, reading.facts.mtimeMs, reader) : undefined,
      fault: reading.state === 'unreadable' ? this.#faultOf(reading.why) : null,
    };
    this.#stamp = stamp;
    return this.#reading;
  }

  #faultOf(why: string): AccountFault {
    const path = this.#path;
    return {
      code: 'ACCOUNT_FILE_UNREADABLE',
      path,
      vhost: null,
      message: `${printable(path)}: ${printable(why)}`,
    };
  }
}

/** Changes whenever the file or folder does. @throws as the file system does */
export function stampOf(reader: TreeReader, path: string): string {
  const facts = reader.facts(path);
  return facts === undefined ? '' : [facts.ino, facts.size, facts.mtimeMs, facts.ctimeMs].join(' ');
}
