import { printable } from '../../core/domain/names.js';
import { runFailed } from '../../core/report/work-events.js';
import type { CheckHost } from './check-host.js';
import type { RunRecorder } from './run-recorder.js';

/** One reload after a batch of certificates; a failure is a fault of this run, the files stay. */
export async function reloadServer(host: CheckHost, recorder: RunRecorder): Promise<void> {
  const lock = await host.locks.acquire('install:web', 'reload of the web server');
  try {
    const outcome = await host.installer.reload();
    if (outcome === undefined) {
      recorder.record({
        type: 'warn',
        code: 'NO_RELOAD_COMMAND',
        indent: 0,
        contents:
          'New certificates are in place; no reload command is set, so the web server must be reloaded by other means (webServer.reloadCommand in /etc/autossl.yaml).',
      });
    } else if (outcome.ok) {
      recorder.record({
        type: 'success',
        code: 'SERVER_RELOADED',
        indent: 0,
        contents: 'The web server was reloaded.',
      });
    } else {
      recorder.record(
        runFailed(
          'RELOAD_FAILED',
          `The web server's reload failed: ${printable(outcome.why)}.`,
          'The new certificates are on disk and not yet in use.',
        ),
      );
    }
  } finally {
    await lock.release();
  }
}
