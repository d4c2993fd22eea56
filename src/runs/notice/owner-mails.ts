import { composeMessage } from '../../core/notice/message/compose.js';
import { MessageDraft } from '../../core/notice/message/draft.js';
import type { OutgoingMessage } from '../../core/notice/outgoing-message.js';
import { isSameMailbox } from '../../core/notice/recipients/mail-address.js';
import type { MessageTemplates } from '../../core/notice/template/message-templates.js';
import type { NoticeRepeat } from '../../core/notice/told/digest.js';
import type { NoticeItem } from '../../core/notice/told/judge-account.js';
import { matterOf } from '../../core/notice/told/matter.js';
import type { AccountPeople } from './account-people.js';

/**
 * The messages to an account's owner, one for each of his addresses. An address that is an administrator's, too, is left out
 * when all of it stands in the administrator's message.
 */
export function ownerMails(
  account: string,
  items: readonly NoticeItem[],
  people: AccountPeople,
  facts: {
    readonly tellings: number;
    readonly withStanding: boolean;
    readonly host: string;
    readonly now: Date;
    readonly repeat: NoticeRepeat;
    readonly templates: MessageTemplates;
  },
): OutgoingMessage[] {
  const { withStanding, host, now, repeat, templates } = facts;
  const own = items.filter(({ audience }) => audience === 'user');
  const toldElsewhere = new Set(items.filter(({ audience }) => audience === 'administrator').map(keyOf));
  const isCovered = own.every((item) => toldElsewhere.has(keyOf(item)));
  return people.addresses
    .filter((to) => !(isCovered && people.administrators.some((other) => isSameMailbox(other, to))))
    .flatMap((to) => {
      const draft = new MessageDraft({ to, audience: 'user', account, host, now, repeat });
      for (const item of own) draft.add(item, facts.tellings);
      const isWorthIt = draft.hasNews || (withStanding && draft.hasStanding);
      return isWorthIt ? [composeMessage(draft, to, templates, { withStanding })] : [];
    });
}

function keyOf(item: NoticeItem): string {
  return `${item.vhost} ${matterIn(item)}`;
}

function matterIn(item: NoticeItem): string {
  if (item.state === 'over') return item.entry.matter;
  return item.state === 'renewed' ? matterOf(item.renewal.kind) : item.trouble.matter;
}
