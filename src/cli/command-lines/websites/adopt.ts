import type { Command } from 'commander';

/** `autossl adopt`. */
export function addAdopt(program: Command): void {
  program
    .command('adopt')
    .description("show the websites and certificates of a web server's configuration, and take them over")
    .requiredOption('--from <server>', 'nginx or apache')
    .option('--apply', 'write what is shown')
    .option('--user <name>', "the account of websites whose document root is no user's")
    .option('--json', 'as JSON')
    .action(async (options: import('../../commands/adopt.js').AdoptFlags) => {
      const { adoptCommand } = await import('../../commands/adopt.js');
      process.exitCode = await adoptCommand(options);
    });
}
