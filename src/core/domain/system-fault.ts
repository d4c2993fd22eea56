import { AutosslError } from './autossl-error.js';
import { printable, quoteForMessage } from './name/names.js';

/** The system's error codes, and those of our own probes, as clauses that end a sentence. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
  ['ENOENT', 'it does not exist'],
  ['ENOTDIR', 'it is not a folder'],
  ['EISDIR', 'it is a folder'],
  ['EEXIST', 'something lies there already'],
  ['ENOTEMPTY', 'it is not empty'],
  ['ELOOP', 'it is a link, or goes round in links'],
  ['ENAMETOOLONG', 'the name is too long'],
  ['ENOSPC', 'no space is left'],
  ['EDQUOT', 'no quota is left'],
  ['EROFS', 'the file system is read-only'],
  ['EFBIG', 'it grows beyond the limit of file sizes'],
  ['EBADF', 'it is closed'],
  ['ENXIO', 'it is a socket, or a device that is not there'],
  ['ENODEV', 'it is a device that is not there'],
  ['EIO', 'the disk cannot be read or written (EIO)'],
  ['EXDEV', 'it lies on another file system'],
  ['EBUSY', 'it is in use'],
  ['ETXTBSY', 'it is being written'],
  ['ENOEXEC', 'it is no program that this system can run'],
  ['EMFILE', 'too many files are open'],
  ['ENFILE', 'too many files are open on this server'],
  ['ENOMEM', 'no memory is left'],
  ['EAGAIN', 'no process can be started now'],
  ['ECONNREFUSED', 'the connection is refused'],
  ['ECONNRESET', 'the connection was broken off'],
  ['EPIPE', 'the connection was broken off'],
  ['ECONNABORTED', 'the connection was broken off'],
  ['ETIMEDOUT', 'there is no answer'],
  ['ETIME', 'there is no answer in time'],
  ['ETIMEOUT', 'the name servers do not answer'],
  ['EAI_AGAIN', 'the name servers do not answer'],
  ['ENOTFOUND', 'its name is not in DNS'],
  ['ENODATA', 'its name has no address in DNS'],
  ['ESERVFAIL', 'the name servers fail to answer (SERVFAIL)'],
  ['EREFUSED', 'the name servers refuse to answer'],
  ['EHOSTUNREACH', 'there is no way to it'],
  ['ENETUNREACH', 'there is no way to it'],
  ['EADDRNOTAVAIL', 'there is no way to it'],
  ['STARTTLS_REFUSED', 'it does not offer TLS'],
  ['STARTTLS_NOT_READY', 'it serves nobody at the moment'],
  ['STARTTLS_GARBAGE', 'it speaks another protocol'],
  ['STARTTLS_TOO_LONG', 'it goes on talking instead of beginning TLS'],
  ['STARTTLS_INJECTED', 'plain text comes where TLS should begin'],
]);

/** What an error code of the system means, as a clause that ends a sentence; others are given as they are. */
export function wordsOfCode(code: string): string {
  return WORDS.get(code) ?? printable(code);
}

/** What the system refused, as a sentence's beginning and its reason; null for an error that is not the system's. */
function systemFaultIn(error: unknown): string | null {
  const { code, syscall, path } = (error ?? {}) as Readonly<Record<'code' | 'syscall' | 'path', unknown>>;
  if (typeof code !== 'string' || typeof syscall !== 'string') return null;
  const what = typeof path === 'string' ? quoteForMessage(path) : syscall;
  return `${what} cannot be worked with: ${wordsOfCode(code)}`;
}

/** Ends the words of a system error that ended a program without having been foreseen where it came up: a gap of ours. */
export const UNFORESEEN_SYSTEM_ERROR = 'UNFORESEEN_SYSTEM_ERROR';

/** Why a program or run ended, as one clause; what nobody foresaw is told apart by its mark. */
export function reasonOfEnd(error: unknown): string {
  if (error instanceof AutosslError) return error.message;
  const fault = systemFaultIn(error);
  if (fault !== null) return `${fault} (${UNFORESEEN_SYSTEM_ERROR})`;
  return `internal error: ${error instanceof Error ? error.message : String(error)}`;
}

/** Longest text of an unforeseen error in a message, in characters. */
const MAX_REASON_LENGTH = 200;

/** The reason of a failure as one printable clause; an error that is neither ours nor the system's is a mistake of ours, and said to be. */
export function reasonOf(error: unknown): string {
  if (error instanceof AutosslError) return error.message;
  const { code } = (error ?? {}) as { readonly code?: unknown };
  if (typeof code === 'string') return wordsOfCode(code);
  return `unexpected error, please report it: ${printable(String(error)).slice(0, MAX_REASON_LENGTH)}`;
}
