import type { Command } from 'commander';

/** `autossl setup`. */
export function addSetup(program: Command): void {
  program
    .command('setup')
    .description('let runs happen by themselves; without options: show what that takes')
    .option('--cron', 'nightly runs and a script for maintenance jobs')
    .option('--cpanel-paths', 'links for callers of the documented paths')
    .option('--sudoers', 'let accounts have uapi answer for themselves (not among what --yes does)')
    .option('--undo', 'take away what setup made')
    .option('--yes', 'do all that is shown without options')
    .option('--dry-run', 'only show')
    .option('--json', 'as JSON')
    .action(async (options: import('../../commands/setup.js').SetUpFlags) => {
      const { setUpCommand } = await import('../../commands/setup.js');
      process.exitCode = await setUpCommand(options);
    });
}
