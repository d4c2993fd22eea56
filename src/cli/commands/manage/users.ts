import { parseAccountName } from '../../../core/domain/account/account-name.js';
import { UsageError } from '../../../core/domain/autossl-error.js';
import { EXIT } from '../../../core/report/check/exit-code.js';
import { renderKeyTypeCost } from '../../../core/report/key-type-cost.js';
import { type ListedUser, renderUsers } from '../../../core/report/tables/users-table.js';
import { renderJsonDocument } from '../../../core/report/text/json-lines.js';
import { listUsers, setAutosslFor } from '../../../runs/manage/users.js';
import { openUsersHost } from '../../host/manage/users.js';
import { printLines, terminalWidth } from '../../table-output.js';

/** `autossl users`. Gives 1 when something is wrong with an account's files. */
export async function listUsersCommand(user: string | undefined, isJson: boolean): Promise<number> {
  const account = user === undefined ? null : parseAccountName(user);
  return printUsers(
    await listUsers(account, await openUsersHost(process.env, process.getuid?.() ?? 0)),
    isJson,
  );
}

/** `autossl users enable`, `disable` (isOn false) and `reset` (null). */
export async function setUsersCommand(
  users: readonly string[],
  isOn: boolean | null,
  isJson: boolean,
): Promise<number> {
  const host = await openUsersHost(process.env, process.getuid?.() ?? 0);
  await setAutosslFor(users, isOn, host.files);
  const changed: ListedUser[] = [];
  for (const user of new Set(users)) changed.push(...(await listUsers(parseAccountName(user), host)));
  return printUsers(changed, isJson);
}

export interface KeyTypeFlags {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** `autossl users key-type USER... TYPE`. */
export async function keyTypeCommand(words: readonly string[], flags: KeyTypeFlags): Promise<number> {
  const type = words.at(-1);
  const users = [...new Set(words.slice(0, -1))];
  if (type === undefined || users.length === 0) {
    throw new UsageError('BAD_ARGUMENT', 'give the accounts, then the key type', {
      advice: 'See "autossl users key-type --help".',
    });
  }
  // What judges certificates is ten times what a list of accounts needs.
  const { changeKeyType } = await import('../../../runs/manage/key-type.js');
  const { openKeyTypeHost } = await import('../../host/manage/key-types.js');
  const host = await openKeyTypeHost(process.env, process.getuid?.() ?? 0);
  const isDryRun = flags.dryRun === true;
  const costs = await changeKeyType({ users, type, isDryRun }, host);
  const document = { schemaVersion: 1, isDone: !isDryRun, costs };
  await printLines(flags.json === true ? renderJsonDocument(document) : costs.map(renderKeyTypeCost));
  return EXIT.done;
}

async function printUsers(users: readonly ListedUser[], isJson: boolean): Promise<number> {
  const document = { schemaVersion: 1, users };
  await printLines(isJson ? renderJsonDocument(document) : renderUsers(users, terminalWidth()));
  const isFaulty = users.some(({ state, faults }) => state === 'broken' || faults.length > 0);
  return isFaulty ? EXIT.failed : EXIT.done;
}
