import type { NoticeFinding } from '../../core/notice/finding.js';
import type { RunEvent } from '../../core/report/events/event.js';
import type {
  ChosenMetadata,
  Clock,
  LockKeeper,
  NoticeMemory,
  NoticeSettings,
  NoticeTemplates,
  Outbox,
  UserFiles,
} from '../ports.js';
import type { NoticeScope } from './notice-scope.js';

export interface NoticeHost {
  readonly memory: NoticeMemory;
  readonly outbox: Outbox;
  readonly metadata: ChosenMetadata;
  /** Contacts, owners and preferences of accounts. */
  readonly userFiles: Pick<UserFiles, 'read'>;
  readonly templates: NoticeTemplates;
  readonly locks: Pick<LockKeeper, 'acquire'>;
  readonly clock: Pick<Clock, 'now'>;
  /** As messages name this server. */
  readonly hostname: string;
  readonly settings: Pick<NoticeSettings, 'repeat' | 'serviceNames'> & {
    /** `mail.to`: a mail address or a local user. */
    readonly to: string;
    /** `notify_expiring_certificates` of cpanel.config. */
    readonly foreignExpiry: boolean;
  };
}

/**
 * Tells people what changed since they were told last: puts at most one message a recipient into the outbox, then remembers
 * what was told. `findings`: all that the run found of the websites in `scope`, also what was told before, and the renewals it
 * made. Gives events for the run's log (what could not be done, as warnings without a fault: a run's result never depends on
 * notices). MUST NOT throw.
 */
export async function tellFindings(
  _findings: readonly NoticeFinding[],
  _scope: NoticeScope,
  _host: NoticeHost,
): Promise<readonly RunEvent[]> {
  return [];
}
