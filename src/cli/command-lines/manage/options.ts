import type { Command } from 'commander';

/** `autossl options …`. */
export function addOptions(program: Command): void {
  const options = program
    .command('options')
    .description('who is told of what, and whether certificates of others may be replaced');
  options
    .command('show', { isDefault: true })
    .description('every option with its value and meaning')
    .option('--json', 'as JSON')
    .allowExcessArguments(false)
    .action(async (flags: { json?: boolean }) => {
      const { showOptionsCommand } = await import('../../commands/manage/options.js');
      process.exitCode = await showOptionsCommand(flags.json === true);
    });
  options
    .command('set')
    .description('change one option; the others stay')
    .argument('<key>', 'administrator-notices, user-notices, or a documented key')
    .argument('<value>', 'a level from 1 to 4; of a documented key: 1 or 0')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Levels of notices:
  1  everything
  2  all but successful renewals
  3  failures: expiry, and certificates that lost names
  4  nothing

Examples:
  autossl options set user-notices 3
  autossl options set notify_autossl_renewal 0
  autossl options set clobber_externally_signed 1`,
    )
    .action(async (key: string, value: string, flags: { json?: boolean }) => {
      const { setOptionCommand } = await import('../../commands/manage/options.js');
      process.exitCode = await setOptionCommand(key, value, flags.json === true);
    });
}
