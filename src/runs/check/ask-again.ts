import type { AccountName } from '../../core/domain/account/account-name.js';
import { AutosslError } from '../../core/domain/autossl-error.js';
import { namesToAsk } from '../../core/domain/name/asked-names.js';
import { printable } from '../../core/domain/name/names.js';
import type { Website } from '../../core/domain/website/website.js';
import { nowServed, publishedNotServed, serverNotRunning } from '../../core/report/events/install-events.js';
import { websiteFailed } from '../../core/report/events/work-events.js';
import { type ProofSubject, proveServed } from '../install/served-proof.js';
import { servedRecordOf } from '../install/served-record.js';
import { ServerFleet } from '../install/server-fleet.js';
import type { WebServer } from '../ports/installation.js';
import type { CheckHost } from './check-host.js';
import type { RunRecorder } from './run-recorder.js';

/**
 * Asks again for the websites that were published and not served when they were last asked for, but for those that this
 * run has just told of. What is served by now is said once; what is not is said at every run (design 5.11).
 */
export async function askAgain(
  user: AccountName | null,
  host: CheckHost,
  recorder: RunRecorder,
  signal: AbortSignal,
): Promise<void> {
  const told = new Set(
    recorder.notable.map(({ code, vhost }) => (code === 'PUBLISHED_NOT_SERVED' ? vhost : '')),
  );
  const due = (await host.install.served.listUnproved()).filter((vhost) => !told.has(vhost));
  if (due.length === 0 || signal.aborted) return;
  const servers = host.install.webServers();
  const isUp = await saysWhoIsDown(servers, recorder);
  if (!isUp) return;
  const fleet = new ServerFleet(servers, host.install.ownAddresses);
  await fleet.readSites();
  // Nobody to ask, or nobody who would know: what was known stays.
  if (!fleet.isKnown) return;
  const asked = new Map<string, Asked>();
  for (const vhost of due) {
    const found = await subjectOf(vhost, user, host, recorder);
    if (found !== null) asked.set(vhost, found);
  }
  const proofs = await proveServed(
    [...asked.values()].map(({ subject }) => subject),
    fleet.sites,
    host.install,
    { patienceMs: 0, signal },
  );
  for (const [vhost, { website, leaf, wasNotServed }] of asked) {
    const proof = proofs.get(vhost);
    if (proof === undefined || signal.aborted) continue;
    const wanted = website.candidates.map(({ name }) => name);
    await host.install.served.write(servedRecordOf(website, wanted, leaf, proof, host.clock.now()));
    if (!proof.verdict.served) recorder.record(publishedNotServed(website, proof.verdict));
    else if (wasNotServed) recorder.record(nowServed(website));
  }
}

interface Asked {
  readonly website: Website;
  readonly leaf: Parameters<typeof servedRecordOf>[2];
  readonly subject: ProofSubject;
  /** Else nobody could be asked then. */
  readonly wasNotServed: boolean;
}

/** A server that is down is one fault, not one for each of its websites. Whether all run, or nobody can tell. */
async function saysWhoIsDown(servers: readonly WebServer[], { record }: RunRecorder): Promise<boolean> {
  let isUp = true;
  for (const server of servers) {
    const { isAlive } = await server.liveness();
    if (isAlive !== false) continue;
    isUp = false;
    record(serverNotRunning(server.describe()));
  }
  return isUp;
}

/** Null when the website is not in scope, has left the server or has nothing that could be served. */
async function subjectOf(
  vhost: string,
  user: AccountName | null,
  host: CheckHost,
  recorder: RunRecorder,
): Promise<Asked | null> {
  const record = await host.install.served.read(vhost);
  if (record === undefined || (user !== null && record.account !== user)) return null;
  const inventory = await host.accounts.read(record.account as AccountName);
  if (inventory?.state !== 'ready') return null;
  const website = inventory.websites.find((one) => one.vhost === vhost);
  if (website === undefined) return null;
  try {
    const evidence = await host.certificates.gatherEvidence(website);
    if (evidence.kind !== 'present') return null;
    const { leaf } = evidence;
    return {
      website,
      leaf,
      wasNotServed: record.served.state === 'not-served',
      subject: {
        website,
        names: namesToAsk(
          leaf.dnsNames,
          website.candidates.map(({ name }) => name),
        ),
        expected: leaf.fingerprint,
        previous: await previousOf(website, leaf.fingerprint, host),
        combinedFile: host.install.certificates.pathOf(website),
      },
    };
  } catch (error) {
    if (!(error instanceof AutosslError)) throw error;
    recorder.record(websiteFailed(website, error.code, printable(error.message), error.advice));
    return null;
  }
}

/** What a server that was not reloaded still shows. */
async function previousOf(website: Website, present: string, host: CheckHost): Promise<string | null> {
  const former = await host.install.certificates.listArchived(website);
  return former.find(({ fingerprint }) => fingerprint !== present)?.fingerprint ?? null;
}
