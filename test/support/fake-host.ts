import type { CertificateEvidence, CertificateFacts } from '../../src/core/certificate/facts.js';
import { keyHashOf } from '../../src/core/certificate/key-hash.js';
import { readCertificate } from '../../src/core/certificate/parse.js';
import type { HttpObservation, PlacementFault } from '../../src/core/dcv/outcome.js';
import { parseAccountName } from '../../src/core/domain/account/account-name.js';
import type { StateError } from '../../src/core/domain/autossl-error.js';
import { parseDomainName, parseHostName } from '../../src/core/domain/name/names.js';
import type { AccountInventory, Website } from '../../src/core/domain/website/website.js';
import type { WildcardAbility } from '../../src/core/plan/action.js';
import type { ServedRecord } from '../../src/core/plan/served/served-record.js';
import type { ProviderDescription } from '../../src/core/provider/description.js';
import { CUSTOM_ACME } from '../../src/core/provider/known/custom-acme.js';
import { PROVIDERS } from '../../src/core/provider/registry.js';
import type { RunEvent } from '../../src/core/report/events/event.js';
import type { CheckHost, CheckSettings } from '../../src/runs/check/check-host.js';
import type { ProviderHooks } from '../../src/runs/ports/authority.js';
import type { CertificateSet, FormerSets } from '../../src/runs/ports/certificates.js';
import type { DnsChallengeSolver } from '../../src/runs/ports/challenges.js';
import type { IssuedRecord } from '../../src/runs/ports/orders.js';
import type { FakeCa } from './fake-ca.js';
import { FakeCaa } from './fake-caa.js';
import {
  evaluateFake,
  FAKE_LIFE_MS,
  type FakeCertificate,
  fakeCertificateIn,
  fakeChainOf,
  fakeKeyPem,
  fakeSerialOf,
  fakeSpkiOf,
} from './fake-certificate.js';
import { fakeInstall } from './fake-install.js';
import { FakeOrphans } from './fake-orphans.js';
import { fixedClock } from './fixed-clock.js';
import { NO_RANGES } from './loopback.js';
import { MemoryOrderStore } from './memory-order-store.js';
import {
  MemoryDueIndex,
  MemoryIssuedStore,
  MemoryLedger,
  MemoryLocks,
  MemoryNameMemory,
  MemoryProblemStore,
  MemoryRenewalInfo,
} from './memory-stores.js';
import { aRoot } from './pki.js';

export const FAKE_NOW = '2026-06-01T00:00:00.000Z';
const DAY_MS = 86_400_000;
/** This server's address in these tests, as DNS and the interfaces say. */
const OWN_ADDRESS = '192.0.2.1';

/**
 * A CheckHost of fakes. Every call that was not prepared throws “not expected”: the CA until `ca` is set, lookups of
 * names without an address, reads of accounts that are not there to be read.
 */
