import { statSync } from 'node:fs';

/** Clocks of file systems are coarse: a file that was changed so shortly ago may change again and look the same. */
const COARSE_CLOCK_MS = 2_000;

/**
 * A word for a file's content: the same word later, the same content. Null when there can be none: nothing is there, or it
 * was changed a moment before `nowMs`. Take it before the file is read. Links are followed.
 */
export function fileMark(path: string, nowMs = Date.now()): string | null {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs, ctimeMs } = statSync(path, { bigint: true });
    const isSettled = nowMs - Number(ctimeMs) > COARSE_CLOCK_MS;
    return isSettled ? [dev, ino, size, mtimeNs, ctimeNs].join(' ') : null;
  } catch {
    return null;
  }
}

/** The marks of some files, as one; null when one of them has none. */
export function markOfFiles(paths: Iterable<string>): string | null {
  const marks: string[] = [];
  for (const path of paths) {
    const mark = fileMark(path);
    if (mark === null) return null;
    marks.push(mark);
  }
  return marks.join('\n');
}
