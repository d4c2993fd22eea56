import type { Trouble } from '../told/trouble.js';
import { exclusionCommand, steadilyElsewhere } from './exclusion-hint.js';
import type { NameText, TroubleText } from './message-content.js';
import type { NoticeReader } from './reader.js';
import { line, nameText, numbered } from './words/safe-text.js';
import { wordsOf } from './words/trouble-words.js';

/** So many names of a website are shown with their reasons: they mostly share one. */
const NAMES_SHOWN = 5;

/** One trouble in words for an audience. */
export function troubleText(
  trouble: Trouble,
  {
    state,
    reader,
    now,
  }: {
    readonly reader: NoticeReader;
    readonly state: TroubleText['state'];
    readonly now: Date;
  },
): TroubleText {
  const words = wordsOf(trouble);
  const more = trouble.names.length - NAMES_SHOWN;
  const elsewhere = steadilyElsewhere(trouble.names, now);
  return {
    website: nameText(trouble.vhost),
    account: nameText(trouble.account),
    kind: trouble.kind,
    state,
    urgency: trouble.urgency,
    headline: words.headline(trouble, now),
    what: words.what(trouble, now),
    code: nameText(trouble.because.code),
    names: trouble.names.slice(0, NAMES_SHOWN).map(nameLine),
    moreNames: more > 0 ? `and ${numbered(more, 'more name')}` : '',
    next: words.next(trouble, now),
    todo: words.todo(trouble, reader),
    command: reader === 'administrator' ? (words.command(trouble) ?? '') : '',
    excludeHint: excludeHint(elsewhere, reader),
    excludeCommand: reader === 'administrator' ? (exclusionCommand(trouble.account, elsewhere) ?? '') : '',
    deadlineAt: trouble.deadlineAt?.toISOString() ?? '',
    notAfter: trouble.certificate?.notAfter.toISOString() ?? '',
  };
}

function nameLine({ name, code, why, advice }: Trouble['names'][number]): NameText {
  return { name: nameText(name), code: nameText(code), why: line(why), advice: line(advice) };
}

/** The proposal to exclude names; `reader` an administrator: the command comes after it. */
export function excludeHint(names: readonly string[], reader: NoticeReader): string {
  if (names.length === 0) return '';
  const [subject, has] = names.length === 1 ? [names[0], 'has'] : [names.join(', '), 'have'];
  const reason = `${subject} ${has} not been served from here for a week or longer.`;
  if (reader === 'administrator') {
    return `${reason} If that is meant so, leave ${names.length === 1 ? 'it' : 'them'} out:`;
  }
  return reader === 'reseller'
    ? `${reason} If that is meant so, have ${names.length === 1 ? 'it' : 'them'} excluded from AutoSSL.`
    : `${reason} If you mean it so, exclude ${names.length === 1 ? 'it' : 'them'} from AutoSSL, and you are not told of ${names.length === 1 ? 'it' : 'them'} again.`;
}
