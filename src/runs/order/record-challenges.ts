import { challengeValueOf } from '../../core/dcv/dns-challenge.js';
import type { RecordTrouble } from '../../core/dcv/dns-observation.js';
import { judgeRecordTrouble } from '../../core/dcv/judge-dns.js';
import { AutosslError } from '../../core/domain/autossl-error.js';
import type { WantedName } from '../../core/domain/name/names.js';
import type { FailedName } from '../../core/order/names-to-drop.js';
import type { PlacedRecord } from '../../core/order/record.js';
import type { DnsChallengeSolver } from '../ports/challenges.js';
import { inParallel } from './order-parallel.js';

const NO_EDITORS = 'no zone is edited from here';

/** What each name's TXT record holds, and where it goes. `content`: the key authorization. */
export async function locateRecords(
  challenges: readonly { readonly name: WantedName; readonly content: string }[],
  dns: DnsChallengeSolver | null,
  signal?: AbortSignal,
): Promise<{
  readonly located: readonly (PlacedRecord & { readonly content: string })[];
  readonly failed: readonly FailedName[];
}> {
  const located: (PlacedRecord & { content: string })[] = [];
  const failed: FailedName[] = [];
  await inParallel(challenges, async ({ name, content }) => {
    const place: Awaited<ReturnType<DnsChallengeSolver['locate']>> =
      dns === null ? { kind: 'no-zone', recordName: name, why: NO_EDITORS } : await dns.locate(name, signal);
    if ('kind' in place) {
      failed.push(failedName(name, place));
      return;
    }
    const { recordName, zone } = place;
    located.push({ name, method: 'dns-01', recordName, zone, value: challengeValueOf(content), content });
  });
  return { located, failed };
}

/** Places the records of an order, all before any is waited for; gives those that DNS does not show. */
export async function presentRecords(
  records: readonly PlacedRecord[],
  dns: DnsChallengeSolver | null,
  signal?: AbortSignal,
): Promise<readonly FailedName[]> {
  const presented = (await dns?.present(records, signal)) ?? [];
  return presented.flatMap(({ zone, trouble }) =>
    trouble === null
      ? []
      : records.filter((record) => record.zone === zone).map(({ name }) => failedName(name, trouble)),
  );
}

/** Takes them away; gives one printable line for each zone where they stay. */
export async function cleanUpRecords(
  records: readonly PlacedRecord[],
  dns: DnsChallengeSolver | null,
): Promise<readonly string[]> {
  if (records.length === 0) return [];
  if (dns === null) {
    const names = [...new Set(records.map(({ recordName }) => recordName))];
    return [`TXT records of ours stay in DNS (${names.join(', ')}): ${NO_EDITORS}`];
  }
  try {
    return await dns.cleanUp(records);
  } catch (error) {
    if (!(error instanceof AutosslError)) throw error;
    return [`TXT records of ours may stay in DNS: ${error.message}`];
  }
}

function failedName(name: string, trouble: RecordTrouble): FailedName {
  const { code, message, fault } = judgeRecordTrouble(trouble);
  return { name, code, detail: message, fault };
}
