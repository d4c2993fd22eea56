import type { WebsiteRef } from '../domain/website.js';
import type { RunEvent } from './event.js';
import { quoted } from './wording.js';

type Ref = Pick<WebsiteRef, 'account' | 'vhost'>;

/** An order whose website no account has any more; `isIssued`: its certificate was there already. */
export function orderDropped({ account, vhost }: Ref, isIssued: boolean): RunEvent {
  const certificate = isIssued ? '; its certificate is recorded, and not installed' : '';
  return {
    type: 'out',
    code: 'ORDER_WEBSITE_GONE',
    indent: 1,
    account,
    vhost,
    contents: `${quoted(vhost)}: the website left this server while its order waited; the order is dropped${certificate}.`,
  };
}

/** An order whose website belongs to another account now. */
export function orderMoved({ account, vhost }: Ref, former: string): RunEvent {
  return {
    type: 'out',
    code: 'ORDER_MOVED',
    indent: 1,
    account,
    vhost,
    contents: `${quoted(vhost)} belongs to user ${quoted(account)} now; the order that was made for ${quoted(former)} goes on for it.`,
    data: { former },
  };
}
