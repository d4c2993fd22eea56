import { AutosslError } from '../../../core/domain/autossl-error.js';
import type { ToldServices } from '../../../core/notice/services/services-news.js';
import type { ToldServicesStore } from '../../../runs/ports/notices.js';
import { ensureFolder, removeFile } from '../../system/files/files.js';
import type { Tree } from '../../system/tree.js';
import { readRecordFile, writeRecordFile } from '../records/record-file.js';

/** What the administrator was told of the server's own certificates: `notices/services.json`. */
export class FileToldServices implements ToldServicesStore {
  readonly #tree: Tree;

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  async read(): Promise<ToldServices | null> {
    try {
      const told = readRecordFile(this.#tree.toldServices(), (fields) => ({
        troubles: fields.records('troubles', (one) => ({
          code: one.text('code'),
          digest: one.text('digest'),
          since: one.instant('since'),
          goneAt: one.instantOrNull('goneAt'),
          returns: one.countIfAny('returns'),
        })),
        mentionedAt: fields.instant('mentionedAt'),
        isKnown: fields.flagOr('isKnown', true),
      }));
      return told ?? null;
    } catch (error) {
      if (error instanceof AutosslError) return null;
      throw error;
    }
  }

  async write(told: ToldServices | null): ReturnType<ToldServicesStore['write']> {
    try {
      if (told === null) await removeFile(this.#tree.toldServices());
      else {
        this.#tree.assertInside(this.#tree.notices());
        await ensureFolder(this.#tree.own(), 0o700);
        await ensureFolder(this.#tree.notices(), 0o700);
        await writeRecordFile(this.#tree.toldServices(), told);
      }
      return { ok: true };
    } catch (error) {
      if (error instanceof AutosslError) return { ok: false, why: error.message };
      throw error;
    }
  }
}
