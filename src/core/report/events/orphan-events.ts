import type { WebsiteRef } from '../../domain/website/website.js';
import type { OrphanNote } from '../../plan/orphans.js';
import { counted, listed, quoted } from '../text/wording.js';
import type { RunEvent } from './event.js';

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

/** A website that a full run met no more. `until`: how long its files stay at least. */
export function websiteGone(orphan: OrphanNote, until: Date): RunEvent {
  return {
    ...about('out', 'WEBSITE_GONE', orphan),
    contents: `${quoted(orphan.vhost)} left this server; its certificate stays until ${until.toISOString()}, and then as long as a web server names it.`,
    data: { until: until.toISOString() },
  };
}

export function websiteBack(orphan: OrphanNote): RunEvent {
  return {
    ...about('out', 'WEBSITE_BACK', orphan),
    contents: `${quoted(orphan.vhost)}, gone since ${orphan.goneSince}, is no longer counted as gone.`,
  };
}

export function websiteArchived(orphan: OrphanNote): RunEvent {
  return {
    ...about('out', 'WEBSITE_ARCHIVED', orphan),
    contents: `${quoted(orphan.vhost)} left this server on ${orphan.goneSince}: its certificate is in the archive now.`,
  };
}

/** The last of what was kept of a website is removed. */
export function websiteForgotten(orphan: OrphanNote): RunEvent {
  return {
    ...about('out', 'WEBSITE_FORGOTTEN', orphan),
    contents: `${quoted(orphan.vhost)} left this server on ${orphan.goneSince}: what was kept of it has expired and is removed.`,
  };
}

/** `why`: one clause. */
export function websiteLeft(orphan: OrphanNote, why: string): RunEvent {
  return {
    ...about('out', 'WEBSITE_LEFT', orphan),
    contents: `${quoted(orphan.vhost)} left this server on ${orphan.goneSince}; its files stay: ${why}.`,
  };
}

/** Removed websites whose files servers still name. */
export function websitesStillNamed(vhosts: readonly string[]): RunEvent {
  return {
    type: 'out',
    code: 'WEBSITES_STILL_NAMED',
    indent: 0,
    contents: `The web server still names certificates of websites that no user has, so they stay: ${listed(vhosts)}.`,
    data: { websites: vhosts },
  };
}

/** Nothing is archived, because nobody knows what servers name; no fault. `why`: one clause. */
export function orphansKept(count: number, why: string): RunEvent {
  return {
    type: 'out',
    code: 'ORPHANS_KEPT',
    indent: 0,
    contents: `${counted(count, 'certificate')} of removed websites or names could be archived, but stay: ${why}.`,
    data: { count },
  };
}

/** More websites gone at once than are removed in a night. */
export function manyWebsitesGone(newlyGone: number, limit: number): RunEvent {
  return {
    type: 'warn',
    code: 'MANY_WEBSITES_GONE',
    indent: 0,
    contents: `${newlyGone} websites are no user’s any more at once (limit ${limit}): nothing of them is noted as gone. Look for missing files in /var/cpanel/users and /var/cpanel/userdata; if they were removed, run once with --yes-really.`,
    data: { newlyGone, limit },
  };
}

/** A name that left its website's certificate: its copy for mail and the like is gone now. */
export function copyRemoved({ account, vhost }: Ref, name: string): RunEvent {
  return {
    type: 'out',
    code: 'COPY_REMOVED',
    indent: 1,
    account,
    vhost,
    name,
    contents: `${quoted(name)} left the certificate of ${quoted(vhost)} a month ago: the copy of the former one under that name is removed.`,
  };
}

function about(type: RunEvent['type'], code: string, { account, vhost }: OrphanNote) {
  return { type, code, indent: 1 as const, ...(account === null ? {} : { account }), vhost };
}
