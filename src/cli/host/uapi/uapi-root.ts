import { callAsRoot, type RootCallEnd } from '../../../adapters/sudo/root-call.js';
import { pathOfProgram } from '../check/checks.js';

/** Has uapi-root answer, through sudo. */
export function askUapiRoot(
  words: readonly string[],
  onOutput: (piece: Buffer) => void,
): Promise<RootCallEnd> {
  return callAsRoot(pathOfProgram('uapi-root'), words, onOutput);
}