export class FakeHost implements CheckHost {
  readonly clock = fixedClock(FAKE_NOW);
  readonly random = {
    bytes: (length: number) => {
      const drawn = this.#draws++;
      return new Uint8Array(length)
        .fill(drawn % 256)
        .fill((drawn + Math.floor(drawn / 256)) % 256, length - 1);
    },
  };
  readonly inventories: AccountInventory[] = [];
  /** By website; publishing puts them here. */
  readonly present = new Map<string, FakeCertificate>();
  readonly orders = new MemoryOrderStore();
  readonly issued = new MemoryIssuedStore();
  readonly names = new MemoryNameMemory();
  readonly ledger = new MemoryLedger();
  readonly problems = new MemoryProblemStore();
  readonly due = new MemoryDueIndex();
  readonly locks = new MemoryLocks();
  readonly renewalInfo = new MemoryRenewalInfo();
  ca: FakeCa | null = null;
  /** What the next publications throw, by website. */
  readonly unpublishable = new Map<string, Error>();
  readonly published: string[] = [];
  reloads = 0;
  /** A run that was killed may have left it so. */
  isReloadOwed = false;
  reloadFault: string | null = null;
  /** What is wrong with the web server's configuration as found. */
  configFault: string | null = null;
  /** What its test says while nothing at all lies at a website. */
  missingFileFault: string | null = null;
  isServerDown = false;
  hasPlaceholders = false;
  readonly restored: string[] = [];
  /** What lay there before the publication of a run that was killed. */
  readonly formerAfterCrash = new Map<string, FakeCertificate | undefined>();
  readonly servedRecords = new Map<string, ServedRecord>();
  readonly orphans = new FakeOrphans(this);
  /** Names that do not resolve, and names whose fetch ends with a socket error. */
  readonly unknownNames = new Set<string>();
  /** What every lookup ends with, and whether the name servers answer at all. */
  lookupError: string | null = null;
  isResolverAnswering = true;
  /** Why no challenge can be placed. */
  placementFault: PlacementFault | null = null;
  readonly fetchErrors = new Map<string, string>();
  readonly looked: string[] = [];
  readonly logged: RunEvent[] = [];
  journals = 0;
  tidied = 0;
  provider: ProviderDescription = { ...CUSTOM_ACME, patienceMs: 0, maxNamesPerCertificate: 100 };
  directoryUrl = 'https://ca.test/dir';
  readonly sweepChallenges = async (): Promise<readonly string[]> => [];
  /** Null: no zone is edited here. */
  dns: DnsChallengeSolver | null = null;
  wildcards: WildcardAbility | null = null;
  readonly wildcardAbility = async (): Promise<WildcardAbility> =>
    this.wildcards ?? (this.dns === null ? 'no-editor' : 'yes');
  readonly openDnsSolver = async (): Promise<DnsChallengeSolver | null> => this.dns;
  readonly directoryUrlOf = (): string => this.directoryUrl;
  readonly providerNamed = (name: string) => PROVIDERS.find((one) => one.name === name);
  notices: CheckHost['notices'] = null;
  providerHooks: ProviderHooks | null = null;
  accountUrl: string | null = null;
  readonly accountUrlOf = async (): Promise<string | null> => this.accountUrl;
  root: string | null = null;
  settings: CheckSettings = {
    preflight: 'gate',
    concurrentOrders: 10,
    newOrdersPer3Hours: 150,
    deadlineMs: 3_600_000,
    intervalMs: 86_400_000,
    clobberExternallySigned: false,
    reuseKey: false,
    wildcardReduction: true,
  };
  revocation: CheckHost['revocation'] = null;
  /** Keys that somebody else has, by `keyHashOf`. */
  readonly knownLostKeys = new Set<string>();
  readonly lostKeys: CheckHost['lostKeys'] = { isKeyLost: (keyHash) => this.knownLostKeys.has(keyHash) };
  #draws = 0;

  /** An account with one website for each list of names, the first being the website's own. */
  account(name: string, websites: readonly (readonly string[])[], over: Partial<Website> = {}): this {
    const account = parseAccountName(name);
    this.inventories.push({
      state: 'ready',
      account: {
        name: account,
        primaryDomain: parseDomainName(websites[0]?.[0] ?? 'none.test'),
        owner: 'root',
        isReseller: false,
        homeDirectory: `/home/${name}`,
        contactEmail: null,
      },
      websites: websites.map((names) => ({ ...aWebsite(names, name), ...over })),
      faults: [],
    });
    return this;
  }

  /** A certificate that lies there; `isOurs` = we issued it, and know why. */
  certificate(
    vhost: string,
    names: readonly string[],
    options: Partial<FakeCertificate> & {
      readonly isOurs?: boolean;
      readonly because?: readonly string[];
      readonly daysLeft?: number;
      readonly issuedAt?: Date;
    } = {},
  ): this {
    const notAfter = new Date(this.clock.now().getTime() + (options.daysLeft ?? 60) * DAY_MS);
    const certificate: FakeCertificate = {
      names,
      notAfter,
      notBefore: new Date(notAfter.getTime() - FAKE_LIFE_MS),
      fingerprint: `${vhost}`.padEnd(64, '0'),
      ...options,
    };
    this.present.set(vhost, certificate);
    if (options.isOurs !== false)
      this.remember(vhost, certificate, options.because ?? ['CERTIFICATE_ABSENT']);
    return this;
  }

  /** Records that we got the certificate, whatever lies there now. */
  remember(vhost: string, certificate: FakeCertificate, because: readonly string[]): void {
    const record: IssuedRecord = {
      fingerprint: certificate.fingerprint,
      account: 'alice',
      vhost,
      provider: this.provider.name,
      directoryUrl: this.directoryUrl,
      acmeAccountUrl: certificate.ariId === undefined ? null : 'https://ca.test/account/1',
      orderUrl: null,
      orderId: 'x',
      names: certificate.names,
      because,
      ariCertificateId: certificate.ariId ?? null,
      serial: '01',
      notBefore: certificate.notBefore.toISOString(),
      notAfter: certificate.notAfter.toISOString(),
      issuedAt: certificate.notBefore.toISOString(),
    };
    this.issued.records.set(vhost, [record, ...(this.issued.records.get(vhost) ?? [])]);
  }

