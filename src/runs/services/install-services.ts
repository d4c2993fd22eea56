import { encodePem } from '../../core/certificate/pem/pem.js';
import { AutosslError } from '../../core/domain/autossl-error.js';
import { coversName } from '../../core/domain/name/coverage.js';
import { spareUntil } from '../../core/plan/services/deadly-pair.js';
import type { RunEvent } from '../../core/report/events/event.js';
import {
  type GivenKind,
  type InstalledKind,
  serviceFailed,
  serviceHeld,
  serviceInstalled,
} from '../../core/report/events/service-events.js';
import { serviceSpared } from '../../core/report/services/install-events.js';
import { serviceNotRunning, serviceNotServed } from '../../core/report/services/served-events.js';
import type { RunRecorder } from '../check/run-recorder.js';
import { installBatch } from '../install/install-batch.js';
import type { InstallMember, InstallOutcome } from '../install/install-ports.js';
import type { CertificateSet } from '../ports/certificates.js';
import type { HeldLock } from '../ports/locks.js';
import type { ServerService, ServicesHost } from './services-host.js';
import { type JudgedService, refOf, type ServerName, type ServicesSurvey } from './survey-services.js';

/** A key and its chain for services, with its leaf's facts. */
export type ServicePair = Pick<CertificateSet, 'keyPem' | 'chainPem'> & Pick<InstallMember, 'leaf'>;

/** What became of a pair that a service was given. */
export interface ServiceInstallation {
  /** `unchanged`: what lay there lies there; `published`: nobody could be asked whether it is served. */
  readonly state: 'served' | 'published' | 'not-served' | 'unchanged';
  /** Why it is unchanged or not served; null when all is well. */
  readonly trouble: {
    readonly code: string;
    readonly message: string;
    readonly advice: string | null;
  } | null;
}

/**
 * Gives one service the pair by the transaction that websites have: tested, taken, asked for, put back when that fails.
 * Never throws for what concerns this service alone: it is said, and the others go on.
 */
export async function installInService(
  service: ServerService,
  pair: ServicePair,
  kind: InstalledKind | GivenKind,
  context: {
    readonly hostname: ServerName;
    readonly lock: HeldLock;
    readonly recorder: Pick<RunRecorder, 'record'>;
    readonly signal: AbortSignal;
    /** Where nobody tries again by himself: what to do then. Absent: the next run does. */
    readonly advice?: string;
  },
): Promise<ServiceInstallation> {
  const { hostname, lock, signal, advice } = context;
  const website = refOf(hostname);
  let isStopped = false;
  // Logs of the poller go by the website that an event names.
  const record = (...events: readonly RunEvent[]): void => {
    for (const event of events) {
      // A web server that is down is a fault; of the others some are stopped for good.
      if (event.code === 'SERVER_NOT_RUNNING') isStopped = true;
      else context.recorder.record({ vhost: website.vhost, ...event });
    }
  };
  const { name } = hostname;
  const { dnsNames, fingerprint } = pair.leaf;
  const isAskedByHostname = dnsNames.length === 0 || coversName({ dnsNames, ipAddresses: [] }, name);
  const member: InstallMember = {
    ...pair,
    website,
    wanted: [name],
    // Other names may be a customer's, who is answered by a certificate of his own.
    askedNames: isAskedByHostname ? [name] : dnsNames,
    lock,
  };
  const isByHand = advice !== undefined;
  const host = isByHand ? { ...service.install, isRetried: false } : service.install;
  try {
    const until = isByHand
      ? null
      : spareUntil(await service.deaths.read(), fingerprint, service.install.clock.now());
    if (until !== null) {
      const event = serviceSpared(service.name, until, service.deaths.path);
      record(event);
      return { state: 'unchanged', trouble: { code: event.code, message: event.contents, advice: null } };
    }
    const outcomes = await installBatch([member], host, record, signal);
    const outcome = outcomes.get(website.vhost) ?? NOT_CONCLUDED;
    if (outcome.state === 'restored' && DEATHS.has(outcome.code))
      await service.deaths.write({ fingerprint, at: service.install.clock.now().toISOString() });
    const ended = { outcome: withAdviceOf(outcome, advice), isStopped };
    const installation = concludeService(service, pair, kind, ended, record);
    if (isStopped) record(serviceNotRunning(service, service.describe()));
    return installation;
  } catch (error) {
    if (signal.aborted || !(error instanceof AutosslError)) throw error;
    const trouble = { code: error.code, message: error.message, advice: error.advice };
    record(serviceFailed(service.name, trouble.code, trouble.message, trouble.advice));
    return { state: 'unchanged', trouble };
  }
}

