import { composeMessage } from '../../core/notice/message/compose.js';
import { MessageDraft } from '../../core/notice/message/draft.js';
import type { OutgoingMessage } from '../../core/notice/outgoing-message.js';
import { isSameMailbox } from '../../core/notice/recipients/mail-address.js';
import type { MessageTemplates } from '../../core/notice/template/message-templates.js';
import type { NoticeRepeat } from '../../core/notice/told/digest.js';
import type { NoticeItem } from '../../core/notice/told/judge-account.js';

/** The administrators' messages while the accounts are gone through: one for root, one for each reseller. */
export class AdministratorMails {
  readonly #drafts = new Map<string, { readonly to: string; readonly draft: MessageDraft }>();
  readonly #host: string;
  readonly #now: Date;
  readonly #repeat: NoticeRepeat;
  readonly #root: string;

  /** `root`: his address; any other is a reseller's. */
  constructor(host: string, now: Date, repeat: NoticeRepeat, root: string) {
    this.#root = root;
    this.#repeat = repeat;
    this.#host = host;
    this.#now = now;
  }

  add(items: readonly NoticeItem[], addresses: readonly string[], tellings: number): void {
    for (const to of addresses) {
      const draft = this.#draftOf(to);
      for (const item of items) draft.add(item, tellings);
    }
  }

  compose(templates: MessageTemplates, withStanding: boolean): OutgoingMessage[] {
    return [...this.#drafts.values()]
      .filter(({ draft }) => draft.hasNews || (withStanding && draft.hasStanding))
      .map(({ to, draft }) => composeMessage(draft, to, templates, { withStanding }));
  }

  #draftOf(to: string): MessageDraft {
    const found = this.#drafts.get(to.toLowerCase());
    if (found !== undefined) return found.draft;
    const draft = new MessageDraft({
      to,
      audience: 'administrator',
      isReseller: !isSameMailbox(to, this.#root),
      account: null,
      host: this.#host,
      now: this.#now,
      repeat: this.#repeat,
    });
    this.#drafts.set(to.toLowerCase(), { to, draft });
    return draft;
  }
}
