import { StateError } from '../core/domain/autossl-error.js';
import { MAX_CLOCK_OFFSET_MS } from '../core/plan/mass-change.js';
import { deadlineIn } from './deadline.js';
import type { Clock } from './ports/clock.js';
import type { HeldLock } from './ports/locks.js';

/**
 * How often a run compares the two clocks, and looks whether its lock is its own, in ms. Its own time is right meanwhile, and what
 * it works on has locks of its own.
 */
const LOOK_EVERY_MS = 1000;

/**
 * Aborts when the run must take no more work: it was told to stop, its deadline is reached, its lock is gone (LOCK_LOST) or
 * the wall clock was set by more than an hour (CLOCK_JUMPED): what others write then, and what the CA's certificate is
 * judged by, has another time than this run.
 */
export function runSignal(
  stop: AbortSignal,
  lock: Pick<HeldLock, 'signal' | 'assertHeld'>,
  host: { readonly clock: Clock; readonly settings: { readonly deadlineMs: number } },
): AbortSignal {
  const deadline = deadlineIn(host.settings.deadlineMs);
  return AbortSignal.any([stop, lock.signal, lossSignal(lock), deadline.signal, jumpSignal(host.clock)]);
}

/** The lock's own signal comes when it is refreshed, which is seldom. Its timer is as `jumpSignal`'s. */
function lossSignal({ assertHeld }: Pick<HeldLock, 'assertHeld'>): AbortSignal {
  const controller = new AbortController();
  const timer = setInterval(() => {
    assertHeld().catch((error: unknown) => {
      clearInterval(timer);
      controller.abort(error);
    });
  }, LOOK_EVERY_MS);
  timer.unref();
  return controller.signal;
}

/** Its timer keeps no process alive, and the signal from the garbage collector. */
function jumpSignal({ aheadMs }: Clock): AbortSignal {
  const controller = new AbortController();
  if (aheadMs === undefined) return controller.signal;
  const before = aheadMs();
  const timer = setInterval(() => {
    const jumpMs = aheadMs() - before;
    if (Math.abs(jumpMs) <= MAX_CLOCK_OFFSET_MS) return;
    clearInterval(timer);
    controller.abort(clockJumped(jumpMs));
  }, LOOK_EVERY_MS);
  timer.unref();
  return controller.signal;
}

function clockJumped(jumpMs: number): StateError {
  const minutes = Math.round(Math.abs(jumpMs) / 60_000);
  const words = `the clock was set ${minutes} minutes ${jumpMs > 0 ? 'forward' : 'back'} while this ran; nothing more is ordered`;
  return new StateError('CLOCK_JUMPED', words, {
    advice: 'Check the clock; the next run goes on with what waits.',
  });
}
