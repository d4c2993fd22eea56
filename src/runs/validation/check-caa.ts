import type { CaaRefusal } from '../../core/caa/outcome.js';
import type { Website } from '../../core/domain/website/website.js';
import type { WeighedName } from '../../core/plan/unsure-names.js';
import { type CaaFate, caaForbids, caaPermits } from '../../core/report/events/caa-events.js';
import type { CheckHost } from '../check/check-host.js';
import type { RunRecorder } from '../check/run-recorder.js';
import type { OrderDesk } from '../order/order-desk.js';
import { CaaChecking } from './caa-checking.js';

/**
 * Names that CAA forbids our CA are failed before they cost an order, as the setting `preflight` says: `gate` leaves them
 * out, `advise` only says so, `off` asks nothing. Where the zone is ours the missing record is added. Names that failed
 * already are not asked for. @throws the signal's reason; StateError when what is added cannot be journalled
 */
export async function checkCaa(
  website: Website,
  weighed: readonly WeighedName[],
  desk: OrderDesk,
  host: CheckHost,
  recorder: RunRecorder,
  signal: AbortSignal,
): Promise<WeighedName[]> {
  const mode = host.settings.preflight;
  const issuer = desk.caaIssuer;
  if (mode === 'off' || issuer.identities.length === 0) return [...weighed];
  const dnsPreflight = () => desk.dnsPreflight();
  const checking = new CaaChecking(website, { issuer, host, recorder, signal, dnsPreflight });
  const checked = await checking.run(weighed.filter(({ passed }) => passed));
  return weighed.map((one) => {
    const verdict = checked.get(one.name);
    if (verdict === undefined) return one;
    const { outcome, remark, method } = verdict;
    if (outcome.isAllowed) {
      recorder.record(...caaPermits(website, outcome));
      return method === undefined ? one : { ...one, method };
    }
    const fate = mode === 'gate' ? gateFate(one, outcome, website.account, desk) : 'ordered';
    recorder.record(...caaForbids(website, outcome, fate, remark));
    if (fate === 'ordered') return one;
    if (fate === 'unsure') return { ...one, isUnsure: true };
    if (one.isUnsure) desk.releaseUnsure(website.account, 1);
    return { name: one.name, passed: false, isUnsure: false, fault: outcome.fault };
  });
}

/** What this view cannot tell for sure is ordered from the same small budget as other such names. */
function gateFate(one: WeighedName, { isConclusive }: CaaRefusal, account: string, desk: OrderDesk): CaaFate {
  if (isConclusive) return 'left-out';
  if (one.isUnsure) return 'unsure';
  return desk.reserveUnsure(account, 1) === 1 ? 'unsure' : 'unsure-limit';
}
