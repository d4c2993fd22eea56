import { Command, Option } from 'commander';
import { runProgram } from '../run-program.js';
import { VERSION } from '../version.js';

const program = new Command('autossl')
  .description('Look at and manage AutoSSL on this server.')
  .version(VERSION)
  .addHelpText('after', '\nSee autossl(8).');

program
  .command('inspect')
  .description('say what certificate files hold and what is wrong with them')
  .argument('<file...>', 'PEM, bundle or DER files')
  .option('--json', 'one JSON object per file')
  .action(async (files: string[], options: { json?: boolean }) => {
    const { inspect } = await import('../commands/inspect.js');
    const { openInspectionHost } = await import('../host/inspection.js');
    const stdout = (text: string): void => {
      process.stdout.write(text);
    };
    const io = {
      ...openInspectionHost(process.env, process.getuid?.() ?? 0),
      stdout,
      isTerminal: process.stdout.isTTY === true,
    };
    process.exitCode = await inspect(files, options, io);
  });

const provider = program.command('provider').description('the certificate authorities that AutoSSL can use');

provider
  .command('list')
  .description('every provider, the active one marked')
  .option('--json', 'as JSON')
  .action(async (options: { json?: boolean }) => {
    const { listProviders } = await import('../commands/provider.js');
    process.exitCode = await listProviders(options.json === true);
  });

provider
  .command('show')
  .description('one provider in detail')
  .argument('[name]', 'default: the active one')
  .option('--json', 'as JSON')
  .action(async (name: string | undefined, options: { json?: boolean }) => {
    const { showProvider } = await import('../commands/provider.js');
    process.exitCode = await showProvider(name, options.json === true);
  });

provider
  .command('use')
  .description('choose the provider and register our account there')
  .argument('<name>', 'a name that "autossl provider list" shows')
  .option('--accept-terms <url>', 'accept the terms of service at this address')
  .option('--directory <url>', 'ACME directory (CustomACME)')
  .option('--ca-bundle <file>', "PEM roots that sign the provider's own web server")
  .option('--eab-kid <id>', 'external account binding: key identifier')
  .addOption(new Option('--eab-hmac <file:path>', 'external account binding: file that holds the HMAC key'))
  .action(async (name: string, options: import('../commands/provider.js').UseFlags) => {
    const { chooseProvider } = await import('../commands/provider.js');
    process.exitCode = await chooseProvider(name, options);
  });

await runProgram(program, process.argv);
