import { printable } from '../../core/domain/name/names.js';
import type { DeliveryAnswer } from '../../core/notice/delivery/delivery.js';
import type { CommandResult } from '../system/exec.js';
import { lastWords, refused } from './refusal.js';

const MS_PER_SECOND = 1000;
/** sysexits.h: EX_DATAERR, EX_NOUSER, EX_NOHOST: the same message will never be taken. */
const PERMANENT_CODES: readonly (number | null)[] = [65, 67, 68];

/** What the end of a program means that was given a message. */
export function answerOfProgram(program: string, result: CommandResult, timeoutMs: number): DeliveryAnswer {
  const name = printable(program);
  const { exitCode, signal, hasTimedOut, startFault, stderr } = result;
  if (startFault !== null)
    return refused(`${name} could not be started (${startFault})`, { isChannelDown: true });
  if (hasTimedOut) {
    const why = `${name} did not end within ${timeoutMs / MS_PER_SECOND} seconds`;
    return refused(why, { isChannelDown: true, mayHaveArrived: true });
  }
  if (exitCode === 0) return { outcome: 'delivered', said: `${name} took it` };
  const said = lastWords(stderr);
  const how = exitCode === null ? `was ended by ${signal}` : `ended with code ${exitCode}`;
  return refused(`${name} ${said === '' ? how : `${how}: ${said}`}`, {
    isPermanent: PERMANENT_CODES.includes(exitCode),
    mayHaveArrived: exitCode === null,
  });
}
