import type { Command } from 'commander';
import type { ExclusionFlags } from '../../commands/manage/exclude.js';

/** `autossl exclude …`. */
export function addExclude(program: Command): void {
  const exclude = program
    .command('exclude')
    .description('names that are left out of the certificates of accounts');
  exclude
    .command('list', { isDefault: true })
    .description('the names, who left them out, and when')
    .argument('[user]', 'default: every account')
    .option('--json', 'as JSON')
    .action(async (user: string | undefined, flags: { json?: boolean }) => {
      const { listExclusionsCommand } = await import('../../commands/manage/exclude.js');
      process.exitCode = await listExclusionsCommand(user, flags.json === true);
    });
  const changes = [
    ['add', '<name...>', 'leave further names out', 'autossl exclude add alice mail.example.com'],
    [
      'remove',
      '<name...>',
      'no longer leave these names out',
      'autossl exclude remove alice mail.example.com',
    ],
    [
      'set',
      '[name...]',
      'leave out these names and no others',
      'autossl exclude set alice mail.example.com\n  autossl exclude set alice --none',
    ],
  ] as const;
  for (const [change, names, description, example] of changes) {
    const command = exclude
      .command(change)
      .description(description)
      .argument('<user>', 'the account')
      .argument(names, 'names of its websites')
      .option('--json', 'as JSON')
      .addHelpText('after', `\nExample${example.includes('\n') ? 's' : ''}:\n  ${example}`)
      .action(async (user: string, words: string[], flags: ExclusionFlags) => {
        const { changeExclusionsCommand } = await import('../../commands/manage/exclude.js');
        process.exitCode = await changeExclusionsCommand(change, user, words, flags);
      });
    if (change === 'set') command.option('--none', 'leave out none: clear the list');
  }
}