  readonly accounts: { -readonly [Port in keyof CheckHost['accounts']]: CheckHost['accounts'][Port] } = {
    readAll: () => asyncOf(this.inventories),
    read: async (name) =>
      this.inventories.find((one) => (one.state === 'ready' ? one.account.name : one.account) === name),
  };

  readonly certificates: CheckHost['certificates'] & FormerSets = {
    gatherEvidence: async ({ vhost }) => evidenceOf(vhost, this.present.get(vhost)),
    readKey: async ({ vhost }) => {
      throw new Error(`not expected: readKey ${vhost}`);
    },
    publish: async (set: CertificateSet, beforeRename) => {
      const { vhost } = set.website;
      const fault = this.unpublishable.get(vhost);
      if (fault !== undefined) throw fault;
      await beforeRename?.();
      this.present.set(vhost, fakeCertificateIn(set));
      this.published.push(vhost);
    },
    readFormer: async ({ website }) => {
      const former = this.formerAfterCrash.get(website.vhost) ?? this.present.get(website.vhost);
      return former === undefined ? null : { text: JSON.stringify(former), fingerprint: former.fingerprint };
    },
    restore: async ({ vhost }, former) => {
      this.restored.push(vhost);
      if (former === null) this.present.delete(vhost);
      else this.present.set(vhost, fakeCertificateIn({ chainPem: `${former.text}\n` }));
    },
    placeIfAbsent: async (set) => {
      if (!this.hasPlaceholders) throw new Error(`not expected: placeIfAbsent ${set.website.vhost}`);
      this.present.set(set.website.vhost, fakeCertificateIn(set));
      return true;
    },
    listArchived: async () => [],
    pathOf: ({ vhost }) => `/var/cpanel/ssl/apache_tls/${vhost}/combined`,
  };

  /** More than is needed unless a test says otherwise. */
  rooms: ReturnType<CheckHost['freeRoom']> = [];
  readonly freeRoom = (): ReturnType<CheckHost['freeRoom']> => this.rooms;
  readonly stateMark = {
    isSet: false,
    lost: null as string | null,
    lostFolder: async (): Promise<string | null> => this.stateMark.lost,
    set: async (): Promise<void> => {
      this.stateMark.isSet = true;
    },
    unset: async (): Promise<void> => {
      this.stateMark.isSet = false;
    },
  };
  readonly install: CheckHost['install'] = fakeInstall(this);
  /** Placeholders are off unless asked for. */
  get placeholders(): CheckHost['placeholders'] {
    const makePlaceholder = async (names: readonly string[]) => ({
      keyPem: fakeKeyPem(),
      chainPem: fakeChainOf({
        names,
        notBefore: this.clock.now(),
        notAfter: new Date(this.clock.now().getTime() + FAKE_LIFE_MS),
        fingerprint: `placeholder-${names[0]}`,
        flaws: ['SELF_SIGNED'],
      }),
    });
    return {
      certificates: this.certificates,
      makePlaceholder: this.hasPlaceholders ? makePlaceholder : null,
    };
  }

  /** Challenge contents by token. */
  readonly #placed = new Map<string, string>();
  async openSolver(): ReturnType<CheckHost['openSolver']> {
    return {
      present: async ({ token, content }) => {
        if (this.placementFault !== null) return { ok: false, ...this.placementFault };
        this.#placed.set(token, content);
        return { ok: true };
      },
      cleanUp: async ({ token }) => {
        this.#placed.delete(token);
      },
      sweep: async () => undefined,
      close: async () => undefined,
    };
  }

  readonly preflight: CheckHost['preflight'] = {
    resolver: {
      addressesOf: async (name) => {
        this.looked.push(name);
        const error = this.lookupError;
        if (error !== null) return { ipv4: [], ipv6: [], ipv4Error: error, ipv6Error: error };
        return this.unknownNames.has(name)
          ? { ipv4: [], ipv6: [], ipv4Error: 'ENOTFOUND', ipv6Error: 'ENOTFOUND' }
          : { ipv4: [OWN_ADDRESS], ipv6: [], ipv4Error: null, ipv6Error: 'ENODATA' };
      },
      isAnswering: async () => this.isResolverAnswering,
      servers: ['127.0.0.1:5399'],
    },
    probe: {
      fetch: async ({ host, address, path }): Promise<HttpObservation> => {
        const error = this.fetchErrors.get(host) ?? null;
        const body = this.#placed.get(path.split('/').at(-1) ?? '') ?? 'nothing here';
        return {
          hops: [
            { url: `http://${host}${path}`, address, status: error === null ? 200 : null, location: null },
          ],
          body: error === null ? body : null,
          isBodyTruncated: false,
          error,
          isRedirectLimitReached: false,
          refusedRedirect: null,
        };
      },
    },
    random: this.random,
    ownAddresses: [OWN_ADDRESS],
    privateNetworks: NO_RANGES,
    addressMap: new Map(),
    maxRedirects: 10,
  };

