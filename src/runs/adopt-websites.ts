import type { AccountName } from '../core/domain/account/account-name.js';
import { AutosslError, ConfigurationError, UsageError } from '../core/domain/autossl-error.js';
import { printable } from '../core/domain/name/names.js';
import type { WebsiteRef } from '../core/domain/website/website.js';
import { type AdoptedWebsite, type AdoptionPlan, adoptedWebsite } from '../core/plan/adoption/adoption.js';
import {
  bestOf,
  type CertificateStep,
  type PresentCertificate,
  presentCertificateOf,
} from '../core/plan/adoption/adoption-certificate.js';
import { groupSites, type SiteGroup } from '../core/plan/adoption/adoption-groups.js';
import {
  type DocumentRootFinding,
  NameHolders,
  type Placement,
  placeGroups,
} from '../core/plan/adoption/adoption-placement.js';
import type { ServerSite, SitePair, WebServerKind } from '../core/plan/served/server-site.js';
import { EXIT } from '../core/report/check/exit-code.js';
import { withAdvice } from '../core/report/text/wording.js';
import { type AdoptCertificateHost, examinePair, takeCertificate } from './adopt-certificate.js';
import { addWebsite, type EditWebsitesHost } from './edit-websites.js';
import type { AccountDirectory } from './ports/accounts.js';
import type { WebServer } from './ports/installation.js';

export interface AdoptionHost extends AdoptCertificateHost {
  /** The servers of one kind, as their configurations are now. */
  readonly servers: readonly Pick<WebServer, 'describe' | 'readSites'>[];
  /** Null on a server that has no accounts yet. */
  readonly accounts: AccountDirectory | null;
  readonly editing: EditWebsitesHost;
  /** Whose a document root of the server is. MUST NOT throw for what lies there. */
  findOwner(documentRoot: string): Promise<DocumentRootFinding>;
  /** Gives a website without any pair a self-signed one; whether it did. */
  placePlaceholder(website: WebsiteRef, names: readonly string[]): Promise<boolean>;
  /** Where sites map the challenges to; null: nothing is to be mapped. */
  readonly challengeFolder: string | null;
}

export interface AdoptionRequest {
  readonly from: WebServerKind;
  /** The account of document roots that are nobody's. */
  readonly user: AccountName | null;
  readonly isDryRun: boolean;
}

/** What is planned, or was done. */
export interface AdoptionReport extends AdoptionPlan {
  readonly schemaVersion: 1;
  readonly exitCode: number;
  readonly from: WebServerKind;
  /** One phrase. */
  readonly server: string;
  readonly challengeFolder: string | null;
  /** False: only shown. */
  readonly isApplied: boolean;
  /** What became of each website, in the order of the plan; empty until it is applied. */
  readonly results: readonly AdoptionResult[];
}

export interface AdoptionResult {
  readonly website: string;
  readonly account: string | null;
  readonly outcome: 'done' | 'unchanged' | 'failed';
  /** Whether a certificate was put in place, and how. */
  readonly certificate: 'recorded' | 'copied' | 'placeholder' | null;
  /** What could not be done; one printable sentence, with what to do. */
  readonly why: string | null;
  readonly warnings: readonly string[];
}

/**
 * Shows the accounts, websites and certificates that a web server's configuration has, and unless it is a dry run writes them:
 * nothing is ordered. `announce` gets the plan before the first is written. Safe to repeat: what is there already is left as
 * it is, and what a crash left half done is finished. One website's failure does not hold the others up.
 * @throws ConfigurationError SERVER_UNREADABLE with the server's own words; UsageError UNKNOWN_USER
 */
