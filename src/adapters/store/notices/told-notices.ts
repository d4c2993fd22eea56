import { join } from 'node:path';
import { isAccountName, parseAccountName } from '../../../core/domain/account/account-name.js';
import { NOTICE_AUDIENCES } from '../../../core/domain/notice-level.js';
import { NOTICE_KINDS } from '../../../core/notice/finding.js';
import { NOTICE_MATTERS, type ToldAccount, URGENCIES } from '../../../core/notice/told/told-record.js';
import type { NoticeMemory } from '../../../runs/ports/notices.js';
import { ensureFolder, removeFile } from '../../system/files/files.js';
import type { Tree } from '../../system/tree.js';
import { readRecordFile, recordNamesIn, writeRecordFile } from '../records/record-file.js';

/** What people were told of each account: `notices/told/<account>.json`. */
export class FileNoticeMemory implements NoticeMemory {
  readonly #tree: Tree;

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  async accounts(): Promise<readonly string[]> {
    return (await recordNamesIn(this.#tree.toldNotices())).filter(isAccountName);
  }

  /** @throws StateError CORRUPT_RECORD, UsageError BAD_NAME */
  async read(account: string): Promise<ToldAccount | undefined> {
    return readRecordFile(this.#path(account), (fields) => ({
      account,
      tellings: fields.count('tellings'),
      toldAt: fields.instant('toldAt'),
      administratorsFullAt: fields.instantOrNull('administratorsFullAt'),
      entries: fields.records('entries', (entry) => ({
        audience: entry.oneOf('audience', NOTICE_AUDIENCES),
        vhost: entry.text('vhost'),
        matter: entry.oneOf('matter', NOTICE_MATTERS),
        kind: entry.oneOf('kind', NOTICE_KINDS),
        situation: entry.text('situation'),
        urgency: entry.oneOf('urgency', URGENCIES),
        serial: entry.textOrNull('serial'),
        names: entry.texts('names'),
        since: entry.instant('since'),
        mentionedAt: entry.instant('mentionedAt'),
        isKnown: entry.flagOr('isKnown', true),
        fullAt: entry.instantOrNull('fullAt') ?? entry.instant('mentionedAt'),
        backAt: entry.instantOrNull('backAt') ?? entry.instant('since'),
        goneAt: entry.instantOrNull('goneAt'),
        returns: entry.countIfAny('returns'),
      })),
    }));
  }

  async write(account: string, told: ToldAccount | null): Promise<void> {
    const path = this.#path(account);
    if (told === null) {
      await removeFile(path);
      return;
    }
    this.#tree.assertInside(this.#tree.toldNotices());
    await ensureFolder(this.#tree.own(), 0o700);
    await ensureFolder(this.#tree.notices(), 0o700);
    await ensureFolder(this.#tree.toldNotices(), 0o700);
    await writeRecordFile(path, told);
  }

  #path(account: string): string {
    return join(this.#tree.toldNotices(), `${parseAccountName(account)}.json`);
  }
}
