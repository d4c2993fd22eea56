import type { UapiFunction } from '../../api/uapi/function.js';
import { UsageError } from '../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../core/domain/name/names.js';

/** The words of a call: module and function, then `key=value` words. */
export interface UapiCall {
  readonly called: UapiFunction;
  readonly words: readonly string[];
}

/** @throws UsageError BAD_ARGUMENT for a function that there is not */
export function readUapiCall(
  [module, name, ...words]: readonly string[],
  functions: readonly UapiFunction[],
  program: string,
): UapiCall {
  if (module === undefined || name === undefined) {
    throw new UsageError('BAD_ARGUMENT', 'no module and function was named', {
      advice: `See "${program} --help".`,
    });
  }
  const called = functions.find((one) => one.module === module && one.name === name);
  if (called === undefined) {
    const what = quoteForMessage(`${module} ${name}`);
    throw new UsageError('BAD_ARGUMENT', `there is no function ${what} here`, {
      advice: `See those that there are with: ${program} --help`,
    });
  }
  return { called, words };
}

/** `--help`, `--help MODULE FUNCTION`. */
export async function uapiHelp(
  [module, name]: readonly string[],
  functions: readonly UapiFunction[],
  program: string,
  preface: string,
): Promise<string> {
  const { renderFunctionHelp, renderFunctionList } = await import('../../api/help.js');
  if (module !== undefined && name !== undefined) {
    const { called } = readUapiCall([module, name], functions, program);
    return renderFunctionHelp(`${program} ${called.module}`, called);
  }
  const listed = functions.map((one) => ({ name: `${one.module} ${one.name}`, help: one.help }));
  return `${preface}${renderFunctionList(listed)}\nSee ${program}(8).\n`;
}
