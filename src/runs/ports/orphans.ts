import type { WebsiteRef } from '../../core/domain/website/website.js';
import type { OrphanNote } from '../../core/plan/orphans.js';
import type { NamedPlaces } from '../../core/plan/served/named-places.js';
import type { NamesOnDisk } from '../../core/plan/served/unclaimed.js';

/** What became of the files of a website that nobody has any more. */
export type Archival =
  /** In the archive, and of the copies per name none is left. */
  | { readonly state: 'archived' }
  /** A web server's configuration names one of them: all stay. */
  | { readonly state: 'named' }
  /** They were replaced meanwhile, or are such as we do not make: all stay. `why` is one clause. */
  | { readonly state: 'left'; readonly why: string };

/** The copy of a certificate that lies under a name, for mail and the like. */
export interface NameCopy {
  readonly name: string;
  readonly fingerprint: string;
  /** Names of its certificate that a website can be called by. */
  readonly certified: readonly string[];
}

/** What lies on disk by name, and since when which websites of it are nobody's (`orphans.json`). */
export interface OrphanNotes {
  /**
   * By one listing of each folder; what no name of ours can stand for is left out. @throws StateError TREE_UNREADABLE when
   * a folder cannot be listed
   */
  listOnDisk(): NamesOnDisk;
  /** @throws StateError CORRUPT_RECORD */
  read(): readonly OrphanNote[];
  write(notes: readonly OrphanNote[]): Promise<void>;
  /** Whether runs of late are known, so that our clock may decide what is removed for its age. MUST NOT throw. */
  isClockSettled(now: Date): Promise<boolean>;
  /** Forgets retry memories that were last written before the instant. */
  forgetNames(names: Iterable<string>, writtenBefore: Date): Promise<void>;
}

/** The key and certificate files of websites and names that nobody has any more. */
export interface OrphanSets {
  /** Whether servers have a folder for the website. */
  hasFolder(vhost: string): Promise<boolean>;
  /**
   * Moves what lies in the website's folder into the archive, and removes what was derived from it; MUST leave all of it
   * when `named` names any, or it was replaced after `since`. MUST be safe to repeat. `beforeRemoval` is the lock's fencing
   * point. @throws InstallError, StateError
   */
  archive(
    website: WebsiteRef,
    named: NamedPlaces,
    since: Date,
    beforeRemoval: () => Promise<void>,
  ): Promise<Archival>;
  /** Removes records and former sets of the website, when all of them have expired. Whether none is left. */
  forgetExpired(vhost: string, now: Date): Promise<boolean>;
  /** The copy under the name, if it was written before the instant. */
  readCopy(name: string, writtenBefore: Date): NameCopy | null;
  /** Removes it, unless `named` names it, another lies there now, or it is what the website serves. Whether it did. */
  removeCopy(copy: NameCopy, website: WebsiteRef, named: NamedPlaces): Promise<boolean>;
}
