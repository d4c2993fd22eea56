import { Command } from 'commander';
import { EXIT } from '../../core/report/check/exit-code.js';
import { renderInspectionJson, renderInspectionText } from '../../core/report/inspection.js';
import { type InspectionPorts, inspectFile } from '../../runs/inspect-files.js';

export interface InspectIo extends InspectionPorts {
  /** Writes data for the reader; the text brings its own newline. */
  stdout(text: string): void;
  readonly isTerminal: boolean;
}

/**
 * `autossl inspect [--json] FILE…`.
 * @param finish takes the exit code when all files have been looked at
 */
export function inspectCommand(io: InspectIo, finish: (exitCode: number) => void): Command {
  return new Command('inspect')
    .description('show what certificate files hold, and what is wrong with each as a website’s certificate')
    .argument(
      '<file...>',
      'certificate files: PEM, bundles or DER; a key in the file or beside it is compared',
    )
    .option('--json', 'one JSON object per file')
    .action(async (files: readonly string[], options: { readonly json?: boolean }) => {
      finish(await inspect(files, options, io));
    });
}

/** Prints an inspection of each file. Gives 0 when every file could be read as a certificate, else 1. */
export async function inspect(
  files: readonly string[],
  options: { readonly json?: boolean },
  io: InspectIo,
): Promise<number> {
  let exitCode: number = EXIT.done;
  for (const [index, path] of files.entries()) {
    const inspection = await inspectFile(path, io);
    if (inspection.error !== null) exitCode = EXIT.failed;
    const gap = index > 0 && !options.json ? '\n' : '';
    const text = options.json
      ? renderInspectionJson(inspection, io.isTerminal)
      : renderInspectionText(inspection);
    io.stdout(`${gap}${text}\n`);
  }
  return exitCode;
}
