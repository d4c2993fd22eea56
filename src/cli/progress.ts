import type { RunEvent } from '../core/report/events/event.js';

/** A progress line on stderr, on terminals only; `listen` is fed with every event of the run. */
export interface Progress {
  listen(event: RunEvent): void;
  close(): void;
}

const NO_PROGRESS: Progress = { listen: () => undefined, close: () => undefined };

/** Bars for the two phases of a run (looking, working); nothing unless `isWanted` and stderr is a terminal. */
export async function openProgress(isWanted: boolean): Promise<Progress> {
  if (!isWanted || process.stderr.isTTY !== true) return NO_PROGRESS;
  const { default: cliProgress } = await import('cli-progress');
  const bar = new cliProgress.SingleBar({
    format: '{phase} [{bar}] {value}/{total} {website}',
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
  });
  let planned = 0;
  let isWorking = false;
  return {
    listen(event) {
      if (event.code === 'PLANNED') planned += 1;
      if (event.code === 'VALIDATION_STARTED' && !isWorking) {
        isWorking = true;
        bar.start(planned, 0, { phase: 'certificates', website: '' });
      }
      if (isWorking && WEBSITE_DONE.has(event.code)) bar.increment(1, { website: event.vhost ?? '' });
    },
    close() {
      bar.stop();
    },
  };
}

/** Events after which a website of the plan is finished for this run. */
const WEBSITE_DONE = new Set([
  'CERTIFICATE_INSTALLED',
  'ORDER_PENDING',
  'TOTAL_DCV_FAILURE',
  'NO_UNSECURED_DOMAIN_PASSED_DCV',
  'SECURED_DOMAIN_DCV_FAILURE',
  'PROVIDER_LIMIT_BELOW_SECURED',
]);

/** A count on stderr, on terminals only, of what nobody knows the total of. */
export interface Counter {
  increment(): void;
  close(): void;
}

/** How often the count is shown, in steps: more only costs time. */
const STEPS_SHOWN = 50;
const CLEAR_LINE = '\r\u001b[K';

export function openCounter(what: string): Counter {
  if (process.stderr.isTTY !== true) return { increment: () => undefined, close: () => undefined };
  let count = 0;
  return {
    increment() {
      count += 1;
      if (count % STEPS_SHOWN === 0) process.stderr.write(`${CLEAR_LINE}${count} ${what}`);
    },
    close() {
      process.stderr.write(CLEAR_LINE);
    },
  };
}
