import { type Command, Option } from 'commander';
import { MOST_STARS, USABILITY_RULES } from '../../../core/provider/usability.js';
import { collected } from '../repeated.js';

const SCORE_HELP = `
Score: stars, at most ${MOST_STARS}:
${USABILITY_RULES.map((rule) => `  ${rule}`).join('\n')}
Delivery ("How"): api, a run waits for it; queue, it is parked and polled.

Examples:
  autossl provider list
  autossl provider list --details`;

/** `autossl provider …`. */
export function addProvider(program: Command): void {
  const provider = program
    .command('provider')
    .description('the certificate authorities that AutoSSL can use');

  provider
    .command('list')
    .description('every provider, an asterisk before the active one, with its usability score')
    .option('--details', 'every fact that the score is made of')
    .option('--json', 'as JSON')
    .addHelpText('after', () => SCORE_HELP)
    .action(async (options: { details?: boolean; json?: boolean }) => {
      const { listCommand } = await import('../../commands/provider.js');
      process.exitCode = await listCommand(options);
    });

  provider
    .command('show')
    .description('one provider in detail')
    .argument('[name]', 'default: the active one')
    .option('--ask', 'ask its directory what it says now')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExamples:\n  autossl provider show\n  autossl provider show LetsEncrypt --ask')
    .action(async (name: string | undefined, options: { ask?: boolean; json?: boolean }) => {
      const { showCommand } = await import('../../commands/provider.js');
      process.exitCode = await showCommand(name, options);
    });

  withChoice(provider.command('use'))
    .description('choose the provider and register our account there; what is not said stays as it was')
    .argument('<name>', 'a name that "autossl provider list" shows')
    .option(
      '--fallback <names>',
      'who stands in while it cannot be used, in this order, with commas between; none: nobody',
    )
    .addHelpText(
      'after',
      `
Examples:
  autossl provider use LetsEncrypt --accept-terms URL
  autossl provider use ZeroSSL --accept-terms URL --eab-kid ID --eab-hmac file:/root/eab
  autossl provider use CustomACME --directory https://ca.example/directory
  autossl provider use LetsEncrypt --fallback ZeroSSL,GoogleTrustServices`,
    )
    .action(async (name: string, options: import('../../commands/provider.js').UseFlags) => {
      const { useCommand } = await import('../../commands/provider.js');
      process.exitCode = await useCommand(name, options);
    });

  withChoice(provider.command('register'))
    .description('register our account with a provider that is not to be the active one')
    .argument('<name>', 'a name that "autossl provider list" shows')
    .addHelpText('after', '\nExample:\n  autossl provider register ZeroSSL --accept-terms URL')
    .action(async (name: string, options: import('../../commands/provider.js').UseFlags) => {
      const { registerCommand } = await import('../../commands/provider.js');
      process.exitCode = await registerCommand(name, options);
    });

  provider
    .command('disable')
    .description('switch AutoSSL off: nothing is ordered until a provider is chosen')
    .addHelpText('after', '\nExample:\n  autossl provider disable')
    .action(async () => {
      const { disableCommand } = await import('../../commands/provider.js');
      process.exitCode = await disableCommand();
    });

  withChoice(provider.command('reset'))
    .description('register a new account with a new key; the former key is archived')
    .argument('[name]', 'default: the active one; which one is active stays')
    .addHelpText(
      'after',
      `
Examples:
  autossl provider reset
  autossl provider reset GoogleTrustServices --eab-kid ID --eab-hmac file:/root/eab`,
    )
    .action(async (name: string | undefined, options: import('../../commands/provider.js').UseFlags) => {
      const { resetCommand } = await import('../../commands/provider.js');
      process.exitCode = await resetCommand(name, options);
    });
}

/** What is said about a provider. */
const withChoice = (command: Command): Command =>
  command
    .option('--accept-terms <url>', 'accept the terms of service at this address')
    .option('--directory <url>', 'ACME directory, of those that take one')
    .option('--ca-bundle <file>', "PEM roots that sign the provider's own web server")
    .option('--eab-kid <id>', 'external account binding: key identifier')
    .addOption(new Option('--eab-hmac <file:path>', 'external account binding: file that holds the HMAC key'))
    .option('--profile <name>', 'profile of its certificates; empty: the default one')
    .option('--set <name=value>', "a property of a third party's provider; may be repeated", collected);
