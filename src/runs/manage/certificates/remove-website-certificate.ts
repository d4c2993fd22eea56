import type { CertificateFacts } from '../../../core/certificate/facts.js';
import { isPlaceholder } from '../../../core/certificate/placeholder.js';
import { StateError, UsageError } from '../../../core/domain/autossl-error.js';
import {
  type DomainName,
  hostNameIn,
  quoteForMessage,
  type WildcardName,
} from '../../../core/domain/name/names.js';
import type { Website } from '../../../core/domain/website/website.js';
import {
  certificatesChangeFinished,
  certificatesChangeStarted,
  certificateTakenAway,
} from '../../../core/report/websites/certificate-events.js';
import { RunRecorder } from '../../check/run-recorder.js';
import { readNamedPlaces } from '../../check/server-names.js';
import { installBatch } from '../../install/install-batch.js';
import type { InstallHost } from '../../install/install-ports.js';
import type { HeldLock } from '../../ports/locks.js';
import { lockOrRefuse } from '../../services/services-lock.js';
import { offerNames } from '../../sni/offer-names.js';
import { findWebsites } from './find-websites.js';
import { type InstallationEnd, installationEndOf } from './installation-end.js';
import { NO_PROVIDER, type WebsiteCertificatesCall } from './website-certificates-host.js';

/** What became of a website's certificate. */
export interface Removal {
  readonly website: Website;
  /** How the placeholder got into its place; `unchanged`: the certificate lies there still. */
  readonly end: InstallationEnd;
  /** Names under which mail and FTP had it, and have it no more. */
  readonly withdrawn: readonly string[];
  /** Why copies per name were left; null: none was. */
  readonly copiesLeft: string | null;
  readonly log: string;
}

const NOTE = 'removal of a certificate';

/**
 * Takes a website's certificate away, by the transaction that certificates are installed by: a self-signed placeholder takes its
 * place, because a server that names a missing file does not start, and the former set is archived. Copies per name go, unless
 * a server's configuration names them.
 * @throws UsageError BAD_ARGUMENT (no such website, or it has none); StateError LOCKED, TREE_UNREADABLE, WRITE_FAILED
 */
export async function removeWebsiteCertificate(
  domain: DomainName | WildcardName,
  call: WebsiteCertificatesCall,
): Promise<Removal> {
  const { host } = call;
  const { byName, limits } = await findWebsites([domain], host.accounts);
  const website = byName.get(domain);
  if (website === undefined)
    throw new UsageError('BAD_ARGUMENT', `no account has a website ${quoteForMessage(domain)}${limits}`);
  const lock = await lockOrRefuse(host.locks, `website:${website.vhost}`, NOTE);
  try {
    return await removeUnderLock(website, lock, call);
  } catch (error) {
    if (!call.signal.aborted || error !== call.signal.reason) throw error;
    throw new StateError('LOCKED', 'it was stopped while another installation was waited for', {
      advice: 'Look into the log for what was done until then.',
    });
  } finally {
    await lock.release();
  }
}

async function removeUnderLock(
  website: Website,
  lock: HeldLock,
  { host, listen, signal }: WebsiteCertificatesCall,
): Promise<Removal> {
  const { account, vhost } = website;
  const evidence = await host.certificates.gatherEvidence(website);
  const former = evidence.kind === 'present' ? evidence.leaf : null;
  if (evidence.kind === 'absent' || (former !== null && isPlaceholder(former))) {
    throw new UsageError('BAD_ARGUMENT', `the website ${quoteForMessage(vhost)} has no certificate`);
  }
  const journal = await host.openJournal({ provider: NO_PROVIDER, username: account });
  try {
    const recorder = new RunRecorder(journal, listen);
    recorder.record(certificatesChangeStarted({ what: 'remove', vhosts: [vhost], root: host.root }));
    const names = website.candidates.map(({ name }) => name);
    const pair = await host.makePlaceholder(names.length === 0 ? [vhost] : names);
    const leaf = host.describeLeaf(pair.chainPem);
    const member = { website: { account, vhost }, ...pair, leaf, wanted: names, lock };
    const install = { ...(await host.openInstall()), isRetried: false };
    const stop = AbortSignal.any([signal, lock.signal]);
    const outcomes = await installBatch([member], install, recorder.record, stop);
    const end = installationEndOf(website, outcomes.get(vhost), recorder);
    const copies =
      end.state === 'unchanged' || former === null
        ? { withdrawn: [], copiesLeft: null }
        : await withdrawCopies(website, former, { install, lock, stop }, host);
    if (copies.withdrawn.length > 0 && install.sni !== null)
      await offerNames(install.sni, recorder.record, stop);
    if (end.state !== 'unchanged') recorder.record(certificateTakenAway(website, copies.withdrawn));
    const failed = end.state === 'unchanged' ? 1 : 0;
    recorder.record(certificatesChangeFinished(1 - failed, failed));
    return { website, end, ...copies, log: journal.startedAt };
  } finally {
    await journal.close();
  }
}

/** Whenever they were written. */
const FOREVER = new Date(8.64e15);

/** Removes the copies that mail and FTP have of the former certificate, where no web server names them. */
async function withdrawCopies(
  website: Website,
  former: CertificateFacts,
  {
    install,
    lock,
    stop,
  }: { readonly install: InstallHost; readonly lock: HeldLock; readonly stop: AbortSignal },
  { copies, locks }: WebsiteCertificatesCall['host'],
): Promise<Pick<Removal, 'withdrawn' | 'copiesLeft'>> {
  const web = await locks.acquire(install.lockName, NOTE, stop);
  try {
    const found = [...new Set(former.dnsNames)].flatMap((name) => {
      const copy = hostNameIn(name) === null ? null : copies.readCopy(name, FOREVER);
      return copy?.fingerprint === former.fingerprint ? [copy] : [];
    });
    if (found.length === 0) return { withdrawn: [], copiesLeft: null };
    const named = await readNamedPlaces(install.webServers());
    if ('unknown' in named) return { withdrawn: [], copiesLeft: named.unknown };
    const withdrawn: string[] = [];
    for (const copy of found) {
      await lock.assertHeld();
      await web.assertHeld();
      if (await copies.removeCopy(copy, website, named)) withdrawn.push(copy.name);
    }
    const isAll = withdrawn.length === found.length;
    return { withdrawn, copiesLeft: isAll ? null : 'a web server’s configuration names them' };
  } finally {
    await web.release();
  }
}
