import { Command } from 'commander';
import { VERSION } from '../version.js';

/** The command line of `autossl_check_queue`. */
export function checkQueueProgram(): Command {
  return new Command('autossl_check_queue')
    .description(
      'Go on with orders that pend at the provider, and with websites that are due before the next nightly run. Run every 5 minutes by cron.',
    )
    .version(VERSION)
    .option('--force', 'look at every pending order now, whatever its instant')
    .option('--json', 'print what was done and what pends as JSON')
    .option('--verbose', 'print every line of the log as it is written')
    .allowExcessArguments(false)
    .addHelpText(
      'after',
      `
Exit status:
  0   done, nothing to do, or another autossl_check_queue is at work
  1   something on this server's or the CA's side failed, or an order was given up
  2   wrong usage
  3   could not run: configuration, state, permission, brake
  75  with --force: another autossl_check_queue is at work; try again later

See autossl_check_queue(8).`,
    )
    .action(async (options: import('../commands/queue.js').QueueFlags) => {
      const { runQueue } = await import('../commands/queue.js');
      process.exitCode = await runQueue(options);
    });
}
