import { type CallWords, callFunction } from '../../api/answer.js';
import { type OutputFormat, renderAnswer } from '../../api/output.js';
import { whmEnvelope } from '../../api/whm/envelope.js';
import { WHM_FUNCTIONS } from '../../api/whm/tables/table.js';
import { UsageError } from '../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../core/domain/name/names.js';
import { EXIT } from '../../core/report/check/exit-code.js';
import { openWhmHost } from '../host/whm.js';

const PROGRAM = 'whmapi1';

/** Calls one function and prints its answer. Gives 0 for `result` 1, else 1. @throws UsageError for a function that we do not have */
export async function whmapi1Command(name: string, given: CallWords, format: OutputFormat): Promise<number> {
  // Words may be private keys, and every user of the server may list what processes were called with.
  process.title = PROGRAM;
  const called = WHM_FUNCTIONS.find((one) => one.name === name);
  if (called === undefined) {
    throw new UsageError('BAD_ARGUMENT', `there is no function ${quoteForMessage(name)} here`, {
      advice: 'See those that there are with: whmapi1 --help',
    });
  }
  const host = await openWhmHost(process.env, process.getuid?.() ?? 0);
  const end = await callFunction(called, given, host);
  process.stdout.write(await renderAnswer(whmEnvelope(name, end), format));
  return end.isDone ? EXIT.done : EXIT.failed;
}

/** `--help` and `--help FUNCTION`. */
export async function whmapi1Help(name: string | undefined): Promise<number> {
  const { renderFunctionHelp, renderFunctionList } = await import('../../api/help.js');
  if (name === undefined) {
    process.stdout.write(`${HELP}${renderFunctionList(WHM_FUNCTIONS)}\nSee whmapi1(8).\n`);
    return EXIT.done;
  }
  const called = WHM_FUNCTIONS.find((one) => one.name === name);
  if (called === undefined) {
    throw new UsageError('BAD_ARGUMENT', `there is no function ${quoteForMessage(name)} here`);
  }
  process.stdout.write(renderFunctionHelp('whmapi1', called));
  return EXIT.done;
}

const HELP = `Usage: whmapi1 [--input=json] [--output=FORMAT] FUNCTION [PARAMETER=VALUE ...]
       whmapi1 --help [FUNCTION]

Call a function of WHM API 1 on this server.

Options:
  --output=FORMAT  yaml (default), json or jsonpretty
  --input=json     take parameters from standard input, as one JSON object
  --version        output the version number
  -h, --help       display help, also for one function

Values are URI-decoded: write %25 for a percent sign that two hexadecimal digits
follow. A parameter may be repeated, or numbered (domain, domain-1, domain-2),
where a function takes several. Booleans are 1 and 0. Every function that gives
rows takes api.filter, api.sort, api.columns and api.chunk.

Exit status:
  0   done: "result" is 1
  1   not done: "result" is 0, "reason" says why
  2   wrong usage, or a function that there is not
  3   could not run: configuration, state, permission

Functions:
`;
