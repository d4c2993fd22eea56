import { lstatSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { StateError } from '../../core/domain/autossl-error.js';
import { printable } from '../../core/domain/name/names.js';
import type { NameOffer } from '../../core/sni/offer.js';
import { postfixMap } from '../../core/sni/postfix-map.js';
import { asWriteError, syncFolder, temporaryPathIn, writeNewFile } from '../system/files/files.js';
import { namesIn } from '../system/files/temporary-files.js';
import type { ProgramOutput } from './dovecot-form.js';
import { TABLE_FILE, type TableForm } from './text-table.js';

export interface PostfixFormParts {
  readonly output: ProgramOutput;
  /** Each with what names the configuration. */
  readonly postconf: readonly string[];
  readonly postmap: readonly string[];
  /** Where the pairs lie. */
  readonly folder: string;
}

const DATABASE_TYPE = /^[a-z0-9_-]{1,20}$/;

/** The source of a map and the database that `postmap -F` makes of it, keys included, of Postfix's default type. */
export class PostfixForm implements TableForm {
  readonly #parts: PostfixFormParts;

  constructor(parts: PostfixFormParts) {
    this.#parts = parts;
  }

  async render(offers: readonly NameOffer[]): Promise<string> {
    return postfixMap(offers, this.#parts.folder);
  }

  /** Both are made aside and renamed, the database last: it is never older than its source once both lie there. */
  async publish(path: string, text: string): Promise<void> {
    const { output, postconf, postmap } = this.#parts;
    const answer = await output([...postconf, '-h', 'default_database_type']);
    const type = typeof answer === 'string' ? answer.trim() : '';
    if (!DATABASE_TYPE.test(type)) throw refused(path, typeof answer === 'string' ? answer : answer.fault);
    const folder = temporaryPathIn(dirname(path));
    try {
      mkdirSync(folder, { mode: 0o700 });
      const source = join(folder, basename(path));
      await writeNewFile(source, text, TABLE_FILE);
      const made = await output([...postmap, '-F', `${type}:${source}`]);
      if (typeof made !== 'string') throw refused(path, made.fault);
      const databases = readdirSync(folder).filter((name) => name !== basename(path));
      if (databases.length === 0) throw refused(path, 'it made nothing');
      for (const name of [basename(path), ...databases])
        renameSync(join(folder, name), join(dirname(path), name));
      await syncFolder(dirname(path));
    } catch (error) {
      throw asWriteError(error, path);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  async isComplete(path: string): Promise<boolean> {
    const writtenAt = (name: string): number => lstatSync(name).mtimeMs;
    const databases = namesIn(dirname(path)).filter(
      (name) => name.startsWith(`${basename(path)}.`) && name !== `${basename(path)}.former`,
    );
    try {
      return (
        databases.length > 0 &&
        databases.every((name) => writtenAt(join(dirname(path), name)) >= writtenAt(path))
      );
    } catch {
      return false;
    }
  }

  async isNamed(path: string): Promise<boolean> {
    const maps = await this.#parts.output([...this.#parts.postconf, '-x', '-h', 'tls_server_sni_maps']);
    return typeof maps === 'string' && maps.split(/[\s,]+/).some((map) => map.endsWith(`:${path}`));
  }
}

function refused(path: string, why: string): StateError {
  return new StateError('WRITE_FAILED', `postmap cannot make ${path}: ${printable(why)}`);
}
