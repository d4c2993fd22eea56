import { readCallLine } from '../../api/call-line.js';
import { takeInput } from '../../api/input.js';
import { parseOutputFormat } from '../../api/output.js';
import { UsageError } from '../../core/domain/autossl-error.js';
import { runToExitCode } from '../program-end.js';
import { VERSION } from '../version.js';

/** Options come before the function; what follows it are its parameters, whatever they look like. */
async function main(argv: readonly string[]): Promise<number> {
  const line = readCallLine(argv, ['input']);
  if (line.kind === 'version') {
    process.stdout.write(`${VERSION}\n`);
    return 0;
  }
  const { whmapi1Command, whmapi1Help } = await import('../commands/whmapi1.js');
  const [name, ...words] = line.words;
  if (line.kind === 'help') return whmapi1Help(name);
  if (name === undefined) {
    throw new UsageError('BAD_ARGUMENT', 'no function was named', { advice: 'See "whmapi1 --help".' });
  }
  const format = parseOutputFormat(line.options.get('output') ?? 'yaml');
  return whmapi1Command(
    name,
    { words, input: await takeInput(line.options.get('input'), process.stdin) },
    format,
  );
}

const [, , ...argv] = process.argv;
void runToExitCode('whmapi1', () => main(argv));