/** A transaction says something of each of its members. */
const NOT_CONCLUDED: InstallOutcome = {
  state: 'held',
  code: 'PUBLISH_FAILED',
  why: 'the installation ended without a word about it',
  advice: '',
};

function withAdviceOf(outcome: InstallOutcome, advice: string | undefined): InstallOutcome {
  if (advice === undefined || (outcome.state !== 'held' && outcome.state !== 'restored')) return outcome;
  return { ...outcome, advice };
}

/**
 * A configuration that names a file which is not there passes no test, and what passes none is left alone: where nothing
 * lies yet, a self-signed certificate is laid there first. What hinders that hinders the installation, too, and is said then.
 */
export async function layGround(
  { install }: ServerService,
  hostname: ServerName,
  { makePlaceholder }: Pick<ServicesHost, 'makePlaceholder'>,
): Promise<void> {
  const checks = await Promise.all(install.webServers().map((server) => server.testConfig()));
  if (checks.every(({ ok }) => ok)) return;
  const pair = await makePlaceholder(hostname.name);
  try {
    await install.certificates.placeIfAbsent({ website: refOf(hostname), ...pair });
  } catch (error) {
    if (!(error instanceof AutosslError)) throw error;
  }
}

const DEATHS: ReadonlySet<string> = new Set(['SERVER_DIED', 'SERVER_DIED_OF_IT']);
/** The daemon's own trouble: told by the transaction. */
const SERVERS_TROUBLE: ReadonlySet<string> = new Set([
  'CONFIG_BROKEN_BEFORE',
  'RELOAD_FAILED',
  'SERVER_DIED',
]);

/** As `InstallDesk.end`: costs nothing unless something is owed. Never throws for what concerns this service alone. */
export async function settleDebt(
  service: ServerService,
  recorder: RunRecorder,
  signal: AbortSignal,
): Promise<void> {
  try {
    await installBatch([], service.install, recorder.record, signal);
  } catch (error) {
    if (signal.aborted || !(error instanceof AutosslError)) throw error;
    recorder.record(serviceFailed(service.name, error.code, error.message, error.advice));
  }
}

function concludeService(
  service: ServerService,
  { leaf }: ServicePair,
  kind: InstalledKind | GivenKind,
  { outcome, isStopped }: { readonly outcome: InstallOutcome; readonly isStopped: boolean },
  record: (...events: readonly RunEvent[]) => void,
): ServiceInstallation {
  const { name } = service;
  if (outcome.state === 'held' || outcome.state === 'restored') {
    const { code, why, advice } = outcome;
    record(SERVERS_TROUBLE.has(code) ? serviceHeld(name) : serviceFailed(name, code, why, advice));
    return { state: 'unchanged', trouble: { code, message: why, advice } };
  }
  const served = outcome.state === 'published' ? null : outcome.state === 'served';
  record(serviceInstalled(name, kind, leaf, served));
  const verdict = outcome.proof?.verdict;
  if (verdict === undefined || verdict.served || isStopped)
    return { state: served === null || isStopped ? 'published' : 'served', trouble: null };
  const { code, message, advice } = verdict;
  record(serviceNotServed(service, verdict));
  return { state: 'not-served', trouble: { code, message, advice } };
}

/** What another service has, that these may have too. */
export interface ReusablePair {
  readonly from: JudgedService;
  readonly pair: ServicePair;
}

/**
 * The certificate of a service that is to be kept, whose key we made for the hostname (it stands in our records of it; no
 * customer ever had that key), and that lasts longest. Null without one.
 */
export async function findReusable(
  { judged, issued }: ServicesSurvey,
  hostname: ServerName,
): Promise<ReusablePair | null> {
  const ours = new Set(issued.map(({ fingerprint }) => fingerprint));
  const kept = judged
    .filter(({ plan }) => plan.kind === 'keep' && plan.remarks.length === 0)
    .filter(({ plan, evaluation }) => ours.has(plan.fingerprint ?? '') && covers(evaluation, hostname))
    .sort((a, b) => (b.plan.notAfter ?? '').localeCompare(a.plan.notAfter ?? ''));
  for (const from of kept) {
    const { evidence, service } = from;
    const keyPem = await service.install.certificates.readKey(refOf(hostname));
    if (keyPem === undefined || evidence.kind !== 'present') continue;
    const { leaf, chain } = evidence;
    const chainPem = [leaf, ...chain].map(({ der }) => encodePem('CERTIFICATE', der)).join('');
    return { from, pair: { keyPem, chainPem, leaf } };
  }
  return null;
}

function covers({ missingNames }: JudgedService['evaluation'], { name }: ServerName): boolean {
  return !missingNames.includes(name);
}
