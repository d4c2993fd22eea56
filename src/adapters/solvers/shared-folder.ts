import { constants } from 'node:fs';
import { type FileHandle, lstat, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isChallengeToken } from '../../core/dcv/challenge.js';
import { ConfigurationError, InternalError } from '../../core/domain/autossl-error.js';
import { quoteForMessage } from '../../core/domain/name/names.js';
import type { ChallengeSolver, HttpChallenge } from '../../runs/ports/challenges.js';
import type { Clock } from '../../runs/ports/clock.js';
import { asWriteError, ensureFolder, isErrno } from '../system/files/files.js';
import type { Tree } from '../system/tree.js';
import { PlacementJournal } from './placement-journal.js';

/** Nobody but root lists it; the web server reads the files by name. */
const FOLDER_MODE = 0o711;
const FILE_MODE = 0o644;
const CREATE = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW;

type Presented = Awaited<ReturnType<ChallengeSolver['present']>>;
type Removed = Parameters<ChallengeSolver['cleanUp']>[0];

/**
 * Challenge files in the one folder that root owns and the web server maps for every website (design 5.10). No path of
 * a customer is touched, so nothing here can be a customer's fault.
 */
export class SharedFolderSolver implements ChallengeSolver {
  readonly #folder: string;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #journal: PlacementJournal;
  #isFolderSafe = false;

  constructor(tree: Tree, clock: Pick<Clock, 'now'>) {
    this.#folder = tree.challenges();
    this.#clock = clock;
    this.#journal = new PlacementJournal(tree);
  }

  /** @throws StateError when the file cannot be written, ConfigurationError UNSAFE_FILE when others may write there */
  async present(challenge: HttpChallenge): Promise<Presented> {
    if (!isChallengeToken(challenge.token)) {
      return {
        ok: false,
        why: `${quoteForMessage(challenge.token)} is no token that may name a file`,
        fault: 'ours',
      };
    }
    await this.#assertFolder();
    await this.#journal.note(placementOf(challenge), this.#clock.now());
    await this.#write(this.#pathOf(challenge.token), challenge.content);
    return { ok: true };
  }

  async cleanUp(challenge: Removed): Promise<void> {
    if (!isChallengeToken(challenge.token)) return;
    await this.#remove(challenge.token);
    await this.#journal.forget(challenge);
  }

  async sweep(wanted: ReadonlySet<string>): Promise<void> {
    const { placements, done } = await this.#journal.readDead(wanted);
    for (const { token } of placements) await this.#remove(token);
    await done();
  }

  async close(): Promise<void> {}

  /** The file of this token may be there: from this run's other name, or from the run that this one resumes. */
  async #write(path: string, content: string): Promise<void> {
    let file: FileHandle | undefined;
    try {
      await unlink(path).catch((error: unknown) => {
        if (!isErrno(error, 'ENOENT')) throw error;
      });
      file = await open(path, CREATE, 0o600);
      await file.writeFile(content);
      await file.chmod(FILE_MODE);
    } catch (error) {
      throw asWriteError(error, path);
    } finally {
      await file?.close();
    }
  }

  async #remove(token: string): Promise<void> {
    const path = this.#pathOf(token);
    try {
      await unlink(path);
    } catch (error) {
      if (!isErrno(error, 'ENOENT') && !isErrno(error, 'ENOTDIR')) throw asWriteError(error, path);
    }
  }

  #pathOf(token: string): string {
    if (!isChallengeToken(token))
      throw new InternalError('BUG', 'a path was to be made of an unchecked token');
    return join(this.#folder, token);
  }

  async #assertFolder(): Promise<void> {
    if (this.#isFolderSafe) return;
    await ensureFolder(this.#folder, FOLDER_MODE);
    const facts = await lstat(this.#folder);
    const why = !facts.isDirectory()
      ? 'is not a folder'
      : facts.uid !== process.getuid?.()
        ? 'belongs to another user'
        : (facts.mode & 0o022) !== 0
          ? 'may be written by others'
          : null;
    if (why !== null) {
      throw new ConfigurationError('UNSAFE_FILE', `${quoteForMessage(this.#folder)} ${why}`, {
        advice: 'Make it a folder of root with mode 0711.',
      });
    }
    this.#isFolderSafe = true;
  }
}

function placementOf({ website, token }: HttpChallenge): {
  account: string;
  documentRoot: string;
  token: string;
} {
  return { account: website.account, documentRoot: website.documentRoot, token };
}
