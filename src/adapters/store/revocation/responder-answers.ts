import { join } from 'node:path';
import { REVOCATION_REASONS } from '../../../core/certificate/revocation/revocation-list.js';
import { AutosslError } from '../../../core/domain/autossl-error.js';
import type { Clock } from '../../../runs/ports/clock.js';
import type { KeptAnswer, ResponderAnswers } from '../../../runs/ports/revocation.js';
import { ensureFolder } from '../../system/files/files.js';
import type { Tree } from '../../system/tree.js';
import { readRecordFile, writeRecordFile } from '../records/record-file.js';

/** Answers kept, in a file of some 3 MB; those that were asked for longest ago give way. */
const MOST_ANSWERS = 8_000;

type ByFingerprint = ReadonlyMap<string, KeptAnswer>;

/** What responders said and still holds: `index/ocsp.json`. Read at the first question. Nothing here is worth failing for. */
export class FileResponderAnswers implements ResponderAnswers {
  readonly #tree: Tree;
  readonly #clock: Pick<Clock, 'now'>;
  #kept: ByFingerprint | undefined;

  constructor(tree: Tree, clock: Pick<Clock, 'now'>) {
    this.#tree = tree;
    this.#clock = clock;
  }

  of(fingerprint: string): KeptAnswer | null {
    this.#kept ??= this.#read();
    return this.#kept.get(fingerprint) ?? null;
  }

  /** What another run was told meanwhile stays. */
  async keep(answers: ByFingerprint): Promise<void> {
    if (answers.size === 0) return;
    const now = this.#clock.now();
    const all = [...new Map([...this.#read(), ...answers])]
      .filter(([, { holdsUntil }]) => holdsUntil > now)
      .sort(([, a], [, b]) => b.askedAt.getTime() - a.askedAt.getTime())
      .slice(0, MOST_ANSWERS);
    this.#kept = new Map(all);
    try {
      await this.#write(all);
    } catch (error) {
      // The next run asks again.
      if (!(error instanceof AutosslError)) throw error;
    }
  }

  #read(): ByFingerprint {
    try {
      const entries = readRecordFile(this.#path(), (fields) =>
        fields.records('answers', (one): readonly [string, KeptAnswer] => [
          one.text('fingerprint'),
          {
            revocation: one.recordOrNull('revocation', (revocation) => ({
              revokedAt: new Date(revocation.instant('revokedAt')),
              reason: revocation.oneOf('reason', REVOCATION_REASONS),
            })),
            thisUpdate: new Date(one.instant('thisUpdate')),
            holdsUntil: new Date(one.instant('holdsUntil')),
            askedAt: new Date(one.instant('askedAt')),
          },
        ]),
      );
      return new Map(entries);
    } catch (error) {
      if (error instanceof AutosslError) return new Map();
      throw error;
    }
  }

  async #write(all: readonly (readonly [string, KeptAnswer])[]): Promise<void> {
    this.#tree.assertInside(this.#tree.index());
    await ensureFolder(this.#tree.own(), 0o700);
    await ensureFolder(this.#tree.index(), 0o700);
    const answers = all.map(([fingerprint, { revocation, thisUpdate, holdsUntil, askedAt }]) => ({
      fingerprint,
      revocation:
        revocation === null
          ? null
          : { revokedAt: revocation.revokedAt.toISOString(), reason: revocation.reason },
      thisUpdate: thisUpdate.toISOString(),
      holdsUntil: holdsUntil.toISOString(),
      askedAt: askedAt.toISOString(),
    }));
    await writeRecordFile(this.#path(), { answers });
  }

  #path(): string {
    return join(this.#tree.index(), 'ocsp.json');
  }
}
