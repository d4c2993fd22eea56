import { Command } from 'commander';
import { VERSION } from '../version.js';

/** The command line of `checkallsslcerts`. */
export function checkServicesProgram(): Command {
  return new Command('checkallsslcerts')
    .description(
      'Check the certificates of this server’s own services (cpanel, exim, dovecot, ftp), and give those that need one a certificate for the hostname.',
    )
    .version(VERSION)
    .option('--allow-retry', 'run once more in an hour, through try-later, when the order is not ready')
    .option('--no-retry', 'never; wins over --allow-retry')
    .option('--dry-run', 'say what would be done; change nothing, lock nothing, log nothing')
    .option('--json', 'print the result (or, with --dry-run, the plan) as JSON')
    .option('--verbose', 'print every line of the log as it is written')
    .allowExcessArguments(false)
    .addHelpText(
      'after',
      `
Exit status:
  0   done, or an order pends; what the administrator must mend is reported
  1   something on this server's or the CA's side failed
  2   wrong usage
  3   could not run: configuration, state, permission, brake
  75  another run holds the lock; try again later

See checkallsslcerts(8).`,
    )
    .action(async (options: import('../commands/check-services.js').CheckServicesFlags) => {
      const { runCheckServices } = await import('../commands/check-services.js');
      process.exitCode = await runCheckServices(options, process.argv[1] ?? '');
    });
}
