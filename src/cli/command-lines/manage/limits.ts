import type { Command } from 'commander';

/** `autossl limits`. */
export function addLimits(program: Command): void {
  program
    .command('limits')
    .description(
      'what holds orders back now: what is left of the limits, pauses, names that failed, recent certificates',
    )
    .option('--plan', 'and what the planned run would cost, which looks at every website')
    .option('--json', 'one JSON document with everything that is known')
    .addHelpText('after', '\nWhat holds one name back: autossl why NAME')
    .allowExcessArguments(false)
    .action(async (flags: { json?: boolean; plan?: boolean }) => {
      const { limitsCommand } = await import('../../commands/manage/limits.js');
      process.exitCode = await limitsCommand(flags.json === true, flags.plan === true);
    });
}
