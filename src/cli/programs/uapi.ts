import { readCallLine } from '../../api/call-line.js';
import { takeInput } from '../../api/input.js';
import { parseOutputFormat } from '../../api/output.js';
import { runToExitCode } from '../program-end.js';
import { VERSION } from '../version.js';

/** Options come before the module; what follows the function are its parameters, whatever they look like. */
async function main(argv: readonly string[]): Promise<number> {
  const { kind, words, options } = readCallLine(argv, ['input', 'user']);
  if (kind === 'version') {
    process.stdout.write(`${VERSION}\n`);
    return 0;
  }
  const { uapiCommand, uapiHelpCommand } = await import('../commands/uapi.js');
  if (kind === 'help') return uapiHelpCommand(words);
  const format = parseOutputFormat(options.get('output') ?? 'yaml');
  const input = await takeInput(options.get('input'), process.stdin);
  return uapiCommand({ words, input, user: options.get('user'), format });
}

const [, , ...argv] = process.argv;
void runToExitCode('uapi', () => main(argv));
