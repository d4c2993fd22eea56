import type { Command } from 'commander';

/** `autossl plan`. */
export function addPlan(program: Command): void {
  program
    .command('plan')
    .description('what the next run would do, as "autossl_check --dry-run" says, as a table')
    .option('--user <name>', 'only for the websites of this account')
    .option('--reissue', 'as if valid certificates with another key type than the wanted one were replaced')
    .option('--json', 'one JSON document with the whole plan')
    .addHelpText('after', '\nExample:\n  autossl plan --user alice')
    .allowExcessArguments(false)
    .action(async (flags: import('../../commands/manage/plan.js').PlanFlags) => {
      const { planCommand } = await import('../../commands/manage/plan.js');
      process.exitCode = await planCommand(flags);
    });
}
