import { UsageError } from '../autossl-error.js';
import { quoteForMessage } from '../name/names.js';

/**
 * A document root as account files can hold it: absolute, without `.`, `..` and slashes too many.
 * @throws UsageError BAD_ARGUMENT
 */
export function parseDocumentRoot(text: string): string {
  const why = documentRootFault(text);
  if (why === undefined) return normal(text);
  throw new UsageError('BAD_ARGUMENT', `the document root ${quoteForMessage(text)} is refused: ${why}`);
}

/** Why a text cannot be a document root, as one clause. */
export function documentRootFault(text: string): string | undefined {
  if (!text.startsWith('/')) return 'it is not an absolute path';
  if (/\p{Cc}/u.test(text)) return 'it has a control character';
  if (text.includes('==')) return 'the documented files cannot hold “==”';
  return normal(text) === '' ? 'it is the root of all files' : undefined;
}

function normal(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.map((part) => `/${part}`).join('');
}
