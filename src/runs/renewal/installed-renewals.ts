import { parseAccountName } from '../../core/domain/account/account-name.js';
import { AutosslError } from '../../core/domain/autossl-error.js';
import type { Website } from '../../core/domain/website/website.js';
import type { DueWebsite } from '../../core/plan/due-website.js';
import { withInstalled } from '../../core/plan/renewal/installed-website.js';
import { installedIn } from '../../core/report/check/installed.js';
import type { CheckHost } from '../check/check-host.js';
import { changeDue, instantsOf } from '../check/note-due.js';
import type { RunRecorder } from '../check/run-recorder.js';
import { judgeWebsite } from '../judging/judge-website.js';
import { pendingOrders } from '../order/pending-orders.js';

/** No renewal of ours begins before so much of the life that is left is over: what lives longer need not be looked at. */
const EARLIEST_RENEWAL_SHARE = 1 / 4;

type InstalledHost = Pick<CheckHost, 'accounts' | 'orders' | 'clock' | 'settings'> &
  Parameters<typeof judgeWebsite>[2];

/**
 * The renewals of what was installed in this run or turn that begin before `until`, each at its own instant: certificates may live
 * shorter than it takes until the next run. What cannot be judged is left to that run.
 */
export async function renewalsOfInstalled(
  until: Date,
  host: InstalledHost,
  recorder: Pick<RunRecorder, 'notable' | 'logStartedAtOf'>,
): Promise<readonly DueWebsite[]> {
  const now = host.clock.now().getTime();
  const short = installedIn(recorder.notable).filter(({ service, notAfter }) => {
    const leftMs = new Date(notAfter).getTime() - now;
    return service === undefined && now + leftMs * EARLIEST_RENEWAL_SHARE <= until.getTime();
  });
  if (short.length === 0) return [];
  const pending = await pendingOrders(host);
  const vhosts = new Set(short.map(({ vhost }) => vhost));
  const found: DueWebsite[] = [];
  for (const account of new Set(short.map((one) => one.account))) {
    const inventory = await host.accounts.read(parseAccountName(account));
    if (inventory?.state !== 'ready') continue;
    for (const website of inventory.websites.filter(({ vhost }) => vhosts.has(vhost))) {
      const due = await renewalOf(website, pending, until, host);
      if (due !== null) found.push({ ...due, logStartedAt: recorder.logStartedAtOf(website.vhost) });
    }
  }
  return found;
}

/** Notes the same in the due index, as the poller does at the end of a turn. @throws StateError */
export async function noteInstalled(
  host: InstalledHost & Pick<CheckHost, 'due' | 'locks'>,
  recorder: Pick<RunRecorder, 'notable' | 'logStartedAtOf'>,
): Promise<void> {
  const installed = installedIn(recorder.notable).filter(({ service }) => service === undefined);
  if (installed.length === 0) return;
  const { until } = host.due.read();
  const now = host.clock.now().getTime();
  const isForeseen = until !== null && Date.parse(until) > now;
  const horizon = isForeseen ? new Date(until) : new Date(now + host.settings.intervalMs);
  const renewals = await renewalsOfInstalled(horizon, host, recorder);
  const names = new Set(installed.map(({ vhost }) => vhost));
  await changeDue(host, (index) => withInstalled(index, names, renewals));
}

async function renewalOf(
  website: Website,
  pending: Awaited<ReturnType<typeof pendingOrders>>,
  until: Date,
  host: InstalledHost,
): Promise<Omit<DueWebsite, 'logStartedAt'> | null> {
  try {
    const { evaluation, action } = await judgeWebsite(website, { isReissueAsked: false, pending }, host);
    const { ownership, renewal } = evaluation;
    if (ownership !== 'ours' || renewal === null || renewal.dueAt > until) return null;
    if (action.kind === 'await-order') return null;
    const { account, vhost } = website;
    return { account, vhost, ...instantsOf(renewal.dueAt, renewal.emergencyAt) };
  } catch (error) {
    if (error instanceof AutosslError) return null;
    throw error;
  }
}
