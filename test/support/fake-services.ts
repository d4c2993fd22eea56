import type { CertificateEvidence, CertificateFacts } from '../../src/core/certificate/facts.js';
import { encodePem } from '../../src/core/certificate/pem/pem.js';
import { PLACEHOLDER_ORGANIZATION } from '../../src/core/certificate/placeholder.js';
import { SERVER_OWNER } from '../../src/core/domain/account/hostname-owner.js';
import type { ServiceName } from '../../src/core/domain/service/service-name.js';
import type { ToldServices } from '../../src/core/notice/services/services-news.js';
import type { TlsObservation } from '../../src/core/plan/served/served.js';
import type { DeathNote } from '../../src/core/plan/services/deadly-pair.js';
import { renewalKeyOf } from '../../src/core/renewal/information/renewal-record.js';
import type { RunEvent } from '../../src/core/report/events/event.js';
import type { RetryOutcome } from '../../src/core/report/events/service-events.js';
import type { ServicesReport } from '../../src/core/report/services/services-report.js';
import type { DeathNotes, WebServer } from '../../src/runs/ports/installation.js';
import { checkServices } from '../../src/runs/services/check-services.js';
import { hostnameWebsite } from '../../src/runs/services/hostname-website.js';
import type {
  FoundServices,
  ServerService,
  ServicesHost,
  TouchFiles,
} from '../../src/runs/services/services-host.js';
import { FakeCa } from './fake-ca.js';
import {
  evaluateFake,
  FAKE_LIFE_MS,
  type FakeCertificate,
  fakeCertificateIn,
  fakeChainOf,
  fakeKeyPem,
} from './fake-certificate.js';
import { FAKE_NOW, FakeHost } from './fake-host.js';
import { runningClock } from './running-clock.js';

const DAY_MS = 86_400_000;
const LISTEN = {
  address: '127.0.0.1',
  port: 25,
  isTls: true,
  isDefault: true,
  wantsProxyHeader: false,
} as const;
const SITE = { server: 'service', isDefault: true, certificates: [], documentRoot: null, line: 1 } as const;
/** Fingerprints of those that `makePlaceholder` makes. */
const PLACEHOLDER = /^f\df{62}$/;
export const FAKE_HOSTNAME = 'server.example.com';

/** One service: a daemon and its certificate, which misbehave as they are told to (`daemon`). */
export class FakeService implements ServerService {
  readonly name: ServiceName;
  readonly file: string;
  /** What its port shows; undefined: nobody knows where it answers. */
  answers: (() => Partial<TlsObservation>) | undefined;
  handshakes = 0;
  /** Its daemon dies of each reload, and can be started. */
  isMortal = false;
  deathCount = 0;
  died: DeathNote | null = null;
  readonly deaths: DeathNotes = {
    path: '/died-of.json',
    read: async () => this.died,
    write: async (note) => {
      this.died = note;
    },
  };
  /** `configFault`, `reloadFault`, `reloads` of its daemon. */
  readonly daemon: FakeHost;
  /** What lies there. */
  present: FakeCertificate | undefined;
  /** How often a placeholder was laid where nothing lay. */
  laid = 0;
  /** Keys and chains that were put in place, in order. */
  readonly given: FakeCertificate[] = [];
  readonly install: ServerService['install'];

  constructor(name: ServiceName) {
    this.name = name;
    this.file = `/var/cpanel/ssl/${name}/${name}.pem`;
    this.daemon = new FakeHost();
    this.install = {
      ...this.daemon.install,
      // Whoever waits for a daemon waits as long as that takes.
      clock: runningClock(FAKE_NOW),
      webServers: () => this.daemon.install.webServers().map((server) => this.#answering(server)),
      tls: {
        handshake: async () => {
          this.handshakes += 1;
          return {
            fingerprint: null,
            chain: [],
            names: [],
            protocol: null,
            error: null,
            ...this.answers?.(),
          };
        },
      },
      lockName: `install:${name}`,
      certificates: {
        gatherEvidence: async () => this.#evidence(),
        readKey: async () => (this.present === undefined ? undefined : fakeKeyPem()),
        publish: async (set, beforeRename) => {
          await beforeRename?.();
          this.present = certificateIn(set.chainPem);
          this.given.push(this.present);
        },
        readFormer: async () =>
          this.present === undefined
            ? null
            : { text: JSON.stringify(this.present), fingerprint: this.present.fingerprint },
        restore: async (_website, former) => {
          this.present = former === null ? undefined : fakeCertificateIn({ chainPem: `${former.text}\n` });
        },
        placeIfAbsent: async ({ chainPem }) => {
          if (this.present !== undefined) return false;
          this.present = certificateIn(chainPem);
          this.laid += 1;
          return true;
        },
        listArchived: async () => [],
        pathOf: () => `/var/cpanel/ssl/${name}/combined`,
      },
    };
  }

  describe(): string {
    return `the ${this.name} daemon`;
  }

  #answering(server: WebServer): WebServer {
    if (this.isMortal) return this.#mortal(server);
    if (this.answers === undefined) return server;
    const listens = [{ ...LISTEN, startTls: 'smtp' as const }];
    const site = { ...SITE, names: [FAKE_HOSTNAME], listens, file: this.file };
    return { ...server, kind: 'service', readSites: async () => [site] };
  }

