import type { Command } from 'commander';
import { SUDO_FUNCTIONS, UAPI_FUNCTIONS } from '../../../api/uapi/table.js';
import { WHM_FUNCTIONS } from '../../../api/whm/tables/table.js';
import { EXIT } from '../../../core/report/check/exit-code.js';
import { OPTIONS } from '../../../core/retry/option-words.js';
import { oneOf } from '../../choice.js';
import { checkProgram } from '../../command-lines/check.js';
import { checkQueueProgram } from '../../command-lines/check-queue.js';
import { checkServicesProgram } from '../../command-lines/check-services.js';
import { type CommandWords, commandWords, type WordChoice } from '../../completion/command-words.js';
import { completionScript } from '../../completion/shell-script.js';
import { SHELLS } from '../../completion/shells.js';
import { printLines } from '../../table-output.js';

/** `autossl completion SHELL`. `autossl`: its own definition. */
export async function completionCommand(shell: string, autossl: Command): Promise<number> {
  const programs = [autossl, checkProgram(), checkQueueProgram(), checkServicesProgram()];
  const commands = [
    ...programs.flatMap((program) => [...commandWords(program)]),
    TRY_LATER,
    ...UAPI,
    WHMAPI1,
  ];
  await printLines(completionScript(oneOf('completion', shell, SHELLS), commands));
  return EXIT.done;
}

const ACCOUNTS: WordChoice = { kind: 'accounts', words: [] };
/** Programs whose command lines have a grammar of their own. */
const TRY_LATER: CommandWords = {
  path: 'try-later',
  subcommands: [],
  options: Object.keys(OPTIONS).filter((name) => name !== '--queued'),
  values: new Map(),
  arguments: [],
};
const UAPI: readonly CommandWords[] = (
  [
    [
      'uapi',
      UAPI_FUNCTIONS,
      ['--user', '--input=json', '--output=json', '--output=jsonpretty', '--output=yaml'],
    ],
    ['uapi-root', SUDO_FUNCTIONS, []],
  ] as const
).flatMap(([path, functions, options]) => {
  const modules = [...new Set(functions.map(({ module }) => module))];
  return [
    {
      path,
      subcommands: modules,
      options: [...options, '--help', '--version'],
      values: new Map([['--user', ACCOUNTS]]),
      arguments: [],
    },
    ...modules.map((module) => ({
      path: `${path} ${module}`,
      subcommands: functions.filter((one) => one.module === module).map(({ name }) => name),
      options: [],
      values: new Map(),
      arguments: [],
    })),
  ];
});
const WHMAPI1: CommandWords = {
  path: 'whmapi1',
  subcommands: WHM_FUNCTIONS.map(({ name }) => name),
  options: ['--input=json', '--output=json', '--output=jsonpretty', '--output=yaml', '--help', '--version'],
  values: new Map(),
  arguments: [],
};
