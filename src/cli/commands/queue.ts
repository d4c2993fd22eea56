import { AutosslError } from '../../core/domain/autossl-error.js';
import type { RunEvent } from '../../core/report/events/event.js';
import { type QueueReport, renderQueueReport } from '../../core/report/queue-report.js';
import { lookAtQueue } from '../../runs/queue/queue-look.js';
import { openNoticeLook, openQueueLook } from '../host/queue-look.js';

export interface QueueFlags {
  readonly force?: boolean;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

/** Carries out `autossl_check_queue` and gives its exit code. Loads what work needs only when there is some. */
export async function runQueue(flags: QueueFlags): Promise<number> {
  try {
    return await pollQueue(flags);
  } finally {
    await deliverDueMessages(flags);
  }
}

async function pollQueue(flags: QueueFlags): Promise<number> {
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

/**
 * Delivers the messages whose instant has come. It is no part of the queue's result; cron's mail hears of what was given up,
 * once, and of nothing that is tried again.
 */
async function deliverDueMessages({ verbose }: QueueFlags): Promise<void> {
  const uid = process.getuid?.() ?? 0;
  try {
    const { queue, clock } = openNoticeLook(process.env, uid);
    if (!queue.isAnyDue(clock.now())) return;
    const { openNotices } = await import('../host/notices.js');
    const { deliverInTurn } = await import('../../runs/notice/deliver-after-run.js');
    const { stopSignal } = await import('../stop-signal.js');
    const { renderText } = await import('../../core/report/text/text.js');
    for (const event of await deliverInTurn(await openNotices(process.env, uid), stopSignal())) {
      if (verbose === true || event.code === 'NOTICES_GIVEN_UP')
        process.stderr.write(`${renderText(event)}\n`);
    }
  } catch (error) {
    // Settings that cannot be read: every run says so, and ends with it.
    if (!(error instanceof AutosslError)) throw error;
    if (verbose === true) process.stderr.write(`autossl_check_queue: ${error.message}\n`);
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
  const paint = await painter(process.stderr);
  return (event) => {
    process.stderr.write(`${paint(event.type, renderText(event))}\n`);
  };
}
