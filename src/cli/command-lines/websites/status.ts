import type { Command } from 'commander';
import { separated } from '../repeated.js';

/** `autossl status`. */
export function addStatus(program: Command): void {
  program
    .command('status')
    .description('the websites: names, certificate, days left, whether it is served, what is next')
    .argument('[website...]', 'only these, with every detail')
    .option('--user <name>', 'only the websites of this account')
    .option('--sort <key>', 'account, website, expiry or next (default: account)')
    .option(
      '--only <what>',
      'ok, incomplete, expired, expiring, failing, not-served, pending, foreign; may be repeated, or several with commas',
      separated,
    )
    .option('--fail-on <what>', 'exit 1 when a website is expired, expiring or failing', separated)
    .option('--json', 'one JSON document with everything that is known')
    .action(async (websites: string[], options: import('../../commands/status.js').StatusFlags) => {
      const { statusCommand } = await import('../../commands/status.js');
      process.exitCode = await statusCommand(websites, options);
    });
}