  #mortal(server: WebServer): WebServer {
    let isAlive = true;
    return {
      ...server,
      reload: async () => {
        isAlive = false;
        this.deathCount += 1;
        return { ok: false, why: 'it died' };
      },
      liveness: async () => ({ ...(await server.liveness()), isAlive }),
      start: async () => {
        isAlive = true;
        return { ok: true };
      },
    };
  }

  #evidence(): CertificateEvidence {
    const path = this.name;
    if (this.present === undefined) return { kind: 'absent', path };
    const { fingerprint, notBefore, notAfter, names } = this.present;
    const der = Buffer.from(JSON.stringify(this.present));
    const isSelfSigned = this.present.flaws?.includes('SELF_SIGNED') ?? false;
    const issuerOrganizations = PLACEHOLDER.test(fingerprint) ? [PLACEHOLDER_ORGANIZATION] : [];
    const said = { subject: 'CN=fake', issuer: 'CN=fake', issuerOrganizations, isSelfSigned, der };
    const key = { type: 'ed448', bits: null, oid: '1.3.101.113', spki: Buffer.of() } as const;
    const validity = { fingerprint, notBefore, notAfter, dnsNames: names, ipAddresses: [] };
    const leaf = { ...said, ...validity, key } as unknown as CertificateFacts;
    return { kind: 'present', path, leaf, chain: [], keySpki: null, keyFault: null };
  }
}

/** A server with services whose CA, daemons, mail and at queue are fakes. */
export class FakeServicesHost implements ServicesHost {
  /** What orders need; `ordering` null: AutoSSL is disabled. */
  readonly base = this.openBase();
  readonly clock = this.base.clock;
  readonly locks = this.base.locks;
  readonly issued = this.base.issued;
  readonly orders = this.base.orders;
  readonly root = null;
  readonly services: FakeService[];
  readonly absent: { name: ServiceName; why: string }[] = [];
  ordering: ServicesHost['ordering'] = this.base;
  settings: ServicesHost['settings'] = {
    hostname: FAKE_HOSTNAME,
    keyType: 'rsa-2048',
    followsHostname: true,
    deadlineMs: 3_600_000,
    repeatMails: 'weekly',
  };
  touch: TouchFiles = { noOrders: null, noReplacement: null };
  readonly mails: { readonly subject: string; readonly lines: readonly string[] }[] = [];
  /** Why no mail can be sent. */
  mailFault: string | null = null;
  retry: RetryOutcome = {
    state: 'scheduled',
    job: '7',
    runsAt: new Date('2026-06-01T01:00:00Z'),
    warning: null,
  };
  retries = 0;
  #placeholders = 0;

  constructor(...names: readonly ServiceName[]) {
    this.services = names.map((name) => new FakeService(name));
  }

  protected openBase(): FakeHost {
    return new FakeHost();
  }

  service(name: ServiceName): FakeService {
    const found = this.services.find((one) => one.name === name);
    if (found === undefined) throw new Error(`this server has no ${name}`);
    return found;
  }

