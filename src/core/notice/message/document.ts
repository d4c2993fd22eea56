import type { MessageContent } from './message-content.js';

/** Of the accounts that name one address, so many are listed. */
const ACCOUNTS_LISTED = 50;

/** What webhooks and commands are given: the message as data. Lists are as bounded as in the mail, counts are true. */
export function documentOf(content: MessageContent, id: string, summary: string): object {
  const { host, audience, account, accounts, createdAt, counts, troubles, over, renewed, standing } = content;
  return {
    schemaVersion: 1,
    id,
    createdAt: createdAt.toISOString(),
    host,
    audience,
    account,
    ...(accounts.length > 1 ? { accounts: accounts.slice(0, ACCOUNTS_LISTED) } : {}),
    summary,
    counts,
    troubles: troubles.map((trouble) => ({
      website: trouble.website,
      account: trouble.account,
      event: trouble.kind,
      state: trouble.state,
      urgency: trouble.urgency,
      code: trouble.code,
      headline: trouble.headline,
      what: trouble.what,
      names: trouble.names,
      moreNames: trouble.moreNames,
      next: trouble.next,
      todo: trouble.todo,
      command: orNull(trouble.command),
      excludeCommand: orNull(trouble.excludeCommand),
      deadlineAt: orNull(trouble.deadlineAt),
      notAfter: orNull(trouble.notAfter),
    })),
    over: over.map(lineOf),
    renewed: renewed.map(lineOf),
    standing: standing.map(lineOf),
  };
}

function lineOf({ website, account, kind, text, command }: MessageContent['over'][number]): object {
  return { website, account, event: kind, text, ...(command === '' ? {} : { command }) };
}

function orNull(text: string): string | null {
  return text === '' ? null : text;
}
