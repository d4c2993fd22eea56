import type { Command } from 'commander';

/** `autossl limits`. */
export function addLimits(program: Command): void {
  program
    .command('limits')
    .description(
      'what holds orders back now: budget, names that failed, websites that got a certificate lately',
    )
    .option('--json', 'one JSON document with everything that is known')
    .addHelpText('after', '\nWhat holds one name back: autossl why NAME')
    .allowExcessArguments(false)
    .action(async (flags: { json?: boolean }) => {
      const { limitsCommand } = await import('../commands/manage/limits.js');
      process.exitCode = await limitsCommand(flags.json === true);
    });
}
