import { encodePem } from '../../core/certificate/pem.js';
import { AutosslError } from '../../core/domain/autossl-error.js';
import { coversName } from '../../core/domain/coverage.js';
import type { RunEvent } from '../../core/report/event.js';
import {
  type GivenKind,
  type InstalledKind,
  serviceFailed,
  serviceHeld,
  serviceInstalled,
  serviceNotServed,
} from '../../core/report/service-events.js';
import type { RunRecorder } from '../check/run-recorder.js';
import { installBatch } from '../install/install-batch.js';
import type { InstallMember, InstallOutcome } from '../install/install-ports.js';
import type { CertificateSet, HeldLock } from '../ports.js';
import type { ServerService } from './services-host.js';
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
  // Logs of the poller go by the website that an event names.
  const record = (...events: readonly RunEvent[]): void =>
    context.recorder.record(...events.map((event) => ({ vhost: website.vhost, ...event })));
  const { name } = hostname;
  const { dnsNames } = pair.leaf;
  const isAskedByHostname = dnsNames.length === 0 || coversName({ dnsNames, ipAddresses: [] }, name);
  const member: InstallMember = {
    ...pair,
    website,
    wanted: [name],
    // Other names may be a customer's, who is answered by a certificate of his own.
    askedNames: isAskedByHostname ? [name] : dnsNames,
    lock,
  };
  const host = advice === undefined ? service.install : { ...service.install, isRetried: false };
  try {
    const outcomes = await installBatch([member], host, record, signal);
    const outcome = outcomes.get(website.vhost) ?? NOT_CONCLUDED;
    return concludeService(service.name, pair, kind, withAdviceOf(outcome, advice), record);
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
  name: string,
  { leaf }: ServicePair,
  kind: InstalledKind | GivenKind,
  outcome: InstallOutcome,
  record: (...events: readonly RunEvent[]) => void,
): ServiceInstallation {
  if (outcome.state === 'held' || outcome.state === 'restored') {
    const { code, why, advice } = outcome;
    record(SERVERS_TROUBLE.has(code) ? serviceHeld(name) : serviceFailed(name, code, why, advice));
    return { state: 'unchanged', trouble: { code, message: why, advice } };
  }
  const served = outcome.state === 'published' ? null : outcome.state === 'served';
  record(serviceInstalled(name, kind, leaf, served));
  const verdict = outcome.proof?.verdict;
  if (verdict !== undefined && !verdict.served) {
    const { code, message, advice } = verdict;
    record(serviceNotServed(name, message, advice));
    return { state: 'not-served', trouble: { code, message, advice } };
  }
  return { state: served === null ? 'published' : 'served', trouble: null };
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
