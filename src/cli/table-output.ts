import { StandardOutput } from './standard-output.js';

/** Columns of the terminal, to which tables are fitted; null: nobody looks at it, nothing is shortened. */
export function terminalWidth(): number | null {
  return process.stdout.isTTY === true ? process.stdout.columns : null;
}

/** Prints lines, or a text as it is. */
export async function printLines(lines: string | Iterable<string>): Promise<void> {
  const out = new StandardOutput();
  if (typeof lines === 'string') await out.write(lines);
  else for (const line of lines) await out.write(`${line}\n`);
  await out.flush();
}
