import type { AccountName } from '../../core/domain/account/account-name.js';
import type { WebsiteCertificatesCall } from '../../runs/manage/certificates/website-certificates-host.js';
import type { CheckNamesHost } from '../../runs/manage/check-names.js';
import type { ExclusionsHost } from '../../runs/manage/exclusions.js';
import type { KeyTypeHost } from '../../runs/manage/key-type.js';
import type { OwnCertificatesHost } from '../../runs/manage/own-certificates.js';
import type { StartCheckHost } from '../../runs/manage/start-check.js';
import type { CertificateStore } from '../../runs/ports/certificates.js';
import type { OrderStore } from '../../runs/ports/orders.js';
import type { ProblemStore } from '../../runs/ports/records.js';

/** One account's part of the world. No function learns of another account, or opens a path that was given to it. */
export interface UapiHost {
  /** Never from a parameter. */
  readonly account: AccountName;
  /** Who asks, for what is written down of it: the account itself, or root on its behalf. */
  readonly askedBy: string;
  openCertificates(): Promise<OwnCertificatesHost & { readonly keys: Pick<CertificateStore, 'readKey'> }>;
  openChecks(): Promise<StartCheckHost>;
  openExclusions(): Promise<ExclusionsHost>;
  /** For root alone. */
  openInstallation(): Promise<WebsiteCertificatesCall>;
  openKeyTypes(): Promise<KeyTypeHost>;
  openNames(): Promise<CheckNamesHost>;
  openOrders(): Promise<Pick<OrderStore, 'list'>>;
  openProblems(): Promise<Pick<ProblemStore, 'read'>>;
}
