import { AutosslError } from '../../core/domain/autossl-error.js';
import type { NoticeAudience } from '../../core/domain/notice-level.js';
import { refusedEvents } from '../../core/notice/delivery/delivery-summary.js';
import type { NoticeFinding } from '../../core/notice/finding.js';
import {
  contactUnusable,
  noticesFailed,
  noticesQueued,
  templateRefused,
} from '../../core/notice/notice-events.js';
import type { OutgoingMessage } from '../../core/notice/outgoing-message.js';
import { isWanted, type NoticePolicy } from '../../core/notice/recipients/wanted-kinds.js';
import { type MessageTemplates, messageTemplates } from '../../core/notice/template/message-templates.js';
import { ACCOUNT_ALLOWANCE, isAllowed, spent } from '../../core/notice/told/allowance.js';
import { isDigestDue, mentioned } from '../../core/notice/told/digest.js';
import { judgeAccount, type NoticeItem } from '../../core/notice/told/judge-account.js';
import { relevantFindings } from '../../core/notice/told/relevant-findings.js';
import type { ToldAccount, ToldEntry } from '../../core/notice/told/told-record.js';
import type { RunEvent } from '../../core/report/events/event.js';
import type { UserFiles } from '../ports/accounts.js';
import type { Clock } from '../ports/clock.js';
import type { HeldLock, LockKeeper } from '../ports/locks.js';
import type { Outbox } from '../ports/messages.js';
import type { NoticeMemory, NoticeTemplates } from '../ports/notices.js';
import type { ChosenMetadata } from '../ports/options.js';
import type { NoticeSettings } from '../ports/settings.js';
import { PeopleDirectory } from './account-people.js';
import { AdministratorMails } from './administrator-mails.js';
import type { NoticeScope } from './notice-scope.js';
import { OwnerMails } from './owner-mails.js';
import { nothingTold, readTold } from './told-accounts.js';

/** Another run tells at the same time: it is done in a minute, or hangs. Not the lock of those who deliver. In ms. */
const LOCK_WAIT_MS = 120_000;
/** Messages are handed to the outbox in lots, so that those of ten thousand owners are never held in memory. */
const LOT = 500;
/** Each is durable before the next of its place: the disk is waited for by several. */
const WRITES_AT_ONCE = 8;
/** An account of which nothing is open is remembered so long after it was last told of, in ms: the outbox forgets sooner. */
const FORGET_MS = 60 * 86_400_000;

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
  findings: readonly NoticeFinding[],
  scope: NoticeScope,
  host: NoticeHost,
): Promise<readonly RunEvent[]> {
  try {
    const lock = await host.locks.acquire(
      'telling',
      'telling what changed',
      AbortSignal.timeout(LOCK_WAIT_MS),
    );
    try {
      return await new Telling(findings, scope, host, lock).run();
    } finally {
      await lock.release();
    }
  } catch (error) {
    return [noticesFailed(reasonOf(error))];
  }
}

/** What is to be remembered of an account once everything is on its way. */
interface Turn {
  readonly told: ToldAccount;
  readonly isChanged: boolean;
  /** What is to be remembered of what stays, of each audience, once that was listed. */
  readonly standing: Readonly<Record<NoticeAudience, readonly ToldEntry[]>>;
  /** What was remembered until now: it stays so for those whose messages the outbox refused. */
  readonly before: readonly ToldEntry[];
}

class Telling {
  readonly #findings: ReadonlyMap<string, readonly NoticeFinding[]>;
  readonly #scope: NoticeScope;
  readonly #host: NoticeHost;
  readonly #lock: HeldLock;
  readonly #now: Date;
  readonly #people: PeopleDirectory;
  readonly #administrators: AdministratorMails;
  readonly #owners: OwnerMails;
  /** Messages of each account to its owner. */
  readonly #toOwners = new Map<string, { readonly id: string; readonly withStanding: boolean }[]>();
  readonly #events: RunEvent[] = [];
  readonly #turns: Turn[] = [];
  #lot: OutgoingMessage[] = [];
  readonly #refused = new Set<string>();
  #queued = 0;
  #isDigestDue = false;

  constructor(findings: readonly NoticeFinding[], scope: NoticeScope, host: NoticeHost, lock: HeldLock) {
    this.#lock = lock;
    this.#findings = byAccount(relevantFindings(findings, host.settings));
    this.#scope = scope;
    this.#host = host;
    this.#now = host.clock.now();
    this.#people = new PeopleDirectory(host.userFiles, host.settings.to);
    const { hostname, settings } = host;
    this.#administrators = new AdministratorMails(hostname, this.#now, settings.repeat, settings.to);
    this.#owners = new OwnerMails(hostname, this.#now, settings.repeat);
  }

