import type { Revocation } from '../../core/certificate/revocation/revocation-list.js';
import type { UnknownLists } from '../../core/report/events/revocation-events.js';
import type { KnownRevocation, KnownRevocations } from '../ports/revocation.js';
import type { AskedCertificate } from './list-questions.js';

/** What asking found out so far, beside what was known before. */
export class LearntRevocations {
  /** By fingerprint, what is known now and was not before; null: not revoked. */
  readonly news = new Map<string, KnownRevocation | null>();
  readonly #known: Pick<KnownRevocations, 'of' | 'isKeyLost'>;
  readonly #unknown = new Map<string, UnknownLists>();

  constructor(known: Pick<KnownRevocations, 'of' | 'isKeyLost'>) {
    this.#known = known;
  }

  /** Null: the issuer says that it is good. */
  note({ fingerprint, keyHash, notAfter }: AskedCertificate, now: Revocation | null): void {
    const before = this.#known.of(fingerprint);
    const isKeyNews = now?.reason === 'keyCompromise' && !this.#known.isKeyLost(keyHash);
    if (!isKeyNews && (now === null ? before === null : before?.reason === now.reason)) return;
    this.news.set(fingerprint, now === null ? null : { ...now, keyHash, notAfter });
  }

  noteUnknown(kind: UnknownLists['kind'], url: string, why: string, certificates: number): void {
    const { host } = new URL(url);
    const key = `${kind} ${host} ${why}`;
    const before = this.#unknown.get(key) ?? { kind, host, url, why, lists: 0, certificates: 0 };
    this.#unknown.set(key, {
      ...before,
      lists: before.lists + 1,
      certificates: before.certificates + certificates,
    });
  }

  /** In a few words each, one for every host and reason. */
  unknown(): readonly UnknownLists[] {
    return [...this.#unknown.values()];
  }
}
