import type { Command } from 'commander';

/** `autossl completion`, and the hidden command that its scripts call. */
export function addCompletion(program: Command): void {
  program
    .command('completion')
    .description('a script that completes the words of all our programs in a shell')
    .argument('<shell>', 'bash or zsh')
    .addHelpText(
      'after',
      `
Examples:
  autossl completion bash > /etc/bash_completion.d/autossl
  autossl completion zsh > /usr/local/share/zsh/site-functions/_autossl
  source <(autossl completion bash)`,
    )
    .allowExcessArguments(false)
    .action(async (shell: string) => {
      const { completionCommand } = await import('../../commands/manage/completion.js');
      process.exitCode = await completionCommand(shell, program);
    });
  program
    .command('complete-words', { hidden: true })
    .argument('<kind>')
    .argument('[prefix]', '', '')
    .action(async (kind: string, prefix: string) => {
      const { completeWordsCommand } = await import('../../commands/manage/complete-words.js');
      process.exitCode = await completeWordsCommand(kind, prefix);
    });
}
