import { callFunction } from '../../api/answer.js';
import { type OutputFormat, renderAnswer } from '../../api/output.js';
import { uapiEnvelope } from '../../api/uapi/envelope.js';
import { SUDO_FUNCTIONS } from '../../api/uapi/table.js';
import { AutosslError, InternalError, StateError, UsageError } from '../../core/domain/autossl-error.js';
import { EXIT } from '../../core/report/check/exit-code.js';
import { withAdvice } from '../../core/report/text/wording.js';
import { inTurnOf } from '../host/check/account-turn.js';
import { accountBehindSudo } from '../host/uapi/caller.js';
import { openUapiHost, openWholeServer } from '../host/uapi/uapi.js';
import { readUapiCall, uapiHelp } from './uapi-call.js';

/** Files of root's, as root itself makes them. */
const UMASK = 0o022;

/**
 * Answers one call of the closed list for the account that sudo names; nothing else of the environment, and no option, says
 * for whom. @throws ConfigurationError NOT_PERMITTED, UsageError, StateError LOCKED
 */
export async function uapiRootCommand(
  words: readonly string[],
  format: OutputFormat,
  sudoUid: string | undefined,
): Promise<number> {
  process.chdir('/');
  process.umask(UMASK);
  const account = await accountBehindSudo(sudoUid);
  const call = readUapiCall(words, SUDO_FUNCTIONS, 'uapi-root');
  const { module, name } = call.called;
  const tree = openWholeServer();
  const end = await inTurnOf(tree, account, module, () =>
    callFunction(
      call.called,
      { words: call.words, input: null },
      openUapiHost(tree, account, account),
      toldToAccount,
    ),
  ).catch((error: unknown) => {
    throw withoutDetails(error);
  });
  process.stdout.write(await renderAnswer(uapiEnvelope(module, name, end), format));
  return end.isDone ? EXIT.done : EXIT.failed;
}

/** The same of what ended the call before it was answered, such as a lock that cannot be made. */
function withoutDetails(error: unknown): AutosslError {
  if (error instanceof UsageError) return error;
  if (error instanceof StateError && error.code === 'LOCKED') return error;
  if (error instanceof InternalError || !(error instanceof AutosslError)) {
    return new InternalError('BUG', `this ${cannot('BUG')}`);
  }
  return new StateError('TREE_UNREADABLE', `this ${cannot(error.code)}`);
}

/** What is wrong with a call is told; what is wrong with the server may name things that are none of a customer's. */
function toldToAccount(error: AutosslError): string {
  if (error instanceof UsageError) return withAdvice(error.message, error.advice);
  return `This ${cannot(error.code)}.`;
}

function cannot(code: string): string {
  return `server cannot do it now (${code}); its administrator sees why with: uapi --user`;
}

/** `--help` and `--help MODULE FUNCTION`. */
export async function uapiRootHelpCommand(words: readonly string[]): Promise<number> {
  process.stdout.write(await uapiHelp(words, SUDO_FUNCTIONS, 'uapi-root', HELP));
  return EXIT.done;
}

const HELP = `Usage: uapi-root [--output=FORMAT] MODULE FUNCTION [PARAMETER=VALUE ...]

What uapi calls through sudo for a hosting account that asks for itself. For
which account is said by sudo (SUDO_UID) and by nothing else.

Options:
  --user=NAME      ignored
  --output=FORMAT  yaml (default), json or jsonpretty
  --version        output the version number
  -h, --help       display help, also for one function

Exit status:
  0   done: "status" is 1
  1   not done: "status" is 0, "errors" says why
  2   wrong usage, or a function that is not of the list below
  3   could not run: permission, configuration, state
  75  other calls of this account are being answered; try again later

Functions, a closed list:
`;
