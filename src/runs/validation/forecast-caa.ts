import { judgeCaa } from '../../core/caa/judge.js';
import { planMending } from '../../core/caa/mending.js';
import type { CaaRefusal } from '../../core/caa/outcome.js';
import type { Website } from '../../core/domain/website/website.js';
import { caaForbids, caaRecordWouldBeAdded } from '../../core/report/events/caa-events.js';
import type { CheckHost } from '../check/check-host.js';
import type { RunRecorder } from '../check/run-recorder.js';
import type { WebsiteWork } from '../check/survey-websites.js';
import { usualMethod } from './caa-checking.js';
import { observeCaa } from './observe-caa.js';
import { ownNamesOf } from './own-names.js';

/**
 * Reads the CAA records of the names that a run would order for, and says which it would leave out and which record it would
 * add; adds none. The CA is not asked: its identities are those that are built in, and no account is judged.
 */
export async function forecastCaa(
  work: readonly WebsiteWork[],
  host: CheckHost,
  recorder: RunRecorder,
): Promise<void> {
  const identities = host.provider.caaIdentities;
  if (host.settings.preflight === 'off' || identities.length === 0) return;
  const { default: PQueue } = await import('p-queue');
  const queue = new PQueue({ concurrency: host.settings.concurrentOrders });
  const ordered = work.filter(({ action }) => action.kind === 'request' || action.kind === 'replace');
  await queue.addAll(ordered.map((one) => () => forecastWebsite(one, identities, host, recorder)));
}

async function forecastWebsite(
  { website, action }: WebsiteWork,
  identities: readonly string[],
  host: CheckHost,
  recorder: RunRecorder,
): Promise<void> {
  const announced = new Set<string>();
  for (const name of action.names) {
    const observation = await observeCaa(name, (one) => host.caa.resolver.caaAt(one));
    const outcome = judgeCaa(observation, { identities, accountUrl: null, methods: [usualMethod(name)] });
    if (outcome.isAllowed) continue;
    const added = await recordToAdd(website, outcome, host);
    if (added === null) {
      recorder.record(...caaForbids(website, outcome, 'forecast', null));
    } else if (!announced.has(added.line)) {
      announced.add(added.line);
      recorder.record(caaRecordWouldBeAdded(website, added));
    }
  }
}

/** The record that a run would add for this refusal, and the zone; null: none. */
export async function recordToAdd(
  website: Website,
  refusal: CaaRefusal,
  { caa, accounts }: Pick<CheckHost, 'caa' | 'accounts'>,
): Promise<{ readonly line: string; readonly zone: string } | null> {
  if (caa.mode === 'report' || caa.zones === null) return null;
  const mending = planMending(refusal, await ownNamesOf(website, accounts));
  if (mending.kind === 'leave') return null;
  const { name, value, line } = mending.addition;
  const zone = await caa.zones.zoneOf(name);
  if ('fault' in zone || !caa.zones.canEdit('CAA', zone)) return null;
  if ((await caa.additions.read(name, 'CAA', value))?.state === 'undone') return null;
  if ((await caa.resolver.standingOf(zone.apex, name)) !== 'own') return null;
  return { line, zone: zone.apex };
}
