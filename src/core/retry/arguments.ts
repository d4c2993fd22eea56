import { UsageError } from '../domain/autossl-error.js';
import { quoteForMessage } from '../domain/name/names.js';
import { type Command, parseCommand, wordsOf } from './command.js';
import { type Option, type OptionName, splitOptions } from './option-words.js';
import { DEFAULT_DELAY_MINUTES, type RetryPlan } from './plan.js';

/** What the command line asks for. */
export type RetryRequest =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'try'; readonly plan: RetryPlan }
  /** Whether jobs are queued: any of ours, or those with this action. */
  | { readonly kind: 'has-jobs'; readonly action: Command | null; readonly isJson: boolean };

const DEFAULT_MAX_RETRIES = 1;
/** Minutes: 366 days. at(1) itself would wait for millennia. */
const MAX_DELAY_MINUTES = 366 * 24 * 60;
/** A year of checks every five minutes is more. */
const MAX_RETRIES = 100_000;
/** Options that --has-jobs may stand with. */
const WITH_HAS_JOBS: readonly OptionName[] = ['--has-jobs', '--action', '--json'];

/** The words after the program's name. @throws UsageError BAD_ARGUMENT */
export function parseArguments(argv: readonly string[]): RetryRequest {
  if (argv.length === 1 && argv[0] === '-h') return { kind: 'help' };
  const options = splitOptions(argv);
  if (options.has('--help')) return { kind: 'help' };
  if (options.has('--version')) return { kind: 'version' };
  if (options.has('--has-jobs')) return parseHasJobs(options);
  if (options.has('--json')) throw new UsageError('BAD_ARGUMENT', '--json goes with --has-jobs only');
  return { kind: 'try', plan: parsePlan(options) };
}

type Options = ReadonlyMap<OptionName, Option>;

function parseHasJobs(options: Options): RetryRequest {
  const other = [...options.keys()].find((name) => !WITH_HAS_JOBS.includes(name));
  if (other !== undefined) throw new UsageError('BAD_ARGUMENT', `${other} does not go with --has-jobs`);
  const action = options.get('--action');
  return {
    kind: 'has-jobs',
    action: action === undefined ? null : parseCommand(action.words, '--action'),
    isJson: options.has('--json'),
  };
}

function parsePlan(options: Options): RetryPlan {
  const maxRetries = numberOf(options, '--max-retries', DEFAULT_MAX_RETRIES, MAX_RETRIES);
  const skipFirst = options.has('--skip-first');
  if (skipFirst && maxRetries === 0) {
    throw new UsageError(
      'BAD_ARGUMENT',
      'with --skip-first and --max-retries 0 nothing would ever be checked',
    );
  }
  return {
    action: requiredCommand(options, '--action'),
    check: requiredCommand(options, '--check'),
    actFinally: actFinallyOf(options.get('--act-finally')),
    time: timeOf(options),
    maxRetries,
    skipFirst,
    isQueued: options.has('--queued'),
  };
}

function requiredCommand(options: Options, name: '--action' | '--check'): Command {
  const option = options.get(name);
  if (option === undefined) {
    throw new UsageError('BAD_ARGUMENT', `${name} is missing`, { advice: 'See "try-later --help".' });
  }
  return parseCommand(option.words, name);
}

function actFinallyOf(option: Option | undefined): RetryPlan['actFinally'] {
  if (option === undefined) return 'nothing';
  if (option.words.length === 1 && option.words[0] === '0') return 'nothing';
  if (option.words.length === 1 && option.words[0] === '1') return 'action';
  return parseCommand(option.words, '--act-finally');
}

function timeOf(options: Options): RetryPlan['time'] {
  const at = options.get('--at');
  if (at?.words.every((word) => word.trim() === '')) {
    throw new UsageError('BAD_ARGUMENT', '--at needs a time, such as: now + 12 minutes');
  }
  if (at !== undefined && !options.has('--delay')) return { kind: 'at', words: at.words };
  return { kind: 'delay', minutes: numberOf(options, '--delay', DEFAULT_DELAY_MINUTES, MAX_DELAY_MINUTES) };
}

function numberOf(options: Options, name: OptionName, otherwise: number, most: number): number {
  const option = options.get(name);
  if (option === undefined) return otherwise;
  const [text = ''] = option.words;
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (option.words.length !== 1 || !(number <= most)) {
    const said = option.words.length === 0 ? 'nothing' : quoteForMessage(option.words.join(' '));
    throw new UsageError('BAD_ARGUMENT', `${name} takes a whole number up to ${most}, not ${said}`);
  }
  return number;
}

/** The words that `parseArguments` makes the same plan of. */
export function argumentsOf(plan: RetryPlan): readonly string[] {
  const { actFinally, time } = plan;
  return [
    ...['--action', ...wordsOf(plan.action)],
    ...['--check', ...wordsOf(plan.check)],
    ...(time.kind === 'delay' ? ['--delay', String(time.minutes)] : ['--at', ...time.words]),
    ...['--max-retries', String(plan.maxRetries)],
    ...(plan.skipFirst ? ['--skip-first'] : []),
    ...(actFinally === 'nothing'
      ? []
      : ['--act-finally', ...(actFinally === 'action' ? ['1'] : wordsOf(actFinally))]),
    ...(plan.isQueued ? ['--queued'] : []),
  ];
}
