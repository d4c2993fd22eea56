import type { DomainName, WildcardName } from '../../domain/name/names.js';
import type { LedgerRecord } from '../../order/ledger-record.js';
import type { AccountLimits } from '../../order/limits/buckets.js';
import type { Exemption } from '../../order/limits/published-limits.js';
import type { NameRecord } from '../../order/name-record.js';
import type { PastCertificate } from '../../order/reorder.js';
import type { PlannedAction } from '../../plan/action.js';
import type { DueWebsite } from '../../plan/due-website.js';
import type { RenewalVerdict } from '../../renewal/verdict.js';
import type { ListedProblem } from '../problems/problem-table.js';
import type { ListFault } from '../status/website-list.js';
import type { WebsiteStatus } from '../status/website-status.js';
import type { CaaSight } from './caa-sight.js';
import type { NameHolding } from './name-holding.js';
import type { NameSight } from './name-sight.js';
import type { RunSchedule } from './run-schedule.js';

/** All that was read and seen of one name. */
export interface WhyFacts {
  readonly name: DomainName | WildcardName;
  readonly holding: NameHolding;
  /** Of a name that a website has. */
  readonly website: WebsiteFacts | null;
  readonly exclusion: ExcludedBy | null;
  readonly provider: UsedProvider;
  readonly sight: NameSight;
  /** Null: nobody looked. */
  readonly caa: CaaSight | null;
  readonly schedule: RunSchedule;
  /** What could not be read beside that. */
  readonly faults: readonly ListFault[];
}

/** Who orders come from. */
export type UsedProvider =
  | { readonly state: 'never-set' | 'disabled' }
  | { readonly state: 'chosen'; readonly name: string; readonly displayName: string };

/** Where a name is excluded. */
export interface ExcludedBy {
  readonly file: string;
  /** `root`, or the account; null: another program wrote it. */
  readonly by: string | null;
  /** ISO 8601; null: not known. */
  readonly at: string | null;
  /** When the list was last changed; the name may have been there before. Null: not known. */
  readonly changedAt: string | null;
}

export interface WebsiteFacts {
  readonly status: WebsiteStatus;
  /** The certificate is good for the name: covers it, and visitors are not warned. */
  readonly isCovered: boolean;
  /** Null when there is no certificate to renew. */
  readonly renewal: RenewalVerdict | null;
  readonly action: Pick<PlannedAction, 'kind' | 'because' | 'names' | 'leftOut'> | null;
  /** Secured names of the website, this one among them or not. */
  readonly securedNames: readonly string[];
  /** AutoSSL did not issue the certificate and must not replace it, in a sentence; null: it may. */
  readonly leftAloneBecause: string | null;
  /** Somebody went back to a former certificate. */
  readonly isRolledBack: boolean;
  /** Certificates that we issued for it, newest first. */
  readonly issued: readonly PastCertificate[];
  /** Why an order for it would not count at the provider; null: it would. */
  readonly exemption: Exemption | null;
  /** Retry memory of the name. */
  readonly memory: NameRecord | null;
  /** What was spent at the provider; null: no provider. */
  readonly ledger: LedgerRecord | null;
  /** What may be spent there. */
  readonly limits: AccountLimits;
  /** The name, and the registered domain that it counts for. */
  readonly asked: { readonly name: string; readonly domain: string };
  readonly due: DueWebsite | null;
  /** Recorded of any name of the website, and of itself. */
  readonly problems: readonly ListedProblem[];
  /** What local validation decides (setting `preflight`). */
  readonly preflight: 'gate' | 'advise' | 'off';
}
