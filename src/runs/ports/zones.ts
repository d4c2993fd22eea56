/** A record that we added to a zone: `undo/`. At most one for each owner name, type and value. */
export interface ZoneAddition {
  /** Made of name, type and value. */
  readonly id: string;
  readonly name: string;
  readonly type: 'CAA';
  /** As in a zone file. */
  readonly value: string;
  readonly zone: string;
  /** By what the zone was edited. */
  readonly editor: string;
  /** For which website. */
  readonly account: string;
  readonly vhost: string;
  /** One printable sentence. */
  readonly why: string;
  readonly at: string;
  /**
   * `begun`: it may be there or not; `added`: it was added; `undone`: an administrator had it taken away, and it is not
   * added again as long as this is kept.
   */
  readonly state: 'begun' | 'added' | 'undone';
  readonly undoneAt: string | null;
}

export interface ZoneAdditions {
  read(name: string, type: 'CAA', value: string): Promise<ZoneAddition | undefined>;
  /** By name. @throws StateError CORRUPT_RECORD */
  list(): Promise<readonly ZoneAddition[]>;
  /** Durable before it resolves. @throws StateError WRITE_FAILED, NO_SPACE */
  write(addition: Omit<ZoneAddition, 'id'>): Promise<ZoneAddition>;
  forget(addition: ZoneAddition): Promise<void>;
}

/** One change of a zone: a record added, or taken away by its value; other records of the name stay. */
export interface ZoneChange {
  readonly op: 'add' | 'remove';
  /** Owner name, without the final dot; may hold underscores and a first label `*`. */
  readonly name: string;
  readonly type: 'TXT' | 'CAA';
  /** TXT: the text itself, unquoted, at most 255 bytes; CAA: as in a zone file, `0 issue "ca.example"`. */
  readonly value: string;
}

/** Why a name lies in no zone of ours. */
export interface NoZone {
  readonly fault: string;
  /** Set when an editor could not say what it rules: there may be one. */
  readonly isUnsure?: true;
}

/** A zone that this server may edit. */
export interface EditableZone {
  /** Apex, without the final dot. */
  readonly apex: string;
  readonly editor: string;
}

/**
 * Changes the zones that this server rules (design 5.12; RFC 2136, an HTTP API, or a hook). What a name server answers is a
 * value. Values outside of the bounds MUST be refused before anything is sent.
 */
export interface ZoneEditor {
  /** The closest zone of ours that holds the name, or why there is none: “no local authority”. MUST NOT throw for DNS's sake. */
  zoneOf(name: string): Promise<EditableZone | NoZone>;
  /** Whether `change` takes this type of record: in this zone, or in any. */
  canEdit(type: ZoneChange['type'], zone?: EditableZone): boolean;
  /** All or none where the server can. MUST be safe to repeat. TTL is the editor's. */
  change(zone: EditableZone, changes: readonly ZoneChange[]): Promise<ZoneCheck>;
}

/** `isDenied`: the server knows us and lets us in, but its policy has no such change for us. */
export type ZoneCheck =
  | { readonly ok: true }
  | { readonly ok: false; readonly why: string; readonly isDenied?: true };
