import type { Command } from 'commander';

/** `autossl verify`. */
export function addVerify(program: Command): void {
  program
    .command('verify')
    .description('ask the web servers whether they serve the certificates, and keep what was seen')
    .argument('[website...]', 'only these')
    .option('--user <name>', 'only the websites of this account')
    .option('--all', 'every website')
    .option('--json', 'one JSON document with everything that was seen')
    .action(async (websites: string[], options: import('../../commands/verify.js').VerifyFlags) => {
      const { verifyCommand } = await import('../../commands/verify.js');
      process.exitCode = await verifyCommand(websites, options);
    });
}
