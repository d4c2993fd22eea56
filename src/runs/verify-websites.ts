import { judgePublicDns, type PublicDns, UNKNOWN_PUBLIC_DNS } from '../core/dcv/public-dns.js';
import { namesToAsk } from '../core/domain/name/asked-names.js';
import { isWildcard, printable } from '../core/domain/name/names.js';
import type { Website } from '../core/domain/website/website.js';
import type { ServedRecord } from '../core/plan/served/served-record.js';
import type { ServerSite } from '../core/plan/served/server-site.js';
import {
  faultFrom,
  type LeftOutAccount,
  type ListFault,
  leftOutOf,
} from '../core/report/status/website-list.js';
import type { Verification } from '../core/report/verification.js';
import type { InstallHost, ServedProof } from './install/install-ports.js';
import { type ProofSubject, proveServed } from './install/served-proof.js';
import { servedRecordOf } from './install/served-record.js';
import type { AccountDirectory } from './ports/accounts.js';
import type { CertificateStore, FormerSets } from './ports/certificates.js';
import type { NameResolver } from './ports/looks.js';
import type { IssuedStore } from './ports/orders.js';
import type { ServedStore } from './ports/records.js';
import { accountsInScope, type WebsiteScope } from './website-scope.js';

/** What asking the web servers needs of the world; only `served` is written to. */
export interface VerifyHost extends Pick<InstallHost, 'clock' | 'tls' | 'ownAddresses' | 'webServers'> {
  /** Null on a server that has no accounts yet. */
  readonly accounts: AccountDirectory | null;
  readonly certificates: Pick<CertificateStore, 'gatherEvidence'> & Pick<FormerSets, 'listArchived'>;
  readonly issued: Pick<IssuedStore, 'read'>;
  readonly served: Pick<ServedStore, 'write'>;
  readonly resolver: Pick<NameResolver, 'addressesOf' | 'isAnswering'>;
  /** Public address → local address. */
  readonly addressMap: ReadonlyMap<string, string>;
  certificatePath(vhost: Website['vhost']): string;
}

export type VerifyItem =
  | { readonly kind: 'website'; readonly verification: Verification }
  | { readonly kind: 'left-out'; readonly account: LeftOutAccount }
  | { readonly kind: 'fault'; readonly fault: ListFault };

/** Websites that are asked for together: enough to keep every handshake's slot in use, few enough to be held. */
const BATCH = 200;
/** One look may fall on the moment in which a server exchanges its workers; the wrong answers of a second do not. */
const PATIENCE_MS = 1_000;

/**
 * Asks the web servers for every website in scope, with SNI, where their configurations say that it is served, compares
 * what answers with the certificate that lies there, and keeps what was seen. Takes no lock; of a website whose certificate
 * was exchanged meanwhile nothing is kept. Ends early when the signal aborts.
 * @throws UsageError UNKNOWN_USER, BAD_ARGUMENT; StateError TREE_UNREADABLE
 */
export async function* verifyWebsites(
  scope: WebsiteScope,
  host: VerifyHost,
  signal: AbortSignal,
): AsyncGenerator<VerifyItem> {
  const verifier = new Verifier(host, signal);
  let batch: Website[] = [];
  for await (const inventory of accountsInScope(scope, host)) {
    const leftOut = leftOutOf(inventory);
    if (leftOut !== null) yield { kind: 'left-out', account: leftOut };
    if (inventory.state !== 'ready') continue;
    for (const { code, message } of inventory.faults) {
      yield { kind: 'fault', fault: { code, message: printable(message), advice: null } };
    }
    for (const website of inventory.websites) {
      batch.push(website);
      if (batch.length < BATCH) continue;
      yield* verifier.verify(batch);
      batch = [];
      if (signal.aborted) return;
    }
  }
  yield* verifier.verify(batch);
}

/** What the servers' configurations say. */
interface KnownSites {
  /** Null: nothing is known. */
  readonly sites: readonly ServerSite[] | null;
  /** Why a website that no site has may be served all the same; null: every server's sites are known. */
  readonly doubt: { readonly message: string; readonly advice: string } | null;
}

