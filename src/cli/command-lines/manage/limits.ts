import type { Command } from 'commander';

/** `autossl limits`. */
export function addLimits(program: Command): void {
  program
    .command('limits')
    .description(
      'what holds orders back now: what is left of the limits, pauses, names that failed, recent certificates',
    )
    .option('--plan', 'and what the planned run would cost, which looks at every website')
    .option('--forget [provider]', 'lift what providers stopped, as far as it is noted here')
    .option('--json', 'one JSON document with everything that is known')
    .addHelpText('after', '\nWhat holds one name back: autossl why NAME')
    .allowExcessArguments(false)
    .action(async (flags: { json?: boolean; plan?: boolean; forget?: string | true }) => {
      const { forgetLimitsCommand, limitsCommand } = await import('../../commands/manage/limits.js');
      if (flags.forget !== undefined) {
        const provider = flags.forget === true ? null : flags.forget;
        process.exitCode = await forgetLimitsCommand(provider, flags.json === true);
        return;
      }
      process.exitCode = await limitsCommand(flags.json === true, flags.plan === true);
    });
}
