import { AutosslError } from '../../../core/domain/autossl-error.js';
import type { ServedRecord } from '../../../core/plan/served/served-record.js';
import type { RunEvent } from '../../../core/report/events/event.js';
import { serviceFailed } from '../../../core/report/events/service-events.js';
import {
  serviceNotRunning,
  serviceNotServed,
  serviceNowServed,
} from '../../../core/report/services/served-events.js';
import type { RunRecorder } from '../../check/run-recorder.js';
import { proveServed } from '../../install/served-proof.js';
import { servedRecordOf } from '../../install/served-record.js';
import { ServerFleet } from '../../install/server-fleet.js';
import type { ServerService } from '../services-host.js';
import { type JudgedService, refOf, type ServerName } from '../survey-services.js';

/**
 * A daemon that is just being reloaded by somebody, or takes a file some seconds after it changed, shows the new
 * certificate by then. One that serves what it should is asked once.
 */
const PATIENCE_MS = 6_000;

/** Whether a service's certificate answers at all of its ports, as last seen. */
export type ServedState = ServedRecord['served']['state'];

/**
 * Asks the services whose certificate lies there untouched by this run, one handshake at each port, so that a daemon that
 * was pinned to another file, or was never reloaded, is told at every run and not only after an installation. One that
 * does not run is a warning. Writes what was seen into the service's own record.
 */
export async function askServices(
  judged: readonly JudgedService[],
  hostname: ServerName,
  recorder: RunRecorder,
  signal: AbortSignal,
): Promise<void> {
  const found = await Promise.all(judged.map((one) => tryToAsk(one, hostname, signal)));
  for (const events of found) recorder.record(...events);
}

/** One service never stops another. */
async function tryToAsk(
  judged: JudgedService,
  hostname: ServerName,
  signal: AbortSignal,
): Promise<readonly RunEvent[]> {
  try {
    return await askService(judged, hostname, signal);
  } catch (error) {
    if (!(error instanceof AutosslError)) throw error;
    return [serviceFailed(judged.service.name, error.code, error.message, error.advice)];
  }
}

async function askService(
  { service, evidence }: JudgedService,
  hostname: ServerName,
  signal: AbortSignal,
): Promise<readonly RunEvent[]> {
  if (evidence.kind !== 'present' || signal.aborted) return [];
  const { install } = service;
  const servers = install.webServers();
  for (const server of servers) {
    if ((await server.liveness()).isAlive === false) return [serviceNotRunning(service, server.describe())];
  }
  const fleet = new ServerFleet(servers, install.ownAddresses);
  await fleet.readSites();
  // Nobody to ask, or nobody who would know where.
  if (!fleet.isKnown) return [];
  const website = refOf(hostname);
  const { leaf } = evidence;
  const subject = {
    website,
    names: [hostname.name],
    expected: leaf.fingerprint,
    previous: await previousOf(service, hostname, leaf.fingerprint),
    combinedFile: service.file,
  };
  const proofs = await proveServed([subject], fleet.sites, install, { patienceMs: PATIENCE_MS, signal });
  const proof = proofs.get(website.vhost);
  if (proof === undefined || signal.aborted) return [];
  const before = await seenBefore(service, hostname, leaf.fingerprint);
  await install.served.write(servedRecordOf(website, [hostname.name], leaf, proof, install.clock.now()));
  if (!proof.verdict.served) return [serviceNotServed(service, proof.verdict)];
  return before === 'not-served' ? [serviceNowServed(service)] : [];
}

/** What was last seen of the certificate that lies there; null: it was never asked for, or that cannot be read. */
export async function lastSeen(
  service: ServerService,
  hostname: ServerName,
  fingerprint: string,
): Promise<ServedState | null> {
  try {
    return await seenBefore(service, hostname, fingerprint);
  } catch (error) {
    if (!(error instanceof AutosslError)) throw error;
    return null;
  }
}

/** @throws StateError CORRUPT_RECORD */
async function seenBefore(
  { install }: ServerService,
  { name }: ServerName,
  fingerprint: string,
): Promise<ServedState | null> {
  const record = await install.served.read(name);
  return record === undefined || record.issued.fingerprint !== fingerprint ? null : record.served.state;
}

/** What a daemon that was not reloaded still shows. */
async function previousOf(
  { install }: ServerService,
  hostname: ServerName,
  present: string,
): Promise<string | null> {
  const former = await install.certificates.listArchived(refOf(hostname));
  return former.find(({ fingerprint }) => fingerprint !== present)?.fingerprint ?? null;
}
