import type { ListProblemsHost } from '../../runs/list-problems.js';
import type { ReadCheckSchedule } from '../../runs/manage/check-schedule.js';
import type { ExclusionsHost } from '../../runs/manage/exclusions.js';
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
  openProblems(): Promise<ListProblemsHost>;
  openSchedule(): Promise<ReadCheckSchedule>;
}
