import type { Command } from 'commander';

/** `autossl sni`. */
export function addSni(program: Command): void {
  program
    .command('sni')
    .description('the names of customers that mail and FTP answer for, and what their configurations lack')
    .option('--update', 'first give the daemons what changed, as every run does')
    .option('--json', 'as JSON')
    .action(async (options: import('../../commands/sni.js').SniFlags) => {
      const { sniCommand } = await import('../../commands/sni.js');
      process.exitCode = await sniCommand(options);
    });
}
