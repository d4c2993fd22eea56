import { hash } from 'node:crypto';
import { LINES_SHOWN, type MessageDraft, RENEWALS_SHOWN, TROUBLES_SHOWN } from './draft.js';
import type { MessageContent, MessageCounts } from './message-content.js';

/** What a message is composed of. */
export type Composable = Pick<MessageDraft, 'content' | 'id'>;

/**
 * What is told of several accounts to the one address that they name. They take turns in what is shown: whoever writes somebody
 * else's address into his own account pushes nothing of that person's out of sight.
 */
export class MergedDraft implements Composable {
  readonly #parts: readonly [MessageDraft, ...MessageDraft[]];

  constructor(parts: readonly [MessageDraft, ...MessageDraft[]]) {
    this.#parts = parts;
  }

  content(how: { readonly withStanding: boolean }): MessageContent {
    const [first, ...others] = this.#parts;
    const contents = [first.content(how), ...others.map((part) => part.content(how))] as const;
    const of = <T>(listOf: (content: MessageContent) => readonly T[], most: number): readonly T[] =>
      inTurns(contents.map(listOf), most);
    return {
      ...contents[0],
      account: null,
      accounts: contents.flatMap(({ accounts }) => accounts),
      counts: contents.map(({ counts }) => counts).reduce(sumOf),
      troubles: of(({ troubles }) => troubles, TROUBLES_SHOWN),
      over: of(({ over }) => over, LINES_SHOWN),
      renewed: of(({ renewed }) => renewed, RENEWALS_SHOWN),
      standing: of(({ standing }) => standing, LINES_SHOWN),
    };
  }

  id(how: { readonly withStanding: boolean }): string {
    const [first, ...others] = this.#parts;
    const id = first.id(how);
    const all = [id, ...others.map((part) => part.id(how))];
    return hash('sha256', all.join('\n'), 'hex').slice(0, id.length);
  }
}

/** One of each list, then the next of each, until there are so many. */
function inTurns<T>(lists: readonly (readonly T[])[], most: number): readonly T[] {
  const longest = Math.max(...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, turn) => lists.flatMap((list) => list.slice(turn, turn + 1)))
    .flat()
    .slice(0, most);
}

function sumOf(one: MessageCounts, other: MessageCounts): MessageCounts {
  const keys = Object.keys(one) as (keyof MessageCounts)[];
  return Object.fromEntries(keys.map((key) => [key, one[key] + other[key]])) as unknown as MessageCounts;
}
