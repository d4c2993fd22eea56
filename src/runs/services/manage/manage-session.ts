import { SERVER_OWNER } from '../../../core/domain/account/hostname-owner.js';
import { StateError, UsageError } from '../../../core/domain/autossl-error.js';
import { judgeHostname } from '../../../core/domain/name/hostname.js';
import type { ServiceName } from '../../../core/domain/service/service-name.js';
import { exitCodeFor, runFaultsOf } from '../../../core/report/check/tally.js';
import type { RunEvent } from '../../../core/report/events/event.js';
import {
  servicesChangeFinished,
  servicesChangeStarted,
} from '../../../core/report/services/change-events.js';
import type { ServiceChange, ServicesCommand } from '../../../core/report/services/change-report.js';
import { RunRecorder } from '../../check/run-recorder.js';
import { endLog } from '../../log/log-end.js';
import { openLog } from '../../log/unwritten-log.js';
import type { HeldLock } from '../../ports/locks.js';
import type { FoundServices, ServerService } from '../services-host.js';
import { lockOrRefuse, lockServices } from '../services-lock.js';
import { type ServerName, serverNameOf } from '../survey-services.js';
import type { ManageHost, ServicesLook } from './manage-host.js';

/** What an administrator asks for, and who listens meanwhile. */
export interface ManageCall {
  readonly host: ManageHost;
  /** Told every line of the log as it is written. */
  readonly listen: (event: RunEvent) => void;
  readonly signal: AbortSignal;
}

/** Services that may be changed now: nobody else does, and everything is logged. */
export interface ManageSession {
  readonly hostname: ServerName;
  /** Those that were named, in that order. */
  readonly services: readonly ServerService[];
  readonly recorder: RunRecorder;
  /** Of the hostname: who orders or installs for it waits. */
  readonly lock: HeldLock;
  readonly signal: AbortSignal;
}

/** What was done under one log. */
export interface LoggedChanges {
  readonly log: string;
  readonly exitCode: number;
  readonly services: readonly ServiceChange[];
  readonly faults: readonly { readonly code: string; readonly message: string }[];
}

/** In the log's `provider`: no certificate is ordered. */
const NO_PROVIDER = 'none';

/** The server's hostname, as its certificates are judged by. */
export function serverNameIn({ settings, isPublicAuthority }: ServicesLook): ServerName {
  return serverNameOf(settings.hostname, judgeHostname(settings.hostname, { isPublic: isPublicAuthority }));
}

/** Those of the services that are named, each once. @throws UsageError BAD_ARGUMENT when one is not on this server */
export function namedServices(
  names: readonly ServiceName[],
  { services, absent }: FoundServices,
): readonly ServerService[] {
  return [...new Set(names)].map((name) => {
    const found = services.find((one) => one.name === name);
    if (found !== undefined) return found;
    const why = absent.find((one) => one.name === name)?.why ?? 'not installed';
    throw new UsageError('BAD_ARGUMENT', `this server has no service ${name}: ${why}`);
  });
}

/**
 * Does something to services while nobody else changes their certificates, under a log of its own; never beside
 * checkallsslcerts or the poller. Of one that is told to stop, what is done stays done.
 * @throws UsageError BAD_ARGUMENT (a service that is not here); StateError LOCKED
 */
export async function changeServices(
  command: ServicesCommand,
  names: readonly ServiceName[],
  { host, listen, signal }: ManageCall,
  task: (session: ManageSession) => Promise<readonly ServiceChange[]>,
): Promise<LoggedChanges> {
  const note = `autossl services ${command}`;
  const hostname = serverNameIn(host);
  const run = await lockServices(host.locks, note);
  try {
    const lock = await lockOrRefuse(host.locks, `website:${hostname.name}`, note);
    try {
      const services = namedServices(names, await host.findServices());
      await host.tidy();
      const facts = { provider: NO_PROVIDER, username: SERVER_OWNER };
      const recorder = new RunRecorder(await openLog(() => host.openJournal(facts)), listen);
      try {
        const { root, settings } = host;
        const named = services.map(({ name }) => name);
        recorder.record(
          ...servicesChangeStarted({ command, services: named, hostname: settings.hostname, root }),
        );
        const stop = AbortSignal.any([signal, run.signal, lock.signal]);
        const done = await task({ hostname, services, recorder, lock, signal: stop });
        const faults = runFaultsOf(recorder.notable.filter(({ data }) => !hasService(data)));
        const exitCode = exitCodeFor(recorder.notable);
        recorder.record(servicesChangeFinished(done, exitCode === 0));
        const log = recorder.logStartedAt ?? '';
        return await endLog({ log, exitCode, services: done, faults }, recorder);
      } catch (error) {
        await recorder.end();
        throw error;
      }
    } finally {
      await lock.release();
    }
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
    throw new StateError('LOCKED', 'it was stopped while another installation was waited for', {
      advice: 'What was done until then is in the log.',
    });
  } finally {
    await run.release();
  }
}

/** What concerns one service stands at that service. */
function hasService(data: unknown): boolean {
  return typeof data === 'object' && data !== null && 'service' in data;
}
