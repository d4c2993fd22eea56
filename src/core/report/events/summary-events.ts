import { counted, daysFrom, quoted } from '../text/wording.js';
import type { RunEvent } from './event.js';

interface RunFacts {
  readonly counts: {
    readonly accounts: number;
    readonly websites: number;
    readonly foreign: number;
    readonly installed: number;
    readonly pending: number;
    readonly waiting: number;
  };
  readonly faults: readonly unknown[];
  readonly problems: readonly { readonly fault: 'ours' | 'owner' }[];
}

/** The closing lines of a run: what was done, what stays foreign, who must act. */
export function runFinished(
  facts: RunFacts,
  firstForeignExpiry: { readonly vhost: string; readonly notAfter: Date } | null,
  now: Date,
): RunEvent[] {
  const { counts } = facts;
  const events: RunEvent[] = [];
  if (counts.foreign > 0 && firstForeignExpiry !== null) {
    events.push({
      type: 'out',
      code: 'FOREIGN_CERTIFICATES',
      indent: 0,
      contents: `${counted(counts.foreign, 'website')} with a certificate that AutoSSL did not issue; the first to expire is ${quoted(firstForeignExpiry.vhost)}, ${firstForeignExpiry.notAfter.toISOString()} ${daysFrom(now, firstForeignExpiry.notAfter)}.`,
    });
  }
  const { ours, owners } = faultsIn(facts);
  events.push({
    type: ours > 0 ? 'error' : 'success',
    code: 'RUN_FINISHED',
    indent: 0,
    contents: summaryLine(facts),
    data: { counts, problems: { ours, owners } },
  });
  return events;
}

/** One sentence that stands for the run on a terminal and in a mail from cron. */
export function summaryLine(facts: RunFacts): string {
  const { counts } = facts;
  const { ours, owners } = faultsIn(facts);
  const looked = `${counted(counts.websites, 'website')} of ${counted(counts.accounts, 'user')} checked`;
  const done = [
    counts.installed > 0 ? `${counted(counts.installed, 'certificate')} installed` : null,
    counts.pending > 0 ? `${counted(counts.pending, 'order')} pending` : null,
    counts.waiting > 0 ? `${counted(counts.waiting, 'website')} waiting` : null,
    ours > 0 ? `${counted(ours, 'fault')} on this side` : null,
  ].filter((part) => part !== null);
  const duties = owners > 0 ? [`${counted(owners, 'finding')} for the owners`] : [];
  return `${looked}: ${[...(done.length > 0 ? done : ['nothing to do']), ...duties].join(', ')}.`;
}

function faultsIn({ faults, problems }: RunFacts): { readonly ours: number; readonly owners: number } {
  const owners = problems.filter(({ fault }) => fault === 'owner').length;
  return { ours: faults.length + problems.length - owners, owners };
}