export async function adoptWebsites(
  request: AdoptionRequest,
  host: AdoptionHost,
  announce: (report: AdoptionReport) => void,
): Promise<AdoptionReport> {
  if (request.user !== null) await assertPerson(request.user, host);
  const sites = await readSites(host);
  const work = await planWork(sites, request, host);
  const plan: AdoptionReport = {
    schemaVersion: 1,
    exitCode: EXIT.done,
    from: request.from,
    server: host.servers.map((server) => server.describe()).join(', '),
    challengeFolder: host.challengeFolder,
    websites: work.items.map(({ website }) => website),
    skipped: work.skipped,
    isApplied: false,
    results: [],
  };
  announce(plan);
  if (request.isDryRun) return plan;
  const results: AdoptionResult[] = [];
  for (const item of work.items) results.push(await apply(item, host));
  const hasFailed = results.some(({ outcome }) => outcome === 'failed');
  return { ...plan, isApplied: true, results, exitCode: hasFailed ? EXIT.failed : EXIT.done };
}

/** @throws ConfigurationError SERVER_UNREADABLE */
async function readSites({ servers }: AdoptionHost): Promise<readonly ServerSite[]> {
  const all: ServerSite[] = [];
  for (const server of servers) {
    const sites = await server.readSites();
    if ('fault' in sites) {
      throw new ConfigurationError(
        'SERVER_UNREADABLE',
        `the configuration of ${server.describe()} cannot be read: ${printable(sites.fault)}`,
        { advice: 'Mend it, or say in /etc/autossl.yaml (webServer) which program and arguments it has.' },
      );
    }
    all.push(...sites);
  }
  return all;
}

/** A website of the plan with what applying it needs. */
interface WorkItem {
  readonly group: SiteGroup;
  readonly placement: Placement;
  readonly pair: SitePair | null;
  readonly website: AdoptedWebsite;
}

async function planWork(
  sites: readonly ServerSite[],
  { user }: AdoptionRequest,
  host: AdoptionHost,
): Promise<{ readonly items: readonly WorkItem[]; readonly skipped: AdoptionPlan['skipped'] }> {
  const { groups, skipped } = groupSites(sites);
  const roots = new Map<string, DocumentRootFinding>();
  for (const { documentRoot } of groups) {
    if (!roots.has(documentRoot)) roots.set(documentRoot, await host.findOwner(documentRoot));
  }
  const holders = await readHolders(host.accounts);
  const items: WorkItem[] = [];
  for (const [group, placement] of placeGroups(groups, { roots, holders, fallback: user })) {
    items.push(await itemOf(group, placement, host));
  }
  return { items, skipped };
}

async function readHolders(accounts: AccountDirectory | null): Promise<NameHolders> {
  const holders = new NameHolders();
  if (accounts === null) return holders;
  for await (const inventory of accounts.readAll()) {
    if (inventory.state !== 'ready') continue;
    for (const website of inventory.websites) {
      holders.add(website, [
        website.vhost,
        ...website.candidates.map(({ name }) => name),
        ...website.excluded,
      ]);
    }
  }
  return holders;
}

async function itemOf(group: SiteGroup, placement: Placement, host: AdoptionHost): Promise<WorkItem> {
  const isRefused = placement.state === 'refused';
  const vhost = isRefused ? group.vhost : placement.vhost;
  const combinedFile = host.editing.certificatePath(vhost);
  const names = [group.vhost, ...group.aliases];
  const judged = [];
  // A site that names our own file has nothing to be taken.
  for (const pair of pairsOf(group).filter(({ certificateFile }) => certificateFile !== combinedFile)) {
    const { texts: _, ...one } = await examinePair(pair, names, host);
    judged.push(one);
  }
  const pair = bestOf(judged);
  const present = isRefused
    ? NOTHING_PRESENT
    : await presentAt({ account: placement.account, vhost }, pair?.verdict.leaf?.fingerprint ?? null, host);
  return {
    group,
    placement,
    pair: pair?.pair ?? null,
    website: adoptedWebsite(group, placement, { pair, present, combinedFile }),
  };
}

const NOTHING_PRESENT: PresentCertificate = { state: 'absent', isRecorded: false };

