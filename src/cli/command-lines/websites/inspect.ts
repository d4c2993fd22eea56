import type { Command } from 'commander';

/** `autossl inspect`. */
export function addInspect(program: Command): void {
  program
    .command('inspect')
    .description('say what certificate files hold and what is wrong with them')
    .argument('<file...>', 'PEM, bundle or DER files')
    .option('--json', 'one JSON object per file')
    .action(async (files: string[], options: { json?: boolean }) => {
      const { inspect } = await import('../../commands/inspect.js');
      const { openInspectionHost } = await import('../../host/websites/inspection.js');
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
}
