import { printable } from '../domain/name/names.js';
import { counted } from './text/wording.js';

/** A record that was added to a zone, as `autossl caa list --json` prints it. */
export interface AdditionWords {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly value: string;
  readonly zone: string;
  readonly editor: string;
  readonly account: string;
  readonly vhost: string;
  readonly why: string;
  readonly at: string;
  readonly state: 'begun' | 'added' | 'undone';
  readonly undoneAt: string | null;
}

/** What became of one that was to be taken back. */
export interface TakenBack extends AdditionWords {
  readonly outcome: 'undone' | 'failed';
  /** Why it is there still; null when it is gone. */
  readonly message: string | null;
}

/** As `autossl caa undo --json` prints it. */
export interface AdditionsReport {
  readonly schemaVersion: 1;
  readonly exitCode: number;
  readonly additions: readonly TakenBack[];
}

/** What was added to zones, for people. */
export function renderAdditions(additions: readonly AdditionWords[]): string {
  if (additions.length === 0) return 'No CAA record was added.\n';
  return additions
    .map((one) => `${one.id}\n  ${lineOf(one)}\n  ${stateOf(one)}, zone ${one.zone}, for ${one.vhost}\n`)
    .map(printableLines)
    .join('');
}

/** What became of records that were to be taken back, for people. */
export function renderTakenBack({ additions }: AdditionsReport): string {
  if (additions.length === 0) return 'There is nothing to take back.\n';
  return additions
    .map((one) => {
      const end = one.outcome === 'undone' ? 'was taken back' : `is still there: ${one.message}`;
      return `${one.id} ${end}\n  ${lineOf(one)}\n`;
    })
    .map(printableLines)
    .join('');
}

/** What may be added again, for people. */
export function renderForgotten(additions: readonly AdditionWords[]): string {
  return `${counted(additions.length, 'record is', 'records are')} forgotten: the next run may add what it misses.\n`;
}

function lineOf({ name, type, value }: AdditionWords): string {
  return `${name}. ${type} ${value}`;
}

function stateOf({ state, at, undoneAt }: AdditionWords): string {
  switch (state) {
    case 'begun':
      return `begun ${at}, not known whether it was added`;
    case 'added':
      return `added ${at}`;
    case 'undone':
      return `added ${at}, taken back ${undoneAt ?? ''}`;
  }
}

function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}
