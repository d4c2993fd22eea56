import type { DcvOutcome } from '../../core/dcv/outcome.js';
import type { AccountName } from '../../core/domain/account/account-name.js';
import type { WantedName } from '../../core/domain/name/names.js';
import type { ReplacingAccount } from '../../core/order/limits/planned-exemption.js';
import type { ProviderDescription } from '../../core/provider/description.js';
import type { RunSchedule } from '../../core/report/why/run-schedule.js';
import type { ExcludedBy, UsedProvider } from '../../core/report/why/why-facts.js';
import type { CheckSettings } from '../check/check-host.js';
import type { RunLogs } from '../list-problems.js';
import type { ChallengeSolver } from '../ports/challenges.js';
import type { DueIndexStore } from '../ports/orders.js';
import type { Ledger, NameMemory } from '../ports/records.js';
import type { PreflightPorts } from '../validation/preflight-names.js';
import type { StatusHost } from '../website-status.js';
import type { CaaView } from './caa-view.js';

/** What answering why a name is not secured needs of the world; but for the look nothing is written. */
export interface WhyHost extends StatusHost {
  readonly names: Pick<NameMemory, 'read'>;
  readonly ledger: Pick<Ledger, 'read'>;
  readonly due: Pick<DueIndexStore, 'read'>;
  readonly logs: RunLogs;
  /** Null: none is active, `used` says why. */
  readonly provider: ProviderDescription | null;
  readonly used: UsedProvider;
  /** Our account there, where its orders say what they replace; null: they do not. @throws StateError */
  replacingAccount(): Promise<ReplacingAccount | null>;
  /** What this machine is called, in the normal form of names; empty: nothing that a certificate can name. */
  readonly hostname: string;
  readonly settings: StatusHost['settings'] & Pick<CheckSettings, 'preflight' | 'newOrdersPer3Hours'>;
  readSchedule(now: Date): Promise<RunSchedule>;
  readExclusion(account: AccountName, name: WantedName): Promise<ExcludedBy>;
  readonly view: NameView;
}

/** What looking at a name needs. */
export interface NameView {
  readonly preflight: Omit<PreflightPorts, 'solver' | 'signal' | 'onSeen'>;
  openSolver(): Promise<ChallengeSolver>;
  /** Why this process cannot place a test file; null: it can. */
  readonly cannotPlace: string | null;
  /** What did not pass over HTTP is tried by DNS, as a run does; absent: no zone may be edited from here. */
  tryByDns?(outcomes: readonly DcvOutcome[], signal: AbortSignal): Promise<readonly DcvOutcome[]>;
  /** Absent: there is no provider to ask for. */
  readonly caa?: CaaView;
}
