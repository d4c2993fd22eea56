import { composeMessage } from '../../core/notice/message/compose.js';
import { MessageDraft } from '../../core/notice/message/draft.js';
import { MergedDraft } from '../../core/notice/message/merged-draft.js';
import type { OutgoingMessage } from '../../core/notice/outgoing-message.js';
import { isSameMailbox } from '../../core/notice/recipients/mail-address.js';
import type { MessageTemplates } from '../../core/notice/template/message-templates.js';
import type { NoticeRepeat } from '../../core/notice/told/digest.js';
import type { NoticeItem } from '../../core/notice/told/judge-account.js';
import { matterOf } from '../../core/notice/told/matter.js';
import type { AccountPeople } from './account-people.js';

/** A message to owners, and what it speaks of. */
export interface OwnerMail {
  readonly message: OutgoingMessage;
  readonly accounts: readonly string[];
  /** With what stays as it was. */
  readonly withStanding: boolean;
}

interface Mailbox {
  readonly to: string;
  readonly parts: { readonly account: string; readonly draft: MessageDraft }[];
  isDigestDue: boolean;
}

/** The owners' messages while the accounts are gone through: one for each address, however many accounts name it. */
export class OwnerMails {
  readonly #boxes = new Map<string, Mailbox>();
  readonly #host: string;
  readonly #now: Date;
  readonly #repeat: NoticeRepeat;

  constructor(host: string, now: Date, repeat: NoticeRepeat) {
    this.#host = host;
    this.#now = now;
    this.#repeat = repeat;
  }

  /** An address that is an administrator's, too, is left out when all of it stands in the administrator's message. */
  add(
    account: string,
    items: readonly NoticeItem[],
    people: AccountPeople,
    { tellings, isDigestDue }: { readonly tellings: number; readonly isDigestDue: boolean },
  ): void {
    const own = items.filter(({ audience }) => audience === 'user');
    if (own.length === 0) return;
    const toldElsewhere = new Set(items.filter(({ audience }) => audience === 'administrator').map(keyOf));
    const isCovered = own.every((item) => toldElsewhere.has(keyOf(item)));
    for (const to of people.addresses) {
      if (isCovered && people.administrators.some((other) => isSameMailbox(other, to))) continue;
      const [host, now, repeat] = [this.#host, this.#now, this.#repeat];
      const draft = new MessageDraft({ to, audience: 'user', account, host, now, repeat });
      for (const item of own) draft.add(item, tellings);
      const box = this.#boxOf(to);
      box.parts.push({ account, draft });
      box.isDigestDue ||= isDigestDue;
    }
  }

  /** One after the other: ten thousand of them are never held in memory. */
  *compose(templates: MessageTemplates): Generator<OwnerMail> {
    for (const { to, parts, isDigestDue: withStanding } of this.#boxes.values()) {
      const told = parts.filter(({ draft }) => draft.hasNews || (withStanding && draft.hasStanding));
      const [first, ...others] = told.map(({ draft }) => draft);
      if (first === undefined) continue;
      const whole = others.length === 0 ? first : new MergedDraft([first, ...others]);
      const message = composeMessage(whole, to, templates, { withStanding });
      yield { message, accounts: told.map(({ account }) => account), withStanding };
    }
  }

  #boxOf(to: string): Mailbox {
    const key = to.toLowerCase();
    const box = this.#boxes.get(key) ?? { to, parts: [], isDigestDue: false };
    this.#boxes.set(key, box);
    return box;
  }
}

function keyOf(item: NoticeItem): string {
  return `${item.vhost} ${matterIn(item)}`;
}

function matterIn(item: NoticeItem): string {
  if (item.state === 'over' || item.state === 'standing') return item.entry.matter;
  return item.state === 'renewed' ? matterOf(item.renewal.kind) : item.trouble.matter;
}