  /** CAA records by name, as the resolvers show them. */
  readonly caa = new FakeCaa();

  async openAuthority(): ReturnType<CheckHost['openAuthority']> {
    if (this.ca === null) throw new Error('not expected: openAuthority');
    return this.ca;
  }

  /** What the log says when its lines are to be written. */
  logFault: StateError | null = null;
  /** What hinders its beginning. */
  logOpenFault: StateError | null = null;

  async openJournal(): ReturnType<CheckHost['openJournal']> {
    if (this.logOpenFault !== null) throw this.logOpenFault;
    this.journals += 1;
    return {
      startedAt: this.clock.now().toISOString(),
      record: (event) => {
        this.logged.push(event);
      },
      flush: () => this.logEnd(),
      close: () => this.logEnd(),
    };
  }

  protected async logEnd(): Promise<void> {
    if (this.logFault !== null) throw this.logFault;
  }

  async tidy(): Promise<void> {
    this.tidied += 1;
  }

  async makeKeyAndCsr(_keyType: unknown, names: readonly string[]) {
    return { keyPem: fakeKeyPem(), csrDer: Buffer.from(JSON.stringify(names)) };
  }

  readonly evaluate: CheckHost['evaluate'] = (website, _evidence, issued, now) => {
    const present = this.present.get(website.vhost);
    const revocation = present && this.revocation?.known.of(present.fingerprint);
    const isLost = present && this.knownLostKeys.has(keyHashOf(fakeSpkiOf(present)));
    const flaws = [...(revocation ? TAKEN_BACK : []), ...(isLost ? KEY_LOST : [])];
    const certificate = present && { ...present, flaws: [...(present.flaws ?? []), ...flaws] };
    const known = present?.ariId === undefined ? null : this.renewalInfo.of(website.vhost, present.ariId);
    const evaluation = evaluateFake(website, certificate, issued, now, 'website', known?.info ?? null);
    return present?.listUrl === undefined
      ? evaluation
      : { ...evaluation, issuer: readCertificate(aRoot().der) };
  };

  readonly describeLeaf: CheckHost['describeLeaf'] = (chainPem) => {
    const { names, notBefore, notAfter, fingerprint, ariId } = fakeCertificateIn({ chainPem });
    const ariCertificateId = ariId ?? null;
    return { fingerprint, serial: '01', notBefore, notAfter, dnsNames: names, ariCertificateId };
  };
}

/** A website of one account with these names, the first being its own. */
export function aWebsite(names: readonly string[], account = 'alice'): Website {
  return {
    account: parseAccountName(account),
    vhost: parseHostName(names[0] ?? 'none.test'),
    candidates: names.map((name) => ({ name: parseHostName(name), standing: 'other', isService: false })),
    excluded: [],
    documentRoot: `/home/${account}/public_html`,
    keyType: 'rsa-2048',
  };
}

const TAKEN_BACK = ['REVOKED'] as const;
const KEY_LOST = ['KEY_COMPROMISED'] as const;

/** As far as runs look into evidence. */
function evidenceOf(vhost: string, certificate: FakeCertificate | undefined): CertificateEvidence {
  if (certificate === undefined) return { kind: 'absent', path: vhost };
  const { fingerprint, notBefore, notAfter, listUrl, flaws = [] } = certificate;
  const lists = {
    serial: fakeSerialOf(fingerprint),
    crlUrls: listUrl === undefined ? [] : [listUrl],
    ocspUrls: [],
  };
  const isSelfSigned = flaws.includes('SELF_SIGNED');
  const leaf = {
    fingerprint,
    notBefore,
    notAfter,
    isSelfSigned,
    key: { type: 'other', bits: null, oid: '', spki: fakeSpkiOf(certificate) },
    ...lists,
  } as Partial<CertificateFacts> as CertificateFacts;
  return { kind: 'present', path: vhost, leaf, chain: [], keySpki: null, keyFault: null };
}

async function* asyncOf<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
