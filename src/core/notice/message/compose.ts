import type { OutgoingMessage } from '../outgoing-message.js';
import { type MessageTemplates, renderPart } from '../template/message-templates.js';
import { documentOf } from './document.js';
import type { Composable } from './merged-draft.js';
import { summaryOf } from './subject.js';
import { templateValues } from './template-values.js';

/** The message as it waits for its channels. */
export function composeMessage(
  draft: Composable,
  to: string,
  templates: MessageTemplates,
  { withStanding }: { readonly withStanding: boolean },
): OutgoingMessage {
  const content = draft.content({ withStanding });
  const id = draft.id({ withStanding });
  const summary = summaryOf(content);
  const data = templateValues(content, summary);
  return {
    schemaVersion: 1,
    id,
    audience: content.audience,
    account: content.account,
    to,
    subject: renderPart(templates, 'subject', data),
    text: renderPart(templates, 'text', data),
    html: renderPart(templates, 'html', data),
    document: documentOf(content, id, summary),
    createdAt: content.createdAt.toISOString(),
  };
}
