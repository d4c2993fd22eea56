import type { Command } from 'commander';

/** `autossl notify …`. */
export function addNotify(program: Command): void {
  const notify = program
    .command('notify')
    .description('the messages to people: those that wait, and a test of the ways that they go');
  notify
    .command('list', { isDefault: true })
    .description('messages that wait for a channel, and those that were given up, with the last answers')
    .option('--json', 'one JSON document with everything that is known')
    // What stands here may be meant as a command.
    .allowExcessArguments(true)
    .action(async (flags: { json?: boolean }, { args }: Command) => {
      const { notifyListCommand } = await import('../../commands/manage/notify.js');
      process.exitCode = await notifyListCommand(flags.json === true, args);
    });
  notify
    .command('test')
    .description('send one test message through every channel at once, and say what each answers')
    .option('--to <recipient>', 'a mail address or a user of this server; default: the setting mail.to')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Exit code 1: a channel refused it, or there is none.

Examples:
  autossl notify test
  autossl notify test --to admin@example.com`,
    )
    .allowExcessArguments(false)
    .action(async (flags: import('../../commands/manage/notify.js').NotifyTestFlags) => {
      const { notifyTestCommand } = await import('../../commands/manage/notify.js');
      process.exitCode = await notifyTestCommand(flags);
    });
}
