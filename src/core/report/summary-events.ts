import type { RunEvent } from './event.js';
import { counted, daysFrom, quoted } from './wording.js';

interface RunFacts {
  readonly counts: {
    readonly accounts: number;
    readonly websites: number;
    readonly foreign: number;
    readonly installed: number;
    readonly pending: number;
  };
  readonly problems: readonly { readonly fault: 'ours' | 'owner' }[];
}

/** The closing lines of a run: what was done, what stays foreign, who must act. */
export function runFinished(
  { counts, problems }: RunFacts,
  firstForeignExpiry: { readonly vhost: string; readonly notAfter: Date } | null,
  now: Date,
): RunEvent[] {
  const events: RunEvent[] = [];
  if (counts.foreign > 0 && firstForeignExpiry !== null) {
    events.push({
      type: 'out',
      code: 'FOREIGN_CERTIFICATES',
      indent: 0,
      contents: `${counted(counts.foreign, 'website')} with a certificate that AutoSSL did not issue; the first to expire is ${quoted(firstForeignExpiry.vhost)}, ${firstForeignExpiry.notAfter.toISOString()} ${daysFrom(now, firstForeignExpiry.notAfter)}.`,
    });
  }
  const ours = problems.filter(({ fault }) => fault === 'ours').length;
  const owners = problems.length - ours;
  events.push({
    type: ours > 0 ? 'error' : 'success',
    code: 'RUN_FINISHED',
    indent: 0,
    contents: summaryLine(counts, ours, owners),
    data: { counts, problems: { ours, owners } },
  });
  return events;
}

/** One sentence that stands for the run on a terminal and in a mail from cron. */
export function summaryLine(counts: RunFacts['counts'], ours: number, owners: number): string {
  const looked = `${counted(counts.websites, 'website')} of ${counted(counts.accounts, 'user')} checked`;
  const done = [
    counts.installed > 0 ? `${counted(counts.installed, 'certificate')} installed` : null,
    counts.pending > 0 ? `${counted(counts.pending, 'order')} pending` : null,
    ours > 0 ? `${counted(ours, 'fault')} on this side` : null,
  ].filter((part) => part !== null);
  const duties = owners > 0 ? [`${counted(owners, 'finding')} for the owners`] : [];
  return `${looked}: ${[...(done.length > 0 ? done : ['nothing to do']), ...duties].join(', ')}.`;
}
