import type { CertificateFacts } from '../../core/certificate/facts.js';
import type { OfferFinding } from '../../core/certificate/offered/offer.js';
import { AutosslError, StateError } from '../../core/domain/autossl-error.js';
import type { Website } from '../../core/domain/website/website.js';
import type { NamesOfOffer } from '../../core/plan/offer/judge-website-offer.js';
import { type RunFault, runFaultsOf } from '../../core/report/check/tally.js';
import {
  certificateGiven,
  certificatesChangeFinished,
  certificatesChangeStarted,
  websiteOfferNoted,
} from '../../core/report/websites/certificate-events.js';
import { RunRecorder } from '../check/run-recorder.js';
import { installBatch } from '../install/install-batch.js';
import { MAX_BATCH } from '../install/install-desk.js';
import type { InstallMember } from '../install/install-ports.js';
import { openLog } from '../log/unwritten-log.js';
import type { HeldLock } from '../ports/locks.js';
import { type InstallationEnd, installationEndOf } from './certificates/installation-end.js';
import { type JudgedOffer, judgeOffers, type WebsiteOffer } from './certificates/judge-offers.js';
import { setOrderAside } from './certificates/set-orders-aside.js';
import {
  NO_PROVIDER,
  usernameOf,
  type WebsiteCertificatesCall,
} from './certificates/website-certificates-host.js';

/** What became of one offer. */
export interface WebsiteInstallation {
  readonly domain: string;
  /** Null: no account has the name, or not the one that was named. */
  readonly website: Website | null;
  /** Null: no certificate could be read out of what was given. */
  readonly leaf: CertificateFacts | null;
  readonly names: NamesOfOffer | null;
  /** Why nothing was touched. */
  readonly refusals: readonly OfferFinding[];
  readonly warnings: readonly OfferFinding[];
  /** Null: refused. */
  readonly end: InstallationEnd | null;
}

/** What became of all of them, in their order. */
export interface WebsiteInstallations {
  /** Name of the log's folder; null: nothing was begun. */
  readonly log: string | null;
  readonly installations: readonly WebsiteInstallation[];
  /** What went wrong with servers. */
  readonly faults: readonly RunFault[];
}

/**
 * Gives websites certificates that somebody hands over, as one batch of the transaction that issued ones go through (tested,
 * one reload, proved, put back where they do not serve). Refused ones are named and touch nothing; the others go on. What is
 * installed so is nobody's of ours afterwards: AutoSSL treats it by who issued it.
 * @throws StateError LOCKED (told to stop meanwhile), TREE_UNREADABLE, WRITE_FAILED
 */
export async function installWebsiteCertificates(
  offers: readonly WebsiteOffer[],
  call: WebsiteCertificatesCall,
): Promise<WebsiteInstallations> {
  const work = new WebsiteInstalling(call);
  try {
    for (const offer of await judgeOffers(offers, call.host)) await work.take(offer);
    return await work.run();
  } catch (error) {
    if (!call.signal.aborted || error !== call.signal.reason) throw error;
    throw new StateError('LOCKED', 'it was stopped while another installation was waited for', {
      advice: 'What was done until then is in the log.',
    });
  } finally {
    await work.close();
  }
}

