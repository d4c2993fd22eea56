import { judgeLiveness, type ServerCheck } from '../../core/plan/install-liveness.js';
import type { WebServer } from '../ports.js';

/**
 * Makes every web server use what was published: tests its configuration first (a broken one is never reloaded), reloads,
 * and looks whether it lived through it; one that died is started again. One server never keeps another from its
 * reload. Undefined when there is no server to reload.
 */
export async function reloadServers(servers: readonly WebServer[]): Promise<ServerCheck | undefined> {
  if (servers.length === 0) return undefined;
  const faults: string[] = [];
  for (const server of servers) {
    const outcome = await reloadServer(server);
    if (!outcome.ok) faults.push(outcome.why);
  }
  return faults.length === 0 ? { ok: true } : { ok: false, why: faults.join('; ') };
}

async function reloadServer(server: WebServer): Promise<ServerCheck> {
  const test = await server.testConfig();
  if (!test.ok) return { ok: false, why: `its configuration does not pass its own test: ${test.why}` };
  const before = await server.liveness();
  const reload = await server.reload();
  const after = await server.liveness();
  const faults = [reload, judgeLiveness(before, after)].flatMap((check) => (check.ok ? [] : [check.why]));
  if (faults.length === 0) return { ok: true };
  // A server that somebody had stopped stays stopped.
  if (after.isAlive === false && before.isAlive !== false) {
    const start = await server.start();
    faults.push(start.ok ? 'it was started again' : `it could not be started again: ${start.why}`);
  }
  return { ok: false, why: faults.join('; ') };
}
