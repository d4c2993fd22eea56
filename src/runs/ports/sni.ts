import type { DovecotRoom } from '../../core/sni/dovecot-room.js';
import type { NameOffer, NameWithPair } from '../../core/sni/offer.js';

/** The certificates that lie under names (`domain_tls`), as mail and FTP daemons could be given them. */
export interface NamePairs {
  /** MUST read a file only where it changed since `keep`. @throws StateError TREE_UNREADABLE */
  list(): Promise<readonly NameWithPair[]>;
  /** Keeps what was read for the next time. @throws StateError WRITE_FAILED, NO_SPACE */
  keep(): Promise<void>;
}

/** The pairs that daemons are given, each in a file of its own that is never changed. */
export interface SniPairs {
  /** Whether all of these lie there, open to whom they should be. */
  hold(offers: readonly NameOffer[]): boolean;
  /** Puts the pairs of these there; gives the ids of those that lie there now. @throws StateError WRITE_FAILED, NO_SPACE */
  place(offers: readonly NameOffer[]): Promise<ReadonlySet<string>>;
  /** Removes all others. */
  retain(ids: ReadonlySet<string>): Promise<void>;
  /** SHA-256 of a pair's leaf in lower-case hex; null when it does not lie there. */
  leafOf(id: string): Promise<string | null>;
}

/** How much of a table its daemon can hold in memory. */
export interface SniRoom {
  look(): Promise<DovecotRoom>;
  /** The names in the table as it lies there. */
  names(): Promise<ReadonlySet<string>>;
}

/** Where one daemon finds the certificate of a name: a folder of links, an include, a map. */
export interface SniTable {
  /** Its path, as messages and the daemon's configuration name it. */
  readonly path: string;
  /** Whether exactly these lie there and nothing is left over from a crash; null: nothing is to be offered there. */
  holds(offers: readonly NameOffer[] | null): Promise<boolean>;
  /** @throws StateError WRITE_FAILED, NO_SPACE; ConfigurationError UNSAFE_FILE */
  write(offers: readonly NameOffer[] | null): Promise<void>;
  /** Ids of the pairs that it names now, or would name if it were put back. */
  pairs(): Promise<ReadonlySet<string>>;
  /** Whether the daemon's configuration names it; null where that cannot be seen now. */
  isNamed(): Promise<boolean | null>;
  /** Null where the daemon looks there at each connection, and has nothing to refuse. */
  readonly former: FormerTable | null;
}

/** What a table was before `write`, kept until the daemon has taken the new one; survives crashes. */
export interface FormerTable {
  /** Whether a process died before it knew what became of the new one. */
  isLeft(): Promise<boolean>;
  /** Puts it back; nothing where none is left. @throws StateError */
  restore(): Promise<void>;
  settle(): Promise<void>;
}
