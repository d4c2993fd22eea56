import type { ExclusionsHost } from '../../runs/manage/exclusions.js';
import type { ProvidersHost } from '../../runs/manage/providers.js';
import type { MetadataStore, OrderStore, RunLogs, UserFiles } from '../../runs/ports.js';

/** What the functions need of the world, each part opened when the first function asks for it; wired in cli/host. */
export interface WhmHost {
  openExclusions(): Promise<ExclusionsHost>;
  openLogs(): Promise<RunLogs>;
  openMetadata(): Promise<MetadataStore>;
  /** This machine. */
  openServer(): Promise<{ readonly hostname: string }>;
  openUserFiles(): Promise<UserFiles>;
  openOrders(): Promise<Pick<OrderStore, 'list'>>;
  openProviders(): Promise<ProvidersHost>;
}
