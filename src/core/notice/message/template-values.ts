import type { TemplateData } from '../template/template-fields.js';
import type { NoticeRepeat } from '../told/digest.js';
import type { LineText, MessageContent, TroubleText } from './message-content.js';
import { grouped, nameText } from './words/safe-text.js';
import { utcWords } from './words/time-words.js';

const REPEATS: Readonly<Record<NoticeRepeat, string>> = {
  weekly: 'You are told when something changes, and once a week of what stays as it is.',
  'every-run': 'You are told at every run of what stays as it is, too.',
  never: 'You are told when something changes.',
};

/** What templates can name, filled in. */
export function templateValues(content: MessageContent, summary: string): TemplateData {
  const { counts, troubles, over, renewed, standing } = content;
  const troubleCount =
    counts.expired +
    counts.expiring +
    counts.deferred +
    counts.atRisk +
    counts.reduced +
    counts.uncovered +
    counts.foreign +
    counts.paused;
  const hint = (command: string): string => (content.reader === 'administrator' ? `: ${command}` : '');
  return {
    fields: {
      host: content.host,
      account: accountWords(content.accounts),
      createdAt: utcWords(content.createdAt),
      summary,
      isRoot: content.reader === 'administrator' ? 'yes' : '',
      repeat: REPEATS[content.repeat],
      troubleCount: counted(troubleCount),
      moreTroubles: more(troubleCount - troubles.length, hint('autossl problems')),
      overCount: counted(counts.over),
      moreOver: more(counts.over - over.length, ''),
      renewedCount: counted(counts.renewed),
      moreRenewed: more(counts.renewed - renewed.length, hint('autossl status')),
      standingCount: counted(counts.standing),
      moreStanding: more(counts.standing - standing.length, hint('autossl problems')),
    },
    lists: {
      troubles: troubles.map(troubleValues),
      over: over.map(lineValues),
      renewed: renewed.map(lineValues),
      standing: standing.map(lineValues),
    },
  };
}

function troubleValues({ names, ...texts }: TroubleText): TemplateData {
  return {
    fields: {
      ...texts,
      isExpired: texts.urgency === 'expired' ? 'yes' : '',
      isLate: texts.urgency === 'late' ? 'yes' : '',
    },
    lists: { names: names.map((name) => ({ fields: { ...name }, lists: {} })) },
  };
}

function lineValues(line: LineText): TemplateData {
  return { fields: { ...line }, lists: {} };
}

/** `alice`, `alice, bob, carol and 2 more`. */
function accountWords(accounts: readonly string[]): string {
  const shown = accounts.slice(0, ACCOUNTS_SHOWN).map(nameText).join(', ');
  const rest = accounts.length - ACCOUNTS_SHOWN;
  return rest > 0 ? `${shown} and ${grouped(rest)} more` : shown;
}

/** A subject names so many. */
const ACCOUNTS_SHOWN = 3;

/** Empty for none, as sections want it. */
function counted(count: number): string {
  return count === 0 ? '' : grouped(count);
}

function more(count: number, hint: string): string {
  return count > 0 ? `and ${grouped(count)} more${hint}` : '';
}
