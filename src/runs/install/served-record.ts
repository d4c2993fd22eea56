import { printable } from '../../core/domain/name/names.js';
import type { WebsiteRef } from '../../core/domain/website/website.js';
import type { ServedRecord } from '../../core/plan/served/served-record.js';
import type { InstallMember, ServedProof } from './install-ports.js';

/** A record holds the first of many names: enough to recognise a certificate. */
const NAMES_KEPT = 10;

/** What is kept of a website's proof: the names wanted, issued and served. `proof` null: nobody could be asked. */
export function servedRecordOf(
  website: WebsiteRef,
  wanted: readonly string[],
  leaf: InstallMember['leaf'],
  proof: ServedProof | null,
  now: Date,
): ServedRecord {
  const verdict = proof?.verdict;
  const wrong = verdict !== undefined && !verdict.served ? verdict : null;
  return {
    account: website.account,
    vhost: website.vhost,
    wanted,
    issued: {
      fingerprint: leaf.fingerprint,
      names: leaf.dnsNames.map(printable),
      notAfter: leaf.notAfter.toISOString(),
    },
    served: {
      at: now.toISOString(),
      state: verdict === undefined ? 'unknown' : verdict.served ? 'served' : 'not-served',
      code: wrong?.code ?? null,
      message: wrong?.message ?? null,
      advice: wrong?.advice ?? null,
      places: (proof?.observations ?? []).map(({ name, address, port, observation }) => ({
        name,
        address,
        port,
        fingerprint: observation.fingerprint,
        names: observation.names.slice(0, NAMES_KEPT).map(printable),
        error: observation.error === null ? null : printable(observation.error),
      })),
      namesWithoutSite: proof?.namesWithoutSite ?? [],
    },
  };
}