/** One website whose certificate should answer. */
interface Candidate {
  readonly website: Website;
  readonly subject: ProofSubject;
  readonly leaf: {
    readonly fingerprint: string;
    readonly notAfter: Date;
    readonly dnsNames: readonly string[];
  };
}

class Verifier {
  readonly #host: VerifyHost;
  readonly #signal: AbortSignal;
  #known: KnownSites | undefined;
  #isResolving: boolean | undefined;
  #isWritable = true;

  constructor(host: VerifyHost, signal: AbortSignal) {
    this.#host = host;
    this.#signal = signal;
  }

  async *verify(websites: readonly Website[]): AsyncGenerator<VerifyItem> {
    if (websites.length === 0) return;
    if (this.#known === undefined) {
      const { faults, ...known } = await this.#readSites();
      this.#known = known;
      for (const fault of faults) yield { kind: 'fault', fault };
    }
    const { sites, doubt } = this.#known;
    const looked = await Promise.all(websites.map((website) => this.#look(website)));
    const candidates = looked.filter((one): one is Candidate => 'subject' in one);
    const [proofs, dns] = await Promise.all([
      proveServed(
        candidates.map(({ subject }) => subject),
        sites,
        this.#host,
        { patienceMs: PATIENCE_MS, signal: this.#signal },
      ),
      this.#lookUp(candidates.map(({ website }) => website)),
    ]);
    if (this.#signal.aborted) {
      yield { kind: 'fault', fault: { code: 'STOPPED', message: 'stopped before the end', advice: null } };
      return;
    }
    for (const one of looked) {
      if (!('subject' in one)) {
        yield { kind: 'website', verification: one };
        continue;
      }
      const { vhost } = one.website;
      const proof = proofs.get(vhost) ?? null;
      const publicDns = dns.get(vhost) ?? UNKNOWN_PUBLIC_DNS;
      yield* this.#conclude(one, proof, publicDns, doubt);
    }
  }

  async *#conclude(
    { website, leaf }: Candidate,
    proof: ServedProof | null,
    publicDns: PublicDns,
    doubt: KnownSites['doubt'],
  ): AsyncGenerator<VerifyItem> {
    const wanted = website.candidates.map(({ name }) => name);
    const record = servedRecordOf(website, wanted, leaf, proof, this.#host.clock.now());
    const now = await this.#host.certificates.gatherEvidence(website);
    const isSame = now.kind === 'present' && now.leaf.fingerprint === leaf.fingerprint;
    const isDoubtful = doubt !== null && !isSiteKnown(proof, leaf.dnsNames);
    if (proof === null || !isSame || isDoubtful) {
      const why = isSame ? (doubt ?? NO_SERVER) : EXCHANGED;
      yield { kind: 'website', verification: unknownOf(record, why, publicDns) };
      return;
    }
    yield { kind: 'website', verification: verificationOf(record, publicDns) };
    if (!this.#isWritable) return;
    try {
      await this.#host.served.write(record);
    } catch (error) {
      // What stops one record stops the next.
      this.#isWritable = false;
      yield { kind: 'fault', fault: faultFrom(error) };
    }
  }

  /** What should answer for a website; a conclusion when nothing can. */
  async #look(website: Website): Promise<Candidate | Verification> {
    const { vhost, account } = website;
    const none = (outcome: Verification['outcome'], fault: ListFault | null): Verification => ({
      account,
      website: vhost,
      outcome,
      expected: null,
      code: null,
      message: fault?.message ?? null,
      advice: fault?.advice ?? null,
      places: [],
      namesWithoutSite: [],
      ...UNKNOWN_PUBLIC_DNS,
    });
    try {
      const evidence = await this.#host.certificates.gatherEvidence(website);
      if (evidence.kind === 'absent' || evidence.kind === 'empty') return none('no-certificate', null);
      if (evidence.kind === 'unreadable') {
        return none('unreadable', {
          code: 'CERTIFICATE_UNREADABLE',
          message: printable(evidence.why),
          advice: null,
        });
      }
      const { fingerprint, notAfter, dnsNames } = evidence.leaf;
      const previous = await this.#previousOf(website, fingerprint);
      const combinedFile = this.#host.certificatePath(vhost);
      const leaf = { fingerprint, notAfter, dnsNames };
      const names = namesToAsk(
        dnsNames,
        website.candidates.map(({ name }) => name),
      );
      return {
        website,
        leaf,
        subject: { website, names, expected: fingerprint, previous, combinedFile },
      };
    } catch (error) {
      return none('unreadable', faultFrom(error));
    }
  }

  /** What lay there before, by our records or else by the archive: it may have been somebody else's. */
  async #previousOf(website: Website, fingerprint: string): Promise<string | null> {
    const isOther = (one: { readonly fingerprint: string }): boolean => one.fingerprint !== fingerprint;
    const recorded = (await this.#host.issued.read(website.vhost)).find(isOther);
    const previous = recorded ?? (await this.#host.certificates.listArchived(website)).find(isOther);
    return previous?.fingerprint ?? null;
  }

  async #readSites(): Promise<KnownSites & { readonly faults: readonly ListFault[] }> {
    const servers = this.#host.webServers();
    const sites: ServerSite[] = [];
    const faults: ListFault[] = [];
    const silent: string[] = [];
    for (const server of servers) {
      const found = server.kind === 'command' ? null : await server.readSites();
      if (found !== null && !('fault' in found)) sites.push(...found);
      else silent.push(server.describe());
      if (found !== null && 'fault' in found) {
        const message = `the sites of ${server.describe()} cannot be read: ${found.fault}`;
        faults.push({ code: 'SITES_UNREADABLE', message: printable(message), advice: null });
      }
    }
    const doubt = {
      message: `nobody can be asked: the sites of ${silent.join(' and ')} are not known`,
      advice: 'Look at it from outside, or name the server’s kind (webServer.kind) in /etc/autossl.yaml.',
    };
    if (servers.length === 0) return { sites: null, doubt: null, faults };
    const isAnyKnown = silent.length < servers.length;
    return { sites: isAnyKnown ? sites : null, doubt: silent.length === 0 ? null : doubt, faults };
  }

  async #lookUp(websites: readonly Website[]): Promise<ReadonlyMap<string, PublicDns>> {
    const { resolver } = this.#host;
    this.#isResolving ??= await resolver.isAnswering();
    if (!this.#isResolving) return new Map();
    const found = websites.map(async ({ vhost }): Promise<readonly [string, PublicDns]> => {
      if (isWildcard(vhost)) return [vhost, UNKNOWN_PUBLIC_DNS];
      return [vhost, judgePublicDns(await resolver.addressesOf(vhost), this.#host)];
    });
    return new Map(await Promise.all(found));
  }
}

const NO_SERVER = {
  message: 'nobody can be asked: no web server runs here, or none is named in /etc/autossl.yaml',
  advice: 'Start it, or name it under webServer there.',
};
const EXCHANGED = {
  message: 'its certificate was exchanged while it was asked for',
  advice: 'Ask again.',
};

/** Whether some site with TLS has one of the names. */
function isSiteKnown(proof: ServedProof | null, names: readonly string[]): boolean {
  return proof !== null && (proof.verdict.served || proof.namesWithoutSite.length < names.length);
}

function verificationOf({ account, vhost, issued, served }: ServedRecord, dns: PublicDns): Verification {
  const { state, code, message, advice, places, namesWithoutSite } = served;
  return {
    account,
    website: vhost,
    outcome: state,
    expected: issued.fingerprint,
    code,
    message,
    advice,
    places,
    namesWithoutSite,
    ...dns,
  };
}

function unknownOf(
  record: ServedRecord,
  why: { readonly message: string; readonly advice: string },
  dns: PublicDns,
): Verification {
  return { ...verificationOf(record, dns), outcome: 'unknown', code: null, ...why };
}
