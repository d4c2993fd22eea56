import { ConfigurationError } from '../../../core/domain/autossl-error.js';
import { printable, quoteForMessage } from '../../../core/domain/name/names.js';

/** Some editors put it before the first character (UTF-8). */
const BYTE_ORDER_MARK = '\uFEFF';

/** A JSON object as an ordinary value, keys in their order. @throws ConfigurationError BAD_SETTING in one line, never quoting the contents */
export function parseJsonObject(path: string, text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text.startsWith(BYTE_ORDER_MARK) ? text.slice(BYTE_ORDER_MARK.length) : text);
  } catch (error) {
    throw new ConfigurationError(
      'BAD_SETTING',
      `${quoteForMessage(path)} is not valid JSON${placeOf(error)}`,
      {
        cause: error,
        advice: 'Repair the file, or restore it from a backup; it is left as it is.',
      },
    );
  }
  if (!isJsonObject(value)) {
    throw new ConfigurationError('BAD_SETTING', `${quoteForMessage(path)} does not hold a JSON object`);
  }
  return value;
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
