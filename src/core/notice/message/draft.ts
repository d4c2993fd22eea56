import { hash } from 'node:crypto';
import type { NoticeAudience } from '../../domain/notice-level.js';
import type { NoticeRepeat } from '../told/digest.js';
import type { NoticeItem } from '../told/judge-account.js';
import type { Trouble } from '../told/trouble.js';
import { BoundedList } from './bounded-list.js';
import { overText, renewedText, standingText } from './line-texts.js';
import type { LineText, MessageContent, MessageCounts, TroubleText } from './message-content.js';
import { troubleText } from './trouble-text.js';

/** Troubles are shown whole, about 20 lines each: more than this nobody reads through before he looks at the server. */
export const TROUBLES_SHOWN = 20;
/** Of what takes a line each, so many are shown: two screens. */
export const LINES_SHOWN = 50;
/** Of renewals, which ask nothing of anybody. */
export const RENEWALS_SHOWN = 10;

export interface DraftOf {
  readonly to: string;
  readonly audience: NoticeAudience;
  /** An administrator who is not root. */
  readonly isReseller?: boolean;
  /** Whose owner it is for; null for administrators. */
  readonly account: string | null;
  readonly host: string;
  readonly now: Date;
  readonly repeat: NoticeRepeat;
}

/**
 * One message while the accounts are gone through: it keeps what will be shown, counts all of it, and is known by all that it
 * tells, whether shown or not.
 */
export class MessageDraft {
  readonly #of: DraftOf;
  readonly #troubles = new BoundedList<{ readonly rank: number; readonly text: TroubleText }>(
    TROUBLES_SHOWN,
    ({ rank }) => rank,
  );
  readonly #over = new BoundedList<LineText>(LINES_SHOWN);
  readonly #renewed = new BoundedList<LineText>(RENEWALS_SHOWN);
  readonly #standing = new BoundedList<{ readonly rank: number; readonly text: LineText }>(
    LINES_SHOWN,
    ({ rank }) => rank,
  );
  readonly #counts: { -readonly [K in keyof MessageCounts]: MessageCounts[K] } = {
    expired: 0,
    expiring: 0,
    deferred: 0,
    atRisk: 0,
    reduced: 0,
    uncovered: 0,
    foreign: 0,
    paused: 0,
    over: 0,
    renewed: 0,
    standing: 0,
  };
  /** Digests of all that is told, and of all that stays. */
  #told = '';
  #stays = '';

  constructor(of: DraftOf) {
    this.#of = of;
  }

  get hasNews(): boolean {
    return this.#told !== '';
  }

  get hasStanding(): boolean {
    return this.#stays !== '';
  }

  /** `tellings`: how often something was told of its account before. */
  add(item: NoticeItem, tellings: number): void {
    const { audience, isReseller = false, now } = this.#of;
    const reader = isReseller ? 'reseller' : audience;
    const { account } = item;
    switch (item.state) {
      case 'renewed':
        this.#counts.renewed += 1;
        this.#renewed.add(renewedText(item.renewal));
        this.#note(item, `${tellings} ${item.renewal.certificate?.serial ?? ''}`);
        return;
      case 'over':
        this.#counts.over += 1;
        this.#over.add(overText(item.entry, { ...item, account, now }));
        this.#note(item, `${tellings} ${item.entry.matter} ${item.entry.situation}`);
        return;
      case 'standing': {
        this.#counts.standing += 1;
        const { entry, trouble } = item;
        const rank = trouble === null ? LAST_RANK : rankOf(trouble);
        this.#standing.add({ rank, text: standingText(account, trouble, entry, { reader, now }) });
        this.#stays = chained(this.#stays, [account, item.vhost, entry.matter, entry.mentionedAt]);
        return;
      }
      default: {
        const { trouble } = item;
        this.#counts[countOf(trouble)] += 1;
        const text = troubleText(trouble, { state: item.state, reader, now });
        this.#troubles.add({ rank: rankOf(trouble), text });
        this.#note(item, `${tellings} ${trouble.matter} ${trouble.situation} ${trouble.urgency}`);
      }
    }
  }

  /** `withStanding`: with the list of what stays as it is. */
  content({ withStanding }: { readonly withStanding: boolean }): MessageContent {
    const { host, audience, isReseller = false, account, now, repeat } = this.#of;
    return {
      host,
      repeat,
      audience,
      reader: isReseller ? 'reseller' : audience,
      account,
      accounts: account === null ? [] : [account],
      createdAt: now,
      counts: { ...this.#counts, standing: withStanding ? this.#counts.standing : 0 },
      troubles: this.#troubles.items.map(({ text }) => text),
      over: this.#over.items,
      renewed: this.#renewed.items,
      standing: withStanding ? this.#standing.items.map(({ text }) => text) : [],
    };
  }

  /** The same for the same recipient and all the same things told. */
  id({ withStanding }: { readonly withStanding: boolean }): string {
    const { to, audience, account } = this.#of;
    const told = [to.toLowerCase(), audience, account ?? '', this.#told, withStanding ? this.#stays : ''];
    return hash('sha256', told.join('\n'), 'hex').slice(0, ID_LENGTH);
  }

  #note({ account, vhost, state }: NoticeItem, what: string): void {
    this.#told = chained(this.#told, [state, account, vhost, what]);
  }
}

/** What was not even there at this look. */
const LAST_RANK = Number.MAX_SAFE_INTEGER;
/** 128 bits. */
const ID_LENGTH = 32;

/** What two texts have in common is lost after a few thousand of them, what differs is not: no list of all is kept. */
function chained(before: string, parts: readonly string[]): string {
  return hash('sha256', [before, ...parts].join('\n'), 'hex');
}

function countOf(trouble: Trouble): keyof MessageCounts {
  switch (trouble.kind) {
    case 'notify_autossl_expiry_coverage':
      return 'deferred';
    case 'notify_autossl_renewal_coverage':
      return 'atRisk';
    case 'notify_autossl_renewal_coverage_reduced':
      return 'reduced';
    case 'notify_autossl_renewal_uncovered_domains':
      return 'uncovered';
    case 'notify_ssl_expiry':
      return 'foreign';
    case 'notify_autossl_paused_names':
      return 'paused';
    default:
      return trouble.urgency === 'expired' || trouble.certificate === null ? 'expired' : 'expiring';
  }
}

/** The gravest first: by what visitors meet, then by the time that is left in days. */
function rankOf(trouble: Trouble): number {
  const order: readonly (keyof MessageCounts)[] = [
    'expired',
    'expiring',
    'reduced',
    'deferred',
    'foreign',
    'paused',
    'atRisk',
    'uncovered',
  ];
  const urgency = trouble.urgency === 'expired' ? 0 : trouble.urgency === 'late' ? 1 : 2;
  return urgency * order.length + order.indexOf(countOf(trouble));
}
