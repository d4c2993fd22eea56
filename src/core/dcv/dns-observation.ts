import type { WantedName } from '../domain/name/names.js';

/** Where the TXT record of a name's challenge goes, after what its owner delegated. */
export interface RecordPlace {
  readonly name: WantedName;
  readonly recordName: string;
  /** Apex of the zone of ours that holds it. */
  readonly zone: string;
  /** Set when so many TXT records lie there already that a server may take no more. */
  readonly isCrowded?: true;
  /** Where the owner delegated it from by a CNAME record, but into no domain that the settings give for that. */
  readonly delegatedFrom?: string;
}

/** From so many records of a name on, or so many octets of them, the server's own limit is near (BIND: 100 records). */
const CROWD = 20;
const CROWD_BYTES = 8_000;

/** Whether a set of records is of such a size that a server may refuse another one. */
export function isCrowd(texts: readonly string[]): boolean {
  return texts.length >= CROWD || texts.reduce((sum, text) => sum + text.length, 0) >= CROWD_BYTES;
}

/** One TXT record, placed or about to be. */
export interface TxtRecord {
  readonly recordName: string;
  readonly zone: string;
  readonly value: string;
}

/** What one authoritative server showed at last. */
export interface ServerView {
  /** Its name, and where it was asked. Printable. */
  readonly server: string;
  /**
   * `missing`: it answers, but not with all values; `refused`: it does not serve the zone, or fails; `silent`: nothing
   * came back; `unasked`: its address is none that a customer may have us ask.
   */
  readonly saw: 'values' | 'missing' | 'refused' | 'silent' | 'unasked';
}

/** What stood in the way of a record, as it was met; no conclusion drawn. Texts are unescaped. */
export type RecordTrouble =
  /** No zone that we edit holds the record. */
  | { readonly kind: 'no-zone'; readonly recordName: string; readonly why: string }
  /** What edits zones could not say which it rules. */
  | { readonly kind: 'editor-silent'; readonly why: string }
  /** The record is delegated by CNAME to where we write nothing. */
  | { readonly kind: 'delegation'; readonly recordName: string; readonly why: string }
  /** DNS as the world sees it does not lead to the zone. */
  | { readonly kind: 'not-delegated'; readonly zone: string; readonly why: string }
  | {
      readonly kind: 'update-refused';
      readonly zone: string;
      readonly editor: string;
      readonly why: string;
      /** A name at which others' records are in the way: so many that there is no room. */
      readonly crowdedName?: string;
      /** The challenge record whose CNAME chose this place. */
      readonly delegatedFrom?: string;
    }
  | {
      readonly kind: 'not-seen';
      readonly zone: string;
      readonly recordName: string;
      readonly servers: readonly ServerView[];
      readonly waitedMs: number;
    }
  /** Resolvers get no answer about a record that the zone's servers show: as a rule its DNSSEC signatures. */
  | { readonly kind: 'not-resolved'; readonly zone: string; readonly rcode: string }
  /** This server's own resolvers gave no answer about the name. */
  | { readonly kind: 'resolver-silent'; readonly name: string };
