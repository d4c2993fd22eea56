import type { Command } from 'commander';

/** `autossl caa …`. */
export function addCaa(program: Command): void {
  const caa = program.command('caa').description('CAA records that runs added to zones of this server');

  caa
    .command('list')
    .description('what was added, and what was taken back')
    .option('--json', 'as JSON')
    .action(async (options: { json?: boolean }) => {
      const { listCaaCommand } = await import('../../commands/caa.js');
      process.exitCode = await listCaaCommand(options.json === true);
    });

  caa
    .command('undo')
    .description('take added records away; they are not added again')
    .argument('[id...]', 'as "autossl caa list" shows them, or the domains')
    .option('--all', 'every one')
    .option('--json', 'as JSON')
    .action(async (ids: string[], options: import('../../commands/caa.js').UndoFlags) => {
      const { undoCaaCommand } = await import('../../commands/caa.js');
      process.exitCode = await undoCaaCommand(ids, options);
    });

  caa
    .command('forget')
    .description('let records that were taken back be added again')
    .argument('<id...>', 'as "autossl caa list" shows them, or the domains')
    .option('--json', 'as JSON')
    .action(async (ids: string[], options: { json?: boolean }) => {
      const { forgetCaaCommand } = await import('../../commands/caa.js');
      process.exitCode = await forgetCaaCommand(ids, options.json === true);
    });
}
