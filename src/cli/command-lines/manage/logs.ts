import type { Command } from 'commander';

/** `autossl logs` and `autossl log`. */
export function addLogs(program: Command): void {
  program
    .command('logs')
    .description('the runs whose logs are kept, newest first')
    .option('--user <name>', 'only runs for this account; "*": only runs for all')
    .option('--state <state>', 'only those that are running, or that have ended')
    .option('--sort <key>', 'start, user or provider (default: start)')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  autossl logs --user alice --state ended')
    .allowExcessArguments(false)
    .action(async (flags: import('../../commands/manage/logs.js').LogsFlags) => {
      const { logsCommand } = await import('../../commands/manage/logs.js');
      process.exitCode = await logsCommand(flags);
    });
  program
    .command('log')
    .description('what one run said')
    .argument('[start]', 'when it started, as "autossl logs" has it, or latest', 'latest')
    .option('--follow', 'print further lines as they come, until the run ends')
    .option('--json', 'the records for programs, one JSON object a line')
    .addHelpText(
      'after',
      `
Examples:
  autossl log
  autossl log --follow
  autossl log 2026-11-22T02:17:00Z --json`,
    )
    .allowExcessArguments(false)
    .action(async (start: string, flags: import('../../commands/manage/logs.js').LogFlags) => {
      const { logCommand } = await import('../../commands/manage/logs.js');
      process.exitCode = await logCommand(start, flags);
    });
}
