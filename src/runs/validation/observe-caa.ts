import { caaNamesToAsk } from '../../core/caa/climb.js';
import type { CaaLookup, CaaObservation } from '../../core/caa/observation.js';
import type { WantedName } from '../../core/domain/name/names.js';

/**
 * Climbs from a name to the first domain that has CAA records (RFC 8659 section 3). A lookup that fails ends the climb: it
 * may have hidden records. @throws the signal's reason
 */
export async function observeCaa(
  name: WantedName,
  ask: (name: string) => Promise<CaaLookup>,
  signal?: AbortSignal,
): Promise<CaaObservation> {
  const path: CaaLookup[] = [];
  for (const one of caaNamesToAsk(name)) {
    signal?.throwIfAborted();
    const lookup = await ask(one);
    path.push(lookup);
    if (lookup.state === 'failed' || lookup.records.length > 0) break;
  }
  return { name, path };
}