  async run(): Promise<readonly RunEvent[]> {
    const { metadata, memory, settings } = this.#host;
    const policy = { chosen: await metadata.readChosen(), foreignExpiry: settings.foreignExpiry };
    const toOwners = await this.#templates('user');
    const toAdministrators = await this.#templates('administrator');
    const known = new Set(await memory.accounts());
    for (const account of [...new Set([...this.#findings.keys(), ...known])].sort()) {
      if (!this.#findings.has(account) && !this.#isInScope(account)) continue;
      try {
        await this.#turn(account, known.has(account), policy);
      } catch (error) {
        // One account's files never cost the others their notices.
        if (!(error instanceof AutosslError)) throw error;
        this.#events.push(noticesFailed(error.message, account));
      }
    }
    for (const { message, accounts, withStanding } of this.#owners.compose(toOwners)) {
      this.#lot.push(message);
      for (const account of accounts) this.#noteToOwner(account, message.id, withStanding);
      if (this.#lot.length >= LOT) await this.#flush();
    }
    const toRoot = this.#administrators.compose(toAdministrators, this.#isDigestDue);
    this.#lot.push(...toRoot);
    await this.#flush();
    // What a reseller cannot be sent is not told to root again.
    const isRootTold = !toRoot.some(({ to, id }) => to === settings.to && this.#refused.has(id));
    await this.#remember(isRootTold);
    return this.#queued === 0 ? this.#events : [...this.#events, noticesQueued(this.#queued)];
  }

  async #turn(account: string, isKnown: boolean, policy: NoticePolicy): Promise<void> {
    const { memory, settings } = this.#host;
    const now = this.#now;
    const people = await this.#people.of(account);
    if (people === undefined) {
      // It is gone, and with it all that was told of it.
      if (isKnown) this.#turns.push(forgotten(account, now));
      return;
    }
    const told = await readTold(account, memory, now);
    const { items, entries } = judgeAccount({
      account,
      findings: this.#findings.get(account) ?? [],
      told: told.entries,
      audiences: people.addresses.length > 0 ? ['administrator', 'user'] : ['administrator'],
      isLookedAt: (vhost) => this.#isLookedAt(account, vhost),
      wants: (kind, audience) => isWanted(kind, audience, policy, people.preferences),
      isAllowed: (audience) =>
        audience === 'user' || isAllowed(told.administratorsFullAt, ACCOUNT_ALLOWANCE, now),
      now,
    });
    const hasNews = items.some(({ state }) => state !== 'standing');
    if (people.hasUnusable && hasNews) this.#events.push(contactUnusable(account));
    const isDue = (audience: NoticeAudience): boolean =>
      this.#scope.kind === 'all' &&
      standingOf(items, audience).some(({ entry }) => isDigestDue(entry.mentionedAt, settings.repeat, now));
    this.#isDigestDue ||= isDue('administrator');
    const { tellings } = told;
    this.#owners.add(account, items, people, { tellings, isDigestDue: isDue('user') });
    const administratorItems = items.filter(({ audience }) => audience === 'administrator');
    this.#administrators.add(administratorItems, people.administrators, tellings);
    const standing = {
      user: standingOf(items, 'user').map(({ listed }) => listed),
      administrator: standingOf(items, 'administrator').map(({ listed }) => listed),
    };
    const toldAt = hasNews ? now.toISOString() : told.toldAt;
    const isChanged =
      hasNews ||
      isForgettable(entries, toldAt, now) ||
      JSON.stringify(entries) !== JSON.stringify(told.entries);
    if (!isChanged && standing.user.length + standing.administrator.length === 0) return;
    const administratorsFullAt = administratorItems.some(isCalmNews)
      ? spent(told.administratorsFullAt, ACCOUNT_ALLOWANCE, now)
      : told.administratorsFullAt;
    this.#turns.push({
      told: { account, tellings: hasNews ? tellings + 1 : tellings, toldAt, administratorsFullAt, entries },
      isChanged,
      standing,
      before: told.entries,
    });
  }

  #noteToOwner(account: string, id: string, withStanding: boolean): void {
    const list = this.#toOwners.get(account);
    if (list === undefined) this.#toOwners.set(account, [{ id, withStanding }]);
    else list.push({ id, withStanding });
  }

  async #flush(): Promise<void> {
    const lot = this.#lot;
    this.#lot = [];
    if (lot.length === 0) return;
    await this.#lock.assertHeld();
    const { added, refused } = await this.#host.outbox.add(lot);
    this.#queued += added.length;
    for (const { id } of refused) this.#refused.add(id);
    this.#events.push(...refusedEvents(refused));
  }

  /** Only what is on its way is remembered: after a crash before this it is told again, as the same messages. */
  async #remember(isRootTold: boolean): Promise<void> {
    await inParallel(this.#turns, WRITES_AT_ONCE, (turn) => this.#rememberTurn(turn, isRootTold));
  }

  async #rememberTurn({ told, isChanged, standing, before }: Turn, isRootTold: boolean): Promise<void> {
    const toOwner = (this.#toOwners.get(told.account) ?? []).filter(({ id }) => !this.#refused.has(id));
    const isOwnerTold = toOwner.length > 0 || !this.#toOwners.has(told.account);
    const listed = [
      ...(this.#isDigestDue ? standing.administrator : []),
      ...(toOwner.some(({ withStanding }) => withStanding) ? standing.user : []),
    ];
    if (!isChanged && listed.length === 0) return;
    const isTold = ({ audience }: ToldEntry): boolean =>
      audience === 'administrator' ? isRootTold : isOwnerTold;
    const entries = [
      ...mentioned(told.entries, listed).filter(isTold),
      ...before.filter((entry) => !isTold(entry)),
    ];
    const isForgotten =
      (told.tellings === 0 && entries.length === 0) || isForgettable(entries, told.toldAt, this.#now);
    await this.#lock.assertHeld();
    try {
      await this.#host.memory.write(told.account, isForgotten ? null : { ...told, entries });
    } catch (error) {
      if (!(error instanceof AutosslError)) throw error;
      this.#events.push(noticesFailed(error.message, told.account));
    }
  }

  async #templates(name: 'administrator' | 'user'): Promise<MessageTemplates> {
    const { texts, refused } = await this.#host.templates.read(name);
    const templates = messageTemplates(name, texts);
    for (const why of [...refused, ...templates.refused]) this.#events.push(templateRefused(why));
    return templates;
  }

  #isInScope(account: string): boolean {
    const scope = this.#scope;
    if (scope.kind === 'all') return !scope.except.has(account);
    if (scope.kind === 'accounts') return scope.accounts.has(account);
    return scope.websites.some((website) => website.account === account);
  }

  #isLookedAt(account: string, vhost: string): boolean {
    const scope = this.#scope;
    if (scope.kind !== 'websites') return this.#isInScope(account) && !scope.unsettled.has(vhost);
    return scope.websites.some((website) => website.account === account && website.vhost === vhost);
  }
}

