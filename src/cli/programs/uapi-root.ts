import { readCallLine } from '../../api/call-line.js';
import { parseOutputFormat } from '../../api/output.js';
import { runToExitCode } from '../program-end.js';
import { VERSION } from '../version.js';

/** Root's half of uapi. Of the environment SUDO_UID alone is read; bin/uapi-root has thrown the rest away. */
async function main(argv: readonly string[]): Promise<number> {
  const { kind, words, options } = readCallLine(argv, ['user']);
  if (kind === 'version') {
    process.stdout.write(`${VERSION}\n`);
    return 0;
  }
  const { uapiRootCommand, uapiRootHelpCommand } = await import('../commands/uapi-root.js');
  if (kind === 'help') return uapiRootHelpCommand(words);
  const format = parseOutputFormat(options.get('output') ?? 'yaml');
  return uapiRootCommand(words, format, process.env['SUDO_UID']);
}

const [, , ...argv] = process.argv;
void runToExitCode('uapi-root', () => main(argv));
