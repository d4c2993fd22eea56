import { Command } from 'commander';
import { VERSION } from '../version.js';

/** The command line of `autossl_check`. */
export function checkProgram(): Command {
  return new Command('autossl_check')
    .description(
      'Check the websites of one or all users, and get and install the certificates that are missing or due.',
    )
    .version(VERSION)
    .option('--all', 'check every user')
    .option('--user <name>', 'check one user')
    .option('--dry-run', 'say what would be done; change nothing, lock nothing, log nothing')
    .option('--json', 'print the result (or, with --dry-run, the plan) as JSON')
    .option('--verbose', 'print every line of the log as it is written')
    .option('--reissue', 'also replace valid certificates whose key type is not the wanted one')
    .option('--yes-really', 'go on although very many websites broke at once or the clock is wrong')
    .allowExcessArguments(false)
    .addHelpText(
      'after',
      `
Exit status:
  0   done; names whose owner must act are reported
  1   something on this server's or the CA's side failed
  2   wrong usage
  3   could not run: configuration, state, permission, brake
  75  another run holds the lock; try again later

See autossl_check(8).`,
    )
    .action(async (options: import('../commands/check.js').CheckFlags) => {
      const { runCheck } = await import('../commands/check.js');
      process.exitCode = await runCheck(options);
    });
}
