import type { CaaResolver } from '../ports/looks.js';
import type { ZoneAdditions, ZoneEditor } from '../ports/zones.js';

/** What judging and mending CAA records needs of the world. */
export interface CaaHost {
  readonly resolver: CaaResolver;
  /** Null: this server edits no zones. */
  readonly zones: ZoneEditor | null;
  readonly additions: ZoneAdditions;
  /** `fix`: a missing record is added where the zone is ours. */
  readonly mode: 'fix' | 'report';
}
