import { createReadStream, createWriteStream, readlinkSync, statSync, unlinkSync } from 'node:fs';
import { lstat, open, rename, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { hasClockLeapt, isClockSettled } from '../../core/domain/settled-clock.js';
import { reasonOf } from '../../core/domain/system-fault.js';
import { parseLogInstant } from '../../core/report/text/log-instant.js';
import { listFolder, syncFolder, temporaryPathIn } from '../system/files/files.js';
import { namesIn, sweepFolder } from '../system/files/temporary-files.js';
import { pastRuns } from '../system/past-runs.js';
import { isWordAlive } from '../system/process/process-identity.js';
import type { Tree } from '../system/tree.js';

/** `writer-<pid>`: a link that names a process, other than the first, that has the log open. */
export const WRITER_PREFIX = 'writer-';
/** Logs are kept for 30 days (documented). */
const KEPT_MS = 30 * 86_400_000;
/** Closed logs larger than this are compressed once nobody wrote to them for a day (design section 3). */
const COMPRESS_ABOVE_BYTES = 1024 * 1024;
const COMPRESS_AFTER_MS = 86_400_000;

/** Said once, by the first log after it. */
const LEAPT =
  'no run of the 30 days before this one left a log: this server was off, or its clock is wrong. Nothing is removed for its age before runs of three days are known';

/**
 * Drops logs of more than 30 days, where the clock may decide that, and compresses large ones of more than a day; only folders named
 * by an instant are touched, and no link is followed. Gives what went wrong, one printable sentence each; never throws.
 */
export async function tidyRunLogs(tree: Tree, now: Date): Promise<readonly string[]> {
  const faults: string[] = [];
  const runs = await pastRuns(tree);
  const isSettled = isClockSettled(runs, now);
  if (hasClockLeapt(runs, now)) faults.push(LEAPT);
  for (const name of await listFolder(tree.logs()).catch(() => [])) {
    const startedAt = parseLogInstant(name);
    if (startedAt === undefined) continue;
    const folder = join(tree.logs(), name);
    try {
      if (!(await lstat(folder)).isDirectory()) continue;
      const isOld = startedAt.getTime() < now.getTime() - KEPT_MS;
      if (isOld && isSettled) await rm(folder, { recursive: true, force: true });
      else if (!isWrittenTo(folder)) await compressLarge(folder, now);
    } catch (error) {
      faults.push(`the log ${name} could not be tidied: ${reasonOf(error)}`);
    }
  }
  return faults;
}

async function compressLarge(folder: string, now: Date): Promise<void> {
  for (const file of ['json', 'txt']) {
    const path = join(folder, file);
    const facts = await lstat(path).catch(() => undefined);
    if (facts === undefined || !facts.isFile() || facts.size <= COMPRESS_ABOVE_BYTES) continue;
    if (facts.mtimeMs > now.getTime() - COMPRESS_AFTER_MS) continue;
    await compress(folder, file);
  }
}

/** Whether a living process has it open: the run that began it, or a poller. What dead ones left is cleared away. */
function isWrittenTo(folder: string): boolean {
  sweepFolder(folder);
  let isOpen = false;
  for (const name of namesIn(folder)) {
    const isWriter = name.startsWith(WRITER_PREFIX);
    if (name !== 'upid' && !isWriter) continue;
    if (isWordAlive(readlinkSync(join(folder, name)))) isOpen = true;
    else if (isWriter) unlinkSync(join(folder, name));
  }
  return isOpen;
}

/**
 * `file` becomes `file.gz`, behind what a compressed file there holds already (gzip members may follow one another). A crash
 * before the last step leaves lines twice, never none.
 */
async function compress(folder: string, file: string): Promise<void> {
  const path = join(folder, file);
  const compressed = `${path}.gz`;
  const temporary = temporaryPathIn(folder);
  const before = statSync(path);
  try {
    const earlier = await lstat(compressed).catch(() => undefined);
    const options = { mode: 0o600, flags: 'wx' };
    if (earlier?.isFile() === true) {
      await pipeline(createReadStream(compressed), createWriteStream(temporary, options));
      options.flags = 'a';
    }
    await pipeline(createReadStream(path), createGzip(), createWriteStream(temporary, options));
    const handle = await open(temporary, 'r');
    await handle.sync().finally(() => handle.close());
    // A poller may have come meanwhile: then the next run tries again.
    if (isWrittenTo(folder) || statSync(path).size !== before.size) return;
    await rename(temporary, compressed);
    await syncFolder(folder);
    await unlink(path);
  } finally {
    await rm(temporary, { force: true });
  }
}
