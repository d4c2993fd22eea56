import type { Command } from 'commander';

/** `autossl users …`. */
export function addUsers(program: Command): void {
  const users = program
    .command('users')
    .description('the accounts: whether AutoSSL is on for them, key type, websites');
  users
    .command('list', { isDefault: true })
    .description('one or all accounts')
    .argument('[user]', 'default: every account')
    .option('--json', 'as JSON')
    .action(async (user: string | undefined, flags: { json?: boolean }) => {
      const { listUsersCommand } = await import('../../commands/manage/users.js');
      process.exitCode = await listUsersCommand(user, flags.json === true);
    });
  const switches: readonly (readonly [string, boolean | null, string])[] = [
    ['enable', true, 'switch AutoSSL on for accounts, whatever their feature lists say'],
    ['disable', false, 'switch AutoSSL off for accounts, whatever their feature lists say'],
    ['reset', null, 'let the feature lists of accounts decide again'],
  ];
  for (const [name, isOn, description] of switches) {
    users
      .command(name)
      .description(description)
      .argument('<user...>', 'the accounts')
      .option('--json', 'as JSON')
      .action(async (words: string[], flags: { json?: boolean }) => {
        const { setUsersCommand } = await import('../../commands/manage/users.js');
        process.exitCode = await setUsersCommand(words, isOn, flags.json === true);
      });
  }
  users
    .command('key-type')
    .description(
      'choose the type of the keys of accounts, and say how many certificates are ordered for that, and when',
    )
    .usage('[options] <user...> <type>')
    .argument(
      '<user-and-type...>',
      'the accounts, then rsa-2048, rsa-4096, ecdsa-prime256v1, ecdsa-secp384r1 or system',
    )
    .option('--dry-run', 'only say what it would cost')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Certificates that are fine keep their keys until they are renewed.

Examples:
  autossl users key-type alice ecdsa-prime256v1 --dry-run
  autossl users key-type alice bob ecdsa-prime256v1
  autossl users key-type alice system`,
    )
    .action(async (words: string[], flags: import('../../commands/manage/users.js').KeyTypeFlags) => {
      const { keyTypeCommand } = await import('../../commands/manage/users.js');
      process.exitCode = await keyTypeCommand(words, flags);
    });
}
