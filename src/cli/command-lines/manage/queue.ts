import type { Command } from 'commander';

/** `autossl queue`. */
export function addQueue(program: Command): void {
  program
    .command('queue')
    .description('orders that are not finished: state, age, when they are looked at again, log')
    .option('--user <name>', 'only those of this account')
    .option('--domain <name>', 'only those for this name')
    .option('--provider <name>', 'only those at this provider')
    .option('--state <state>', 'ordering, pending (at the provider), install or failed')
    .option('--sort <key>', 'requested, poll, account, website, provider or state (default: requested)')
    .option('--json', 'one JSON document with everything that is known')
    .addHelpText(
      'after',
      `
Examples:
  autossl queue --state pending --sort poll
  autossl queue --user alice --json`,
    )
    .allowExcessArguments(false)
    .action(async (flags: import('../../commands/manage/queue.js').QueueListFlags) => {
      const { queueListCommand } = await import('../../commands/manage/queue.js');
      process.exitCode = await queueListCommand(flags);
    });
}
