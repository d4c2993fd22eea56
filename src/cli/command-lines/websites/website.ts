import type { Command } from 'commander';
import { collected } from '../repeated.js';
import { addWebsiteInstall } from './website-certificate.js';

/** `autossl website …`. */
export function addWebsite(program: Command): void {
  const website = program
    .command('website')
    .description('the websites of accounts, where no panel manages them');

  website
    .command('add')
    .description('add a website to an account, or change its document root and give it more aliases')
    .argument('<user>', 'the account: a user of this system')
    .argument('<name>', 'what the website is called')
    .requiredOption('--docroot <dir>', 'its document root, an absolute path')
    .option('--alias <name>', 'another name that it answers to; may be repeated', collected)
    .option('--json', 'as JSON')
    .action(async (user: string, name: string, options: import('../../commands/website.js').AddFlags) => {
      const { addCommand } = await import('../../commands/website.js');
      process.exitCode = await addCommand(user, name, options);
    });

  website
    .command('remove')
    .description('remove a website from an account, or only some of its aliases')
    .argument('<user>', 'the account')
    .argument('<name>', 'what the website is called')
    .option('--alias <name>', 'remove only this alias; may be repeated', collected)
    .option('--json', 'as JSON')
    .action(async (user: string, name: string, options: import('../../commands/website.js').RemoveFlags) => {
      const { removeCommand } = await import('../../commands/website.js');
      process.exitCode = await removeCommand(user, name, options);
    });

  website
    .command('list')
    .description('the websites of one or all accounts')
    .argument('[user]', 'default: every account')
    .option('--json', 'as JSON')
    .action(async (user: string | undefined, options: { json?: boolean }) => {
      const { listCommand } = await import('../../commands/website.js');
      process.exitCode = await listCommand(user, options.json === true);
    });
  addWebsiteInstall(website);
}
