import type { PlannedService } from '../../core/plan/plan-services.js';
import { exitCodeFor, pendingOf, problemsOf, runFaultsOf } from '../../core/report/check/tally.js';
import type { RunEvent } from '../../core/report/events/event.js';
import type { ServiceStandstill } from '../../core/report/events/service-events.js';
import type {
  ServiceLine,
  ServiceState,
  ServicesReport,
} from '../../core/report/services/services-report.js';
import { waitingOf } from '../../core/report/status/waiting.js';
import type { RunRecorder } from '../check/run-recorder.js';
import type { ServedState } from './served/ask-services.js';
import type { FoundServices, ServicesHost } from './services-host.js';
import type { JudgedService } from './survey-services.js';

/** What a run knows at its end. */
export interface ServicesFacts {
  readonly host: ServicesHost;
  readonly found: FoundServices;
  /** What was planned before anything was done, by service. */
  readonly first: ReadonlyMap<string, PlannedService>;
  /** The services as they were last looked at. */
  readonly last: readonly JudgedService[];
  /** What was done, by service. */
  readonly states: ReadonlyMap<string, ServiceState>;
  /** Of each service that was asked, whether its certificate answers. */
  readonly served: ReadonlyMap<string, ServedState | null>;
  readonly standstills: readonly RunEvent[];
  readonly recorder: RunRecorder;
  readonly warnings: readonly RunEvent[];
  readonly retry: string | null;
}

/** The report of a run, derived from its events and from what lies there at its end. */
export function reportOfServices(facts: ServicesFacts): ServicesReport {
  const { host, recorder, standstills, retry } = facts;
  const { notable } = recorder;
  const problems = problemsOf(notable);
  const ours = problems.filter(({ fault }) => fault === 'ours');
  return {
    schemaVersion: 1,
    exitCode: exitCodeFor(notable),
    provider: host.ordering?.provider.name ?? null,
    hostname: host.settings.hostname,
    log: recorder.logStartedAt ?? '',
    services: [
      ...facts.last.map((judged) => lineOf(judged, facts)),
      ...facts.found.absent.map(({ name, why }) => absentLine(name, why)),
    ],
    standstills: standstills.map(({ code, contents }) => ({
      code: code as ServiceStandstill,
      message: contents,
    })),
    pending: pendingOf(notable),
    waiting: waitingOf(notable),
    faults: [...runFaultsOf(notable), ...ours.map(({ code, message }) => ({ code, message }))],
    problems: problems
      .filter(({ fault }) => fault === 'owner')
      .map(({ code, message, advice }) => ({ code, message, advice })),
    warnings: facts.warnings.map(({ code, contents }) => ({ code, message: contents })),
    retry,
  };
}

function lineOf({ service, plan }: JudgedService, { first, states, served }: ServicesFacts): ServiceLine {
  const { name } = service;
  const { because, kind } = first.get(name) ?? plan;
  return {
    service: name,
    daemon: service.describe(),
    state: states.get(name) ?? (kind === 'keep' ? 'kept' : 'waiting'),
    because,
    notAfter: plan.notAfter,
    fingerprint: plan.fingerprint,
    isSelfSigned: plan.isSelfSigned,
    served: served.get(name) ?? null,
  };
}

function absentLine(service: string, why: string): ServiceLine {
  const nothing = { daemon: null, notAfter: null, fingerprint: null, isSelfSigned: false, served: null };
  return { service, state: 'absent', because: [{ code: 'SERVICE_ABSENT', message: why }], ...nothing };
}
