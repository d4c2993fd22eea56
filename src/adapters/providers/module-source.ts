/**
 * The program in which a third party's module runs, one process for each call: it reads the call from stdin, and writes one
 * line with the mark that only it knows, so that whatever the module prints is not taken for an answer. Plain JavaScript; run
 * with `node --input-type=module -e`.
 */
export const MODULE_SOURCE = `
import { pathToFileURL } from 'node:url';
let text = '';
for await (const part of process.stdin) text += part;
const { path, call, argument, mark } = JSON.parse(text);
const write = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr);
const wordsOf = (error) => String((error instanceof Error && error.message) || error).slice(0, 500);
let answer;
try {
  const module = await import(pathToFileURL(path).href);
  if (typeof module[call] !== 'function') answer = { state: 'absent' };
  else answer = { state: 'done', value: (await module[call](argument)) ?? null };
  JSON.stringify(answer);
} catch (error) {
  answer = { state: 'threw', why: wordsOf(error) };
}
write('\\n' + mark + JSON.stringify(answer) + '\\n', () => process.exit(0));
`;
