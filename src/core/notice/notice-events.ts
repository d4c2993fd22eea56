import { printable } from '../domain/name/names.js';
import type { RunEvent } from '../report/events/event.js';
import { numbered } from './message/words/safe-text.js';

/** What waits to be sent. */
export function noticesQueued(count: number): RunEvent {
  return {
    type: 'out',
    code: 'NOTICES_QUEUED',
    indent: 0,
    contents: `${numbered(count, 'notice')} will be sent.`,
    data: { count },
  };
}

/** Nobody, or not everybody, could be told; no fault of the run. `why` is one clause. */
export function noticesFailed(why: string, account?: string): RunEvent {
  const whose = account === undefined ? 'Notices' : `Notices about ${printable(account)}`;
  return {
    type: 'warn',
    code: 'NOTICES_FAILED',
    indent: 0,
    contents: `${whose} could not be made: ${printable(why).replace(/\.$/, '')}. The next run tells what is still so.`,
    ...(account === undefined ? {} : { account }),
  };
}

/** An administrator's own template that is passed over. `why` is one clause. */
export function templateRefused(why: string): RunEvent {
  return {
    type: 'warn',
    code: 'NOTICE_TEMPLATE_REFUSED',
    indent: 0,
    contents: `A template of notices is not used: ${printable(why).replace(/\.$/, '')}. The built-in one is used instead.`,
  };
}

/** What stands in a users file is no mail address. */
export function contactUnusable(account: string): RunEvent {
  return {
    type: 'warn',
    code: 'CONTACT_UNUSABLE',
    indent: 0,
    account,
    contents: `The contact address of ${printable(account)} is no mail address: nothing is sent there.`,
  };
}
