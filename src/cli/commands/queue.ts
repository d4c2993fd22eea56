import type { RunEvent } from '../../core/report/events/event.js';
import { type QueueReport, renderQueueReport } from '../../core/report/queue-report.js';
import { lookAtQueue } from '../../runs/queue/queue-look.js';
import { openQueueLook } from '../host/queue-look.js';

export interface QueueFlags {
  readonly force?: boolean;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

/** Carries out `autossl_check_queue` and gives its exit code. Loads what work needs only when there is some. */
export async function runQueue(flags: QueueFlags): Promise<number> {
  const uid = process.getuid?.() ?? 0;
  const isForced = flags.force === true;
  const { isDue, report } = await lookAtQueue(isForced, openQueueLook(process.env, uid));
  if (!isDue) return tell(report, flags);
  const { openQueueHost } = await import('../host/queue.js');
  const host = await openQueueHost(process.env, uid);
  // Disabled: what pends waits until somebody enables it.
  if (host === null) return tell(report, flags);
  const { checkQueue } = await import('../../runs/queue/check-queue.js');
  const { stopSignal } = await import('../stop-signal.js');
  try {
    const listen = await verboseListener(flags);
    return tell(await checkQueue({ isForced, signal: stopSignal() }, host, listen), flags);
  } finally {
    await host.close();
  }
}

/** Cron's own call says nothing unless something was done. */
function tell(report: QueueReport, { force, json, verbose }: QueueFlags): number {
  if (json === true) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  else process.stdout.write(renderQueueReport(report, force === true || verbose === true));
  return report.exitCode;
}

async function verboseListener({ verbose }: QueueFlags): Promise<(event: RunEvent) => void> {
  if (verbose !== true) return () => undefined;
  const { painter } = await import('../paint.js');
  const { renderText } = await import('../../core/report/text/text.js');
  const paint = painter(process.stderr);
  return (event) => {
    process.stderr.write(`${paint(event.type, renderText(event))}\n`);
  };
}
