import type { ServiceName } from '../../../core/domain/service/service-name.js';
import {
  judgeLiveness,
  type ServerCheck,
  type ServerLiveness,
} from '../../../core/plan/install/install-liveness.js';
import { serviceFailed } from '../../../core/report/events/service-events.js';
import { serviceRestarted } from '../../../core/report/services/change-events.js';
import type {
  ServiceChange,
  ServiceChangeState,
  ServicesChangeReport,
} from '../../../core/report/services/change-report.js';
import type { WebServer } from '../../ports/installation.js';
import type { ServerService } from '../services-host.js';
import { changeServices, type ManageCall, type ManageSession } from './manage-session.js';

/**
 * Restarts the daemons of services, and says whether they live: ended and started where somebody knows how, else told to take
 * their configuration anew (a panel's web server always). One whose configuration does not pass its test is left alone.
 * @throws UsageError BAD_ARGUMENT; StateError LOCKED
 */
export async function restartServices(
  names: readonly ServiceName[],
  call: ManageCall,
): Promise<ServicesChangeReport> {
  const done = await changeServices('restart', names, call, async (session) => {
    const changes: ServiceChange[] = [];
    for (const service of session.services) changes.push(await restartOne(service, session));
    return changes;
  });
  const { hostname } = call.host.settings;
  const common = { schemaVersion: 1, command: 'restart', hostname, certificate: null } as const;
  return { ...common, ...done, refusals: [], warnings: [] };
}

async function restartOne(
  service: ServerService,
  { recorder, signal }: ManageSession,
): Promise<ServiceChange> {
  const { name, install } = service;
  const daemon = service.describe();
  const lock = await install.locks.acquire(install.lockName, `restart of ${name}`, signal);
  try {
    await lock.assertHeld();
    const debt = await install.debt.begin();
    let state: ServiceChangeState = 'unchanged';
    for (const server of install.webServers()) {
      const outcome = await restartServer(server);
      ({ state } = outcome);
      if ('code' in outcome) {
        const { code, message, advice } = outcome;
        recorder.record(serviceFailed(name, code, message, advice));
        return { service: name, daemon, state, code, message, advice };
      }
    }
    await debt.settle();
    const change = { service: name, daemon, state, code: null, message: null, advice: null };
    recorder.record(serviceRestarted(change));
    return change;
  } finally {
    await lock.release();
  }
}

type RestartOutcome =
  | { readonly state: 'restarted' | 'reloaded' | 'started' }
  | {
      readonly state: 'unchanged' | 'dead';
      readonly code: string;
      readonly message: string;
      readonly advice: string;
    };

async function restartServer(server: WebServer): Promise<RestartOutcome> {
  const test = await server.testConfig();
  if (!test.ok) {
    const message = `${server.describe()} does not pass the test of its configuration: ${test.why}`;
    return { state: 'unchanged', code: 'CONFIG_BROKEN_BEFORE', message, advice: 'Repair it first.' };
  }
  const before = await server.liveness();
  const { state, check } = await begin(server, before);
  const now = await server.liveness();
  const faults = [check, liveness(before, now, state)].flatMap((one) => (one.ok ? [] : [one.why]));
  if (faults.length === 0) return { state };
  const message = `${server.describe()}: ${[...new Set(faults)].join('; ')}`;
  const isDead = now.isAlive === false;
  return {
    state: isDead ? 'dead' : 'unchanged',
    code: isDead ? 'SERVER_DIED' : 'RESTART_FAILED',
    message,
    advice: 'Look into its error log.',
  };
}

async function begin(
  server: WebServer,
  before: ServerLiveness,
): Promise<{ readonly state: 'restarted' | 'reloaded' | 'started'; readonly check: ServerCheck }> {
  if (before.isAlive === false) return { state: 'started', check: await server.start() };
  if (server.restart !== undefined) return { state: 'restarted', check: await server.restart() };
  return { state: 'reloaded', check: await server.reload() };
}

/** Another process is what a restart is for. */
function liveness(
  before: ServerLiveness,
  after: ServerLiveness,
  state: 'restarted' | 'reloaded' | 'started',
): ServerCheck {
  const isAnother = state !== 'reloaded';
  const former = isAnother ? { ...before, masterPid: null, startToken: null } : before;
  return judgeLiveness(former, after, 'service');
}
