import { join } from 'node:path';
import { REVOCATION_REASONS, type Revocation } from '../../../core/certificate/revocation/revocation-list.js';
import { AutosslError } from '../../../core/domain/autossl-error.js';
import type { Clock } from '../../../runs/ports/clock.js';
import type { KnownRevocation, KnownRevocations } from '../../../runs/ports/revocation.js';
import { ensureFolder } from '../../system/files/files.js';
import type { Tree } from '../../system/tree.js';
import { readRecordFile, writeRecordFile } from '../records/record-file.js';

type ByFingerprint = ReadonlyMap<string, KnownRevocation>;

/**
 * Certificates that issuers' lists named when they were last asked: `index/revoked.json`; and the keys that somebody else has, which
 * outlive these: `lost-keys.json`. Read at the first question.
 */
export class FileKnownRevocations implements KnownRevocations {
  readonly #tree: Tree;
  readonly #clock: Pick<Clock, 'now'>;
  #known: ByFingerprint | undefined;
  #lostKeys: ReadonlySet<string> | undefined;

  constructor(tree: Tree, clock: Pick<Clock, 'now'>) {
    this.#tree = tree;
    this.#clock = clock;
  }

  of(fingerprint: string): Revocation | null {
    this.#known ??= this.#read();
    return this.#known.get(fingerprint) ?? null;
  }

  isKeyLost(keyHash: string): boolean {
    this.#lostKeys ??= this.#readLostKeys();
    return this.#lostKeys.has(keyHash);
  }

  /** What another run has learnt meanwhile stays; what has expired goes. */
  async learn(news: ReadonlyMap<string, KnownRevocation | null>): Promise<void> {
    if (news.size === 0) return;
    const known = new Map(this.#read());
    for (const [fingerprint, one] of news) {
      if (one === null) known.delete(fingerprint);
      else known.set(fingerprint, one);
    }
    const now = this.#clock.now();
    for (const [fingerprint, { notAfter }] of known) if (notAfter < now) known.delete(fingerprint);
    this.#known = known;
    const lost = [...news.values()].flatMap((one) =>
      one?.reason === 'keyCompromise' && one.keyHash !== undefined ? [one.keyHash] : [],
    );
    try {
      if (lost.length > 0) await this.#addLostKeys(lost);
      await this.#write(known);
    } catch (error) {
      // The next run asks again.
      if (!(error instanceof AutosslError)) throw error;
    }
  }

  #read(): ByFingerprint {
    try {
      const entries = readRecordFile(this.#path(), (fields) =>
        fields.records('certificates', (one): readonly [string, KnownRevocation] => [
          one.text('fingerprint'),
          {
            revokedAt: new Date(one.instant('revokedAt')),
            reason: one.oneOf('reason', REVOCATION_REASONS),
            notAfter: new Date(one.instant('notAfter')),
          },
        ]),
      );
      return new Map(entries);
    } catch (error) {
      if (error instanceof AutosslError) return new Map();
      throw error;
    }
  }

  async #write(known: ByFingerprint): Promise<void> {
    this.#tree.assertInside(this.#tree.index());
    await ensureFolder(this.#tree.own(), 0o700);
    await ensureFolder(this.#tree.index(), 0o700);
    const certificates = [...known].map(([fingerprint, { revokedAt, reason, notAfter }]) => ({
      fingerprint,
      revokedAt: revokedAt.toISOString(),
      reason,
      notAfter: notAfter.toISOString(),
    }));
    await writeRecordFile(this.#path(), { certificates });
  }

  #readLostKeys(): ReadonlySet<string> {
    try {
      return new Set(readRecordFile(this.#tree.lostKeys(), (fields) => fields.texts('keys')));
    } catch (error) {
      if (error instanceof AutosslError) return new Set();
      throw error;
    }
  }

  async #addLostKeys(lost: readonly string[]): Promise<void> {
    const keys = new Set([...this.#readLostKeys(), ...lost]);
    this.#lostKeys = keys;
    this.#tree.assertInside(this.#tree.own());
    await ensureFolder(this.#tree.own(), 0o700);
    await writeRecordFile(this.#tree.lostKeys(), { keys: [...keys] });
  }

  #path(): string {
    return join(this.#tree.index(), 'revoked.json');
  }
}
