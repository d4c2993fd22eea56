import type { ListProblemsHost } from '../../runs/list-problems.js';
import type { GenerateHost } from '../../runs/manage/certificates/generate-certificate.js';
import type { KnownCertificatesHost } from '../../runs/manage/certificates/known-certificates.js';
import type { SslWebsitesHost } from '../../runs/manage/certificates/list-ssl-websites.js';
import type { WebsiteCertificatesHost } from '../../runs/manage/certificates/website-certificates-host.js';
import type { ReadCheckSchedule } from '../../runs/manage/check-schedule.js';
import type { ExclusionsHost } from '../../runs/manage/exclusions.js';
import type { ProvidersHost } from '../../runs/manage/providers.js';
import type { StartCheckHost } from '../../runs/manage/start-check.js';
import type { UserFiles } from '../../runs/ports/accounts.js';
import type { RunLogs } from '../../runs/ports/journal.js';
import type { MetadataStore } from '../../runs/ports/options.js';
import type { OrderStore } from '../../runs/ports/orders.js';
import type { ManageHost } from '../../runs/services/manage/manage-host.js';

/** Certificates of websites, and root's own material. */
export interface CertificatesHost
  extends WebsiteCertificatesHost,
    SslWebsitesHost,
    KnownCertificatesHost,
    GenerateHost {
  readonly certificates: WebsiteCertificatesHost['certificates'];
  readonly accounts: WebsiteCertificatesHost['accounts'];
  readonly clock: WebsiteCertificatesHost['clock'];
  readonly material: KnownCertificatesHost['material'] & GenerateHost['material'];
}

/** What the functions need of the world, each part opened when the first function asks for it; wired in cli/host. */
export interface WhmHost {
  openChecks(): Promise<StartCheckHost>;
  openCertificates(): Promise<CertificatesHost>;
  openExclusions(): Promise<ExclusionsHost>;
  openLogs(): Promise<RunLogs>;
  openMetadata(): Promise<MetadataStore>;
  /** This machine. */
  openServer(): Promise<{ readonly hostname: string }>;
  /** Those that have certificates of their own. */
  openServices(): Promise<ManageHost>;
  /** Aborts when the program is told to end. */
  stopSignal(): AbortSignal;
  openUserFiles(): Promise<UserFiles>;
  openOrders(): Promise<Pick<OrderStore, 'list'>>;
  openProblems(): Promise<ListProblemsHost>;
  openSchedule(): Promise<ReadCheckSchedule>;
  openProviders(): Promise<ProvidersHost>;
}
