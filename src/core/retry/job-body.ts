import { argumentsOf, parseArguments } from './arguments.js';
import type { RetryPlan } from './plan.js';
import { quoteForShell, readShellWords } from './shell-words.js';

/** One of our jobs: the script that at(1) keeps is all its memory. */
export interface RetryJob {
  readonly plan: RetryPlan;
  /** All that the program, and so its commands, get. */
  readonly environment: Readonly<Record<string, string>>;
  /** Absolute paths of node and of try-later. */
  readonly program: { readonly node: string; readonly script: string };
}

/** The line by which our jobs are known among others. */
const MARKER = '# try-later: a job of AutoSSL, form 1; atrm(1) removes it, see try-later(8)';
const ENV = '/usr/bin/env';
/** Nothing was done: the exit code of "could not run". */
const GONE_EXIT = 3;

/** The script: works from any environment, and says so when the program is there no longer. */
export function renderJobBody({ plan, environment, program }: RetryJob): string {
  const { node, script } = program;
  const assignments = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  return [
    MARKER,
    `for file in ${quoteForShell([node, script])}; do`,
    `[ -e "$file" ] || { printf 'try-later: %s is gone: this job cannot run\\n' "$file" >&2; exit ${GONE_EXIT}; }`,
    'done',
    `exec ${quoteForShell([ENV, '-i', ...assignments, node, script, ...argumentsOf(plan)])}`,
    '',
  ].join('\n');
}

/** What a job's script (with at(1)'s own lines before it) carries out; undefined when it is none of ours. */
export function readJobBody(text: string): RetryJob | undefined {
  const begin = `\n${text}`.indexOf(`\n${MARKER}\n`);
  if (begin === -1) return undefined;
  const start = /\ndone\nexec /.exec(text.slice(begin));
  if (start === null) return undefined;
  const words = readShellWords(text.slice(begin + start.index + start[0].length));
  if (words?.[0] !== ENV || words[1] !== '-i') return undefined;
  const end = words.findIndex((word, index) => index > 1 && word.startsWith('/'));
  if (end === -1) return undefined;
  const [node = '', script = '', ...rest] = words.slice(end);
  const plan = planOf(rest);
  if (plan === undefined) return undefined;
  const environment = Object.fromEntries(
    words.slice(2, end).map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]),
  );
  return { plan, environment, program: { node, script } };
}

function planOf(words: readonly string[]): RetryPlan | undefined {
  try {
    const request = parseArguments(words);
    return request.kind === 'try' ? request.plan : undefined;
  } catch {
    return undefined;
  }
}