async function presentAt(
  website: WebsiteRef,
  fingerprint: string | null,
  host: AdoptionHost,
): Promise<PresentCertificate> {
  const evidence = await host.certificates.gatherEvidence(website);
  try {
    return presentCertificateOf(evidence, fingerprint, await host.issued.read(website.vhost));
  } catch (error) {
    // A damaged record: the next run tells about it.
    if (error instanceof AutosslError) return { state: 'other', isRecorded: false };
    throw error;
  }
}

/** What the sites with TLS name, each pair once. */
function pairsOf({ sites }: SiteGroup): readonly SitePair[] {
  const pairs = new Map<string, SitePair>();
  for (const { listens, certificates } of sites) {
    if (!listens.some(({ isTls }) => isTls)) continue;
    for (const pair of certificates) pairs.set(`${pair.certificateFile}\0${pair.keyFile}`, pair);
  }
  return [...pairs.values()];
}

async function apply(item: WorkItem, host: AdoptionHost): Promise<AdoptionResult> {
  const { website } = item;
  const result = { website: website.website, account: website.account, certificate: null, warnings: [] };
  if (item.placement.state === 'refused') {
    return { ...result, outcome: 'failed', why: sentence(item.placement.why, item.placement.advice) };
  }
  const { account, vhost } = item.placement;
  const lock = await host.editing.locks.tryAcquire(`website:${vhost}`, 'autossl adopt');
  if ('heldBy' in lock) {
    const why = `process ${lock.heldBy.pid} is at work on it`;
    return { ...result, outcome: 'failed', why: sentence(why, 'Run the command again.') };
  }
  try {
    const edit = await writeAccount(item.placement, host);
    const names = [item.group.vhost, ...item.group.aliases];
    const isServed = item.group.sites.some(({ certificates }) =>
      certificates.some(({ certificateFile }) => certificateFile === website.combinedFile),
    );
    const step =
      item.pair === null
        ? ('none' as const)
        : await takeCertificate({ account, vhost }, item.pair, names, isServed, lock, host);
    const isEmpty = step === 'none' && (await host.placePlaceholder({ account, vhost }, names));
    const certificate = isEmpty ? 'placeholder' : CERTIFICATE_RESULTS[step];
    const isUnchanged = certificate === null && !edit.isChanged;
    return {
      ...result,
      outcome: isUnchanged ? 'unchanged' : 'done',
      certificate,
      why: null,
      warnings: edit.warnings,
    };
  } catch (error) {
    if (!(error instanceof AutosslError)) throw error;
    return { ...result, outcome: 'failed', why: sentence(error.message, error.advice) };
  } finally {
    await lock.release();
  }
}

const CERTIFICATE_RESULTS: Readonly<Record<CertificateStep, AdoptionResult['certificate']>> = {
  record: 'recorded',
  copy: 'copied',
  done: null,
  'keep-present': null,
  none: null,
};

async function writeAccount(
  placement: Exclude<Placement, { state: 'refused' }>,
  host: AdoptionHost,
): Promise<{ readonly isChanged: boolean; readonly warnings: readonly string[] }> {
  if (placement.state === 'present') return { isChanged: false, warnings: [] };
  const { account, ...request } = placement;
  const { outcome, warnings } = await addWebsite(account, request, host.editing);
  return { isChanged: outcome !== 'unchanged', warnings };
}

function sentence(why: string, advice: string | null): string {
  return printable(withAdvice(why, advice));
}

/** @throws UsageError UNKNOWN_USER */
async function assertPerson(user: AccountName, { editing }: AdoptionHost): Promise<void> {
  const { state } = await editing.systemUser(user);
  if (state === 'person') return;
  throw new UsageError(
    'UNKNOWN_USER',
    state === 'absent' ? `there is no user ${user} on this system` : `${user} cannot be a hosting account`,
    { advice: state === 'absent' ? `Make it first: useradd --create-home ${user}` : 'Name a person’s user.' },
  );
}
