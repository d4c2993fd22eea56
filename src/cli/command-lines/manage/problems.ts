import type { Command } from 'commander';

/** `autossl problems`. */
export function addProblems(program: Command): void {
  program
    .command('problems')
    .description('what the last runs found wrong with names and websites, and since when')
    .option('--user <name>', 'only those of this account')
    .option('--domain <name>', 'only those of this name, or of the website that is called so')
    .option('--json', 'one JSON document, with the advice and the log of each')
    .action(async (options: import('../../commands/problems.js').ProblemsFlags) => {
      const { problemsCommand } = await import('../../commands/problems.js');
      process.exitCode = await problemsCommand(options);
    });
}
