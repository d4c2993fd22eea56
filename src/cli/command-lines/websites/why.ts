import type { Command } from 'commander';

/** `autossl why`. */
export function addWhy(program: Command): void {
  program
    .command('why')
    .description('why a name is secured or not: what is known of it, what is seen now, what to change')
    .argument('<domain>', 'a name, or a URL of it')
    .option('--no-look', 'only what is recorded: ask neither DNS nor web servers')
    .option('--json', 'one JSON document with everything that is known')
    .action(async (domain: string, options: import('../../commands/why.js').WhyFlags) => {
      const { whyCommand } = await import('../../commands/why.js');
      process.exitCode = await whyCommand(domain, options);
    });
}
