import type { NoticeFinding } from '../../core/notice/finding.js';
import type { RunEvent } from '../../core/report/events/event.js';
import type { NoticeScope } from '../notice/notice-scope.js';

/** Where a run hands in what it found, for people to be told. */
export interface NoticeDesk {
  /**
   * Tells people what changed, and sends what can be sent within its own time. Gives warnings for the log. MUST NOT throw for
   * what concerns notices alone: they never change what a run comes to.
   */
  tell(findings: readonly NoticeFinding[], scope: NoticeScope): Promise<readonly RunEvent[]>;
}
