import { type CallWords, callFunction } from '../../api/answer.js';
import { wordsOfInput } from '../../api/input.js';
import { type OutputFormat, renderAnswer } from '../../api/output.js';
import { uapiEnvelope } from '../../api/uapi/envelope.js';
import type { UapiFunction } from '../../api/uapi/function.js';
import type { UapiHost } from '../../api/uapi/host.js';
import { UAPI_FUNCTIONS } from '../../api/uapi/table.js';
import { type AccountName, parseAccountName } from '../../core/domain/account/account-name.js';
import { type AutosslError, ConfigurationError, UsageError } from '../../core/domain/autossl-error.js';
import { printable, quoteForMessage } from '../../core/domain/name/names.js';
import { EXIT } from '../../core/report/check/exit-code.js';
import { readUapiCall, uapiHelp } from './uapi-call.js';

/** Whoever may name an account is its server's root, or that of a tree of its own. */
const ROOT = 'root';

/** How the answer is asked for. */
export interface UapiRequest {
  /** Module, function, `key=value` words. */
  readonly words: readonly string[];
  /** Text of `--input=json`; null: it was not said. */
  readonly input: string | null;
  /** `--user`. */
  readonly user: string | undefined;
  readonly format: OutputFormat;
}

/**
 * Calls one function and prints its answer. Gives 0 for `status` 1, else 1. Root, and whoever has a tree of his own, names
 * the account; anybody else is one. @throws UsageError, ConfigurationError
 */
export async function uapiCommand(request: UapiRequest): Promise<number> {
  const { called, words } = readUapiCall(request.words, UAPI_FUNCTIONS, 'uapi');
  const uid = process.getuid?.() ?? 0;
  const root = process.env['AUTOSSL_ROOT'] ?? '';
  if (uid !== 0 && (root === '' || root === '/')) return callAsAccount(called, words, uid, request);
  const host = await openForAdministrator(request.user, uid);
  return print(called, await callFunction(called, { words, input: request.input }, host), request.format);
}

async function openForAdministrator(user: string | undefined, uid: number): Promise<UapiHost> {
  if (user === undefined) {
    throw new UsageError('NO_SCOPE', 'name the account: uapi --user=NAME MODULE FUNCTION …');
  }
  const account = parseAccountName(user);
  const { openOwnTree } = await import('../host/uapi/own-tree.js');
  const { isAccount, openUapiHost } = await import('../host/uapi/uapi.js');
  const tree = openOwnTree(process.env, uid);
  if (!(await isAccount(tree, account))) {
    throw new UsageError('UNKNOWN_USER', `there is no account ${quoteForMessage(user)} on this server`);
  }
  return openUapiHost(tree, account, ROOT);
}

/** By the caller's own rights where these suffice, else through uapi-root. */
async function callAsAccount(
  called: UapiFunction,
  words: readonly string[],
  uid: number,
  { input, user, format }: UapiRequest,
): Promise<number> {
  const { accountOfUid } = await import('../host/uapi/caller.js');
  const account = await accountOfUid(uid);
  if (account === null) throw notPermitted('your user is no hosting account of this server');
  if (user !== undefined && user !== account)
    throw notPermitted(`only root may ask for ${quoteForMessage(user)}`);
  if (called.rights === 'root') throw notPermitted(`only root may call ${called.name}`);
  if (called.rights === 'account') {
    const exitCode = await callByOwnRights(called, { words, input }, account, format);
    if (exitCode !== null) return exitCode;
  }
  const { askUapiRoot } = await import('../host/uapi/uapi-root.js');
  const end = await askUapiRoot(
    [`--output=${format}`, called.module, called.name, ...words, ...wordsOfInput(input, called.parameters)],
    (piece) => void process.stdout.write(piece),
  );
  if (end.state === 'ended') {
    process.stderr.write(end.said);
    return end.exitCode;
  }
  const why =
    end.state === 'refused'
      ? 'this server does not let accounts call uapi-root'
      : `uapi-root cannot be called: ${printable(end.why)}`;
  throw notPermitted(
    `${called.name} needs root’s rights, and ${why}; its administrator can, with: autossl setup --sudoers`,
  );
}

/** Null when something that is needed cannot be read. */
async function callByOwnRights(
  called: UapiFunction,
  given: CallWords,
  account: AccountName,
  format: OutputFormat,
): Promise<number | null> {
  const { openOwnView } = await import('../host/uapi/own-view.js');
  try {
    const end = await callFunction(called, given, openOwnView(account), outOfReach);
    return print(called, end, format);
  } catch (error) {
    if (error instanceof OutOfReach) return null;
    throw error;
  }
}

/** Ends a call by one's own rights. */
class OutOfReach extends Error {}

function outOfReach(error: AutosslError): string {
  if (error instanceof UsageError) return error.message;
  throw new OutOfReach(error.message);
}

async function print(
  { module, name }: UapiFunction,
  end: Awaited<ReturnType<typeof callFunction>>,
  format: OutputFormat,
): Promise<number> {
  process.stdout.write(await renderAnswer(uapiEnvelope(module, name, end), format));
  return end.isDone ? EXIT.done : EXIT.failed;
}

function notPermitted(why: string): ConfigurationError {
  return new ConfigurationError('NOT_PERMITTED', why);
}

/** `--help` and `--help MODULE FUNCTION`. */
export async function uapiHelpCommand(words: readonly string[]): Promise<number> {
  process.stdout.write(await uapiHelp(words, UAPI_FUNCTIONS, 'uapi', HELP));
  return EXIT.done;
}

const HELP = `Usage: uapi --user=NAME [--output=FORMAT] MODULE FUNCTION [PARAMETER=VALUE ...]
       uapi [--output=FORMAT] MODULE FUNCTION [PARAMETER=VALUE ...]
       uapi --help [MODULE FUNCTION]

Call a function of UAPI: one hosting account's view of this server. Root names
the account; an account asks for itself, where root allowed that with
"autossl setup --sudoers".

Options:
  --user=NAME      the account
  --output=FORMAT  yaml (default), json or jsonpretty
  --input=json     take parameters from standard input, as one JSON object
  --version        output the version number
  -h, --help       display help, also for one function

Values are URI-decoded: write %25 for a percent sign that two hexadecimal digits
follow. Booleans are 1 and 0. Every function that gives rows takes api.filter,
api.sort, api.columns and api.chunk.

Exit status:
  0   done: "status" is 1
  1   not done: "status" is 0, "errors" says why
  2   wrong usage, or a function or account that there is not
  3   could not run: configuration, state, permission
  75  other calls of this account are being answered; try again later

Functions:
`;