  /** A certificate of a service; `isOurs` = we got it for the hostname. */
  certificate(
    name: ServiceName,
    options: Partial<FakeCertificate> & { readonly isOurs?: boolean; readonly daysLeft?: number } = {},
  ): this {
    const notAfter = new Date(this.clock.now().getTime() + (options.daysLeft ?? 60) * DAY_MS);
    const certificate: FakeCertificate = {
      names: [FAKE_HOSTNAME],
      notAfter,
      notBefore: new Date(notAfter.getTime() - FAKE_LIFE_MS),
      fingerprint: name.padEnd(64, '0'),
      ...options,
    };
    this.service(name).present = certificate;
    if (options.isOurs === true) {
      this.base.remember(FAKE_HOSTNAME, certificate, ['CERTIFICATE_ABSENT']);
      const records = this.issued.records.get(FAKE_HOSTNAME) ?? [];
      this.issued.records.set(
        FAKE_HOSTNAME,
        records.map((record) => ({ ...record, account: '@server' })),
      );
    }
    return this;
  }

  /** What the administrator was told. */
  toldServices: ToldServices | null = null;
  readonly told: ServicesHost['told'] = {
    read: async () => this.toldServices,
    write: async (told) => {
      this.toldServices = told;
      return { ok: true };
    },
  };
  readonly notifier: ServicesHost['notifier'] = {
    tell: async (mail) => {
      this.mails.push(mail);
      return this.mailFault === null ? { ok: true } : { ok: false, why: this.mailFault, isQueued: false };
    },
  };

  async findServices(): Promise<FoundServices> {
    return { services: this.services, absent: this.absent };
  }

  async readTouchFiles(): Promise<TouchFiles> {
    return this.touch;
  }

  openJournal: ServicesHost['openJournal'] = () => this.base.openJournal();
  tidy: ServicesHost['tidy'] = () => this.base.tidy();
  readonly describeLeaf = this.base.describeLeaf;
  revocation: ServicesHost['revocation'] = null;

  readonly evaluate: ServicesHost['evaluate'] = (hostname, evidence, issued, now) => {
    const present = this.services.find(({ name }) => name === evidence.path)?.present;
    const certificateId = present?.ariId ?? '';
    const key = renewalKeyOf({ account: SERVER_OWNER, vhost: hostname, certificateId });
    const known = this.base.renewalInfo.of(key, certificateId);
    const website = hostnameWebsite(hostname, 'rsa-2048');
    return evaluateFake(website, present, issued, now, 'hostname', known?.info ?? null);
  };

  readonly makePlaceholder = async (name: string): Promise<{ keyPem: string; chainPem: string }> => {
    this.#placeholders += 1;
    const notBefore = this.clock.now();
    const chainPem = fakeChainOf({
      names: [name],
      notBefore,
      notAfter: new Date(notBefore.getTime() + 365 * DAY_MS),
      fingerprint: `f${this.#placeholders}`.padEnd(64, 'f'),
      flaws: ['SELF_SIGNED'],
    });
    return { keyPem: fakeKeyPem(), chainPem };
  };

  readonly scheduleRetry = async (): Promise<RetryOutcome> => {
    this.retries += 1;
    return this.retry;
  };

  get codes(): readonly string[] {
    return this.base.logged.map(({ code }) => code);
  }
}

/** A server with these services, whose CA issues whatever is asked for. */
export function servicesWithCa(...names: readonly ServiceName[]): {
  readonly host: FakeServicesHost;
  readonly ca: FakeCa;
} {
  const host = new FakeServicesHost(...names);
  const ca = new FakeCa(() => host.clock.now());
  host.base.ca = ca;
  return { host, ca };
}

/** One run of checkallsslcerts. */
export function runServices(
  host: FakeServicesHost,
  words: {
    readonly isRetryAllowed?: boolean;
    readonly signal?: AbortSignal;
    readonly listen?: (event: RunEvent) => void;
  } = {},
): Promise<ServicesReport> {
  const { isRetryAllowed = false, signal = new AbortController().signal, listen = () => undefined } = words;
  return checkServices({ scheduleRetry: isRetryAllowed ? host.scheduleRetry : null, signal }, host, listen);
}

/** Of a chain as the CA gave it, or as another service's store gave its bytes back. */
function certificateIn(chainPem: string): FakeCertificate {
  if (!chainPem.startsWith('-----')) return fakeCertificateIn({ chainPem });
  const body = chainPem.replace(/-----[^-]*-----/g, '');
  const text = `${Buffer.from(body, 'base64').toString('utf8')}\n`;
  if (encodePem('CERTIFICATE', Buffer.from(text.trimEnd())) !== chainPem)
    throw new Error('not a chain of ours');
  return fakeCertificateIn({ chainPem: text });
}
