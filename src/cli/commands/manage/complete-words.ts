import { accountsBeginning, namesBeginning } from '../../host/manage/completion-words.js';

/** `autossl complete-words`: for the scripts of `autossl completion`. Says nothing rather than complain. */
export async function completeWordsCommand(kind: string, prefix: string): Promise<number> {
  const words = kind === 'accounts' ? await accountsBeginning(prefix) : await namesBeginning(prefix);
  process.stdout.write(words.map((word) => `${word}\n`).join(''));
  return 0;
}
