import type { NoticeFinding } from '../finding.js';
import type { NoticeMatter, ToldEntry } from '../told/told-record.js';
import type { Trouble } from '../told/trouble.js';
import { exclusionCommand, steadilyElsewhere } from './exclusion-hint.js';
import type { LineText } from './message-content.js';
import type { NoticeReader } from './reader.js';
import { excludeHint } from './trouble-text.js';
import { line, nameText, numbered, sentence } from './words/safe-text.js';
import { relativeWords, utcWords } from './words/time-words.js';
import { wordsOf } from './words/trouble-words.js';

/** A line names so many names. */
const NAMES_SHOWN = 3;

const WAS: Readonly<Record<NoticeMatter, string>> = {
  expiry: 'its certificate could not be renewed',
  deferral: 'its renewal waited',
  risk: 'names in its certificate failed',
  lost: 'names were lost from its certificate',
  missing: 'names were not secured',
  foreign: 'its certificate, which AutoSSL does not renew, was about to expire',
  paused: 'names were paused by the provider',
  renewal: 'it was renewed',
};

/** Of what is over: `names were not secured (a.shop.test).` */
export function overText(
  entry: ToldEntry,
  facts: {
    readonly account: string;
    readonly remaining: Trouble | null;
    readonly renewal: NoticeFinding | null;
    readonly now: Date;
  },
): LineText {
  const { remaining, renewal, now } = facts;
  const until = renewal?.certificate?.notAfter;
  const renewed = until === undefined ? '' : ` Its new certificate is good until ${utcWords(until)}.`;
  const but = remaining === null ? '' : ` What remains: ${wordsOf(remaining).headline(remaining, now)}.`;
  return {
    website: nameText(entry.vhost),
    account: nameText(facts.account),
    kind: entry.kind,
    text: `${WAS[entry.matter]}${inBrackets(entry.names)}${cameAndWent(entry)}.${renewed}${but}`,
    command: '',
  };
}

/** `good until 2027-02-20 04:00 UTC, 3 names` */
export function renewedText(finding: NoticeFinding): LineText {
  const until = finding.certificate?.notAfter;
  const names = finding.names.length === 0 ? '' : `, ${numbered(finding.names.length, 'name')}`;
  return {
    website: nameText(finding.vhost),
    account: nameText(finding.account),
    kind: finding.kind,
    text: `${until === undefined ? 'renewed' : `good until ${utcWords(until)}`}${names}`,
    command: '',
  };
}

/** What stays as it was told. */
export function standingText(
  account: string,
  trouble: Trouble | null,
  entry: ToldEntry,
  { reader, now }: { readonly reader: NoticeReader; readonly now: Date },
): LineText {
  const website = nameText(entry.vhost);
  if (trouble === null) {
    const text = `${WAS[entry.matter]}${inBrackets(entry.names)}${comesAndGoes(entry)}; not at the last look.`;
    return { website, account: nameText(account), kind: entry.kind, text, command: '' };
  }
  const { deadlineAt, names } = trouble;
  const end =
    deadlineAt === null || deadlineAt <= now
      ? ''
      : `, deadline ${utcWords(deadlineAt)}, ${relativeWords(deadlineAt, now)}`;
  const since = entry.returns > 0 ? comesAndGoes(entry) : `, since ${entry.since.slice(0, 10)}`;
  const elsewhere = steadilyElsewhere(names, now);
  const hint = excludeHint(elsewhere, reader);
  const advised = names.find(({ name, advice }) => advice !== '' && !elsewhere.includes(name));
  const advice = sentence(line(advised?.advice ?? ''));
  return {
    website,
    account: nameText(account),
    kind: trouble.kind,
    text: `${wordsOf(trouble).headline(trouble, now)}${inBrackets(trouble.names.map(({ name }) => name))}${since}${end}.${advice === '' ? '' : ` ${advice}`}${hint === '' ? '' : ` ${hint}`}`,
    command: reader === 'administrator' ? (exclusionCommand(account, elsewhere) ?? '') : '',
  };
}

function comesAndGoes({ returns, since }: ToldEntry): string {
  return `: comes and goes, ${numbered(returns, 'time')} since ${since.slice(0, 10)}`;
}

function cameAndWent({ returns, since }: ToldEntry): string {
  return returns === 0 ? '' : ` and came back ${numbered(returns, 'time')} since ${since.slice(0, 10)}`;
}

function inBrackets(names: readonly string[]): string {
  if (names.length === 0) return '';
  const more = names.length - NAMES_SHOWN;
  const shown = names.slice(0, NAMES_SHOWN).map(nameText).join(', ');
  return more > 0 ? ` (${shown} and ${more} more)` : ` (${shown})`;
}
