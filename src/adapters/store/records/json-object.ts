import { ConfigurationError } from '../../../core/domain/autossl-error.js';
import { findSourceFault, type SourceFault } from '../../../core/domain/json/source-items.js';
import { printable, quoteForMessage } from '../../../core/domain/name/names.js';

const REPAIR = 'Repair the file, or restore it from a backup; it is left as it is.';
/** Some editors put it before the first character (UTF-8). */
const BYTE_ORDER_MARK = '\uFEFF';

/** No file of settings is near it, and every reader of JSON ends somewhere. */
const MAX_DEPTH = 200;

/** What stands in a file, without the mark that some editors begin with. */
export function jsonTextOf(contents: string): string {
  return contents.startsWith(BYTE_ORDER_MARK) ? contents.slice(BYTE_ORDER_MARK.length) : contents;
}

/**
 * A JSON object as an ordinary value. @throws ConfigurationError BAD_SETTING in one line, never quoting the values: no JSON, no
 * object, a name that stands twice, nested too deeply
 */
export function parseJsonObject(path: string, contents: string): Record<string, unknown> {
  const text = jsonTextOf(contents);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ConfigurationError(
      'BAD_SETTING',
      `${quoteForMessage(path)} is not valid JSON${placeOf(error)}`,
      { cause: error, advice: REPAIR },
    );
  }
  if (!isJsonObject(value)) {
    throw new ConfigurationError('BAD_SETTING', `${quoteForMessage(path)} does not hold a JSON object`, {
      advice: REPAIR,
    });
  }
  const fault = findSourceFault(text, MAX_DEPTH);
  if (fault !== undefined) {
    throw new ConfigurationError('BAD_SETTING', `${quoteForMessage(path)} ${saidOf(fault)}`, {
      advice: REPAIR,
    });
  }
  return value;
}

function saidOf(fault: SourceFault): string {
  return fault.kind === 'too-deep'
    ? `is nested deeper than ${MAX_DEPTH} levels`
    : `has the key ${quoteForMessage(fault.key)} twice in one object`;
}

/** Whether a value is a JSON object: neither null nor a list. */
export function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function placeOf(error: unknown): string {
  const place =
    error instanceof Error ? /at position \d+(?: \(line \d+ column \d+\))?/.exec(error.message) : null;
  return place === null ? '' : ` ${printable(place[0])}`;
}