/** One call's offers and the locks of their websites. */
class WebsiteInstalling {
  readonly #call: WebsiteCertificatesCall;
  readonly #offers: {
    readonly judged: JudgedOffer;
    readonly member: InstallMember | null;
    readonly refusals: readonly OfferFinding[];
  }[] = [];
  readonly #locks: HeldLock[] = [];

  constructor(call: WebsiteCertificatesCall) {
    this.#call = call;
  }

  /** Locks the website of what may be installed, at once or not at all. */
  async take(judged: JudgedOffer): Promise<void> {
    const { website, prepared } = judged;
    const { pair, refusals } = prepared;
    if (pair === null || website === null) {
      this.#offers.push({ judged, member: null, refusals });
      return;
    }
    const { account, vhost } = website;
    const lock = await this.#call.host.locks.tryAcquire(`website:${vhost}`, 'installation by hand');
    if ('heldBy' in lock) {
      const { pid, note } = lock.heldBy;
      const message = `Process ${pid} works on ${vhost} (${note}).`;
      this.#offers.push({
        judged,
        member: null,
        refusals: [{ code: 'LOCKED', message, advice: 'Try again later.' }],
      });
      return;
    }
    this.#locks.push(lock);
    const wanted = website.candidates.map(({ name }) => name);
    const member = { website: { account, vhost }, ...pair, wanted, lock };
    this.#offers.push({ judged, member, refusals });
  }

  async run(): Promise<WebsiteInstallations> {
    const members = this.#offers.flatMap(({ member }) => member ?? []);
    if (members.length === 0) return { log: null, installations: this.#installations(new Map()), faults: [] };
    const { host, listen } = this.#call;
    const username = usernameOf(members.map(({ website }) => website));
    const journal = await openLog(() => host.openJournal({ provider: NO_PROVIDER, username }));
    const recorder = new RunRecorder(journal, listen);
    try {
      const vhosts = members.map(({ website }) => website.vhost);
      recorder.record(certificatesChangeStarted({ what: 'install', vhosts, root: host.root }));
      this.#noteFindings(recorder);
      const ends = await this.#install(members, recorder);
      const installations = this.#installations(ends);
      const failed = installations.filter(({ end }) => end === null || end.state === 'unchanged').length;
      recorder.record(certificatesChangeFinished(installations.length - failed, failed));
      await recorder.end();
      return { log: recorder.logStartedAt, installations, faults: runFaultsOf(recorder.notable) };
    } catch (error) {
      await recorder.end();
      throw error;
    }
  }

  async close(): Promise<void> {
    for (const lock of this.#locks) await lock.release();
  }

  #noteFindings(recorder: RunRecorder): void {
    for (const { judged, member, refusals } of this.#offers) {
      const where =
        judged.website === null
          ? { vhost: judged.domain }
          : { account: judged.website.account, vhost: judged.website.vhost };
      for (const one of refusals) recorder.record(websiteOfferNoted('error', where, one));
      if (member !== null)
        for (const one of judged.prepared.warnings) recorder.record(websiteOfferNoted('warn', where, one));
    }
  }

  async #install(
    members: readonly InstallMember[],
    recorder: RunRecorder,
  ): Promise<ReadonlyMap<string, InstallationEnd>> {
    const { host, signal } = this.#call;
    const install = { ...(await host.openInstall()), isRetried: false };
    const stop = AbortSignal.any([signal, ...this.#locks.map((lock) => lock.signal)]);
    const ends = new Map<string, InstallationEnd>();
    for (let first = 0; first < members.length; first += MAX_BATCH) {
      const batch = members.slice(first, first + MAX_BATCH);
      const outcomes = await installBatch(batch, install, recorder.record, stop);
      for (const { website, leaf } of batch) {
        const end = installationEndOf(website, outcomes.get(website.vhost), recorder);
        ends.set(website.vhost, end);
        if (end.state === 'unchanged') continue;
        recorder.record(certificateGiven(website, leaf, SERVED[end.state]));
        await this.#keepFromOrders(website.vhost, recorder);
      }
    }
    return ends;
  }

  /** What was installed stays installed, whatever becomes of the order. */
  async #keepFromOrders(vhost: string, recorder: RunRecorder): Promise<void> {
    const offer = this.#offers.find(({ member }) => member?.website.vhost === vhost);
    if (offer?.member == null || offer.judged.prepared.pair?.isKept !== true) return;
    const { website, lock } = offer.member;
    try {
      await lock.assertHeld();
      await setOrderAside(website, this.#call.host, recorder);
    } catch (error) {
      if (!(error instanceof AutosslError)) throw error;
      const { code, message, advice } = error;
      recorder.record(websiteOfferNoted('warn', website, { code, message, advice }));
    }
  }

  #installations(ends: ReadonlyMap<string, InstallationEnd>): readonly WebsiteInstallation[] {
    return this.#offers.map(({ judged, member, refusals }) => {
      const { domain, website, prepared } = judged;
      const { leaf, names, warnings } = prepared;
      const end = member === null ? null : (ends.get(member.website.vhost) ?? null);
      return { domain, website, leaf, names, refusals, warnings: member === null ? [] : warnings, end };
    });
  }
}

const SERVED = { served: true, published: null, 'not-served': false } as const;
