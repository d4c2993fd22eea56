import { link, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { asWriteError, syncFolder } from './files.js';

/** Gives a file or folder another name, and makes that survive power loss. @throws StateError WRITE_FAILED or NO_SPACE */
export async function movePath(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
    await syncFolder(dirname(to));
  } catch (error) {
    throw asWriteError(error, to);
  }
}

/** Gives a file a second name, under which it stays when the first is given to another. @throws StateError WRITE_FAILED or NO_SPACE */
export async function nameAgain(path: string, name: string): Promise<void> {
  try {
    await link(path, name);
    await syncFolder(dirname(name));
  } catch (error) {
    throw asWriteError(error, name);
  }
}

/** Removes a folder with all that lies in it; one that is not there is no fault. @throws StateError WRITE_FAILED */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    throw asWriteError(error, path);
  }
}
