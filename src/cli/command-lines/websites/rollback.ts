import type { Command } from 'commander';

/** `autossl rollback`. */
export function addRollback(program: Command): void {
  program
    .command('rollback')
    .description('put a former certificate of a website back, tested like a new one')
    .argument('<website>', 'what the website is called')
    .option('--to <fingerprint>', 'the certificate whose SHA-256 fingerprint begins so; default: the newest')
    .option('--list', 'only say which former certificates are kept')
    .option('--json', 'as JSON')
    .action(async (name: string, options: import('../../commands/rollback.js').RollbackFlags) => {
      const { rollbackCommand } = await import('../../commands/rollback.js');
      process.exitCode = await rollbackCommand(name, options);
    });
}