function forgotten(account: string, now: Date): Turn {
  const standing = { user: [], administrator: [] };
  return { told: nothingTold(account, now), isChanged: true, standing, before: [] };
}

/** Nothing is open, and nothing was told for so long that the outbox has forgotten it too. */
function isForgettable(entries: readonly ToldEntry[], toldAt: string, now: Date): boolean {
  return entries.length === 0 && now.getTime() - Date.parse(toldAt) >= FORGET_MS;
}

type StandingItem = Extract<NoticeItem, { readonly state: 'standing' }>;

function standingOf(items: readonly NoticeItem[], audience: NoticeAudience): StandingItem[] {
  return items.filter(
    (item): item is StandingItem => item.state === 'standing' && item.audience === audience,
  );
}

/** What could have waited; renewals are what a CA lets happen. */
function isCalmNews({ state }: NoticeItem): boolean {
  return state === 'new' || state === 'changed' || state === 'over';
}

/** So many at a time, until all are done. @throws what one of them throws, once those under way have ended */
async function inParallel<T>(
  list: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const items = list.values();
  const ends = await Promise.allSettled(
    Array.from({ length: atOnce }, async () => {
      for (const item of items) await work(item);
    }),
  );
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

function byAccount(findings: readonly NoticeFinding[]): ReadonlyMap<string, readonly NoticeFinding[]> {
  const groups = new Map<string, NoticeFinding[]>();
  for (const finding of findings) {
    const group = groups.get(finding.account);
    if (group === undefined) groups.set(finding.account, [finding]);
    else group.push(finding);
  }
  return groups;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
