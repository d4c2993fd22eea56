import type { ProviderChoice } from './choice.js';
import type { ProviderDescription } from './description.js';
import type { Usability } from './usability.js';

/** A provider as it stands on this server. */
export interface ProviderStanding {
  readonly provider: ProviderDescription;
  readonly isActive: boolean;
  /** Its place among those that stand in for the active one, from 1 on; null: it does not. */
  readonly fallbackPlace: number | null;
  /** ISO instant since which it could not be used, every time it was tried; null: it answered last. */
  readonly downSince: string | null;
  /** What was said about it; null: nothing. */
  readonly choice: ProviderChoice | null;
  /** URL of our account there; null: we have none. */
  readonly accountUrl: string | null;
  readonly usability: Usability;
}

/** A third party's provider that cannot be used. */
export interface BrokenProvider {
  readonly name: string;
  /** One printable clause. */
  readonly why: string;
}
