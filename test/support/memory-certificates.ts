import type { CertificateEvidence, CertificateFacts } from '../../src/core/certificate/facts.js';
import type { WebsiteRef } from '../../src/core/domain/website/website.js';
import type {
  ArchivedSet,
  CertificateSet,
  CertificateStore,
  FormerSet,
  FormerSets,
} from '../../src/runs/ports/certificates.js';
import type { Clock } from '../../src/runs/ports/clock.js';

/** What the store must know of a set's leaf. */
export interface LeafSummary {
  readonly fingerprint: string;
  readonly names: readonly string[];
  readonly notAfter: Date;
  readonly isSelfSigned?: boolean;
}

type Pair = Pick<CertificateSet, 'keyPem' | 'chainPem'>;

/** Website certificates in memory; test/contract holds it to what the one on disk does. Keys are not compared. */
export class MemoryCertificateStore implements CertificateStore, FormerSets {
  /** What lies in `combined`, by website; tests may plant anything. */
  readonly texts = new Map<string, string>();
  readonly #archive = new Map<string, readonly { readonly text: string; readonly archivedAt: Date }[]>();
  readonly #pairs = new Map<string, Pair>();
  readonly #clock: Clock;
  readonly #describe: (chainPem: string) => LeafSummary;

  constructor(clock: Clock, describe: (chainPem: string) => LeafSummary) {
    this.#clock = clock;
    this.#describe = describe;
  }

  async gatherEvidence({ vhost }: WebsiteRef): Promise<CertificateEvidence> {
    const text = this.texts.get(vhost);
    if (text === undefined) return { kind: 'absent', path: vhost };
    const leaf = this.#leafOf(text);
    if (leaf === undefined) return { kind: 'unreadable', path: vhost, why: 'there is no certificate in it' };
    const facts = { ...leaf, dnsNames: leaf.names } as unknown as CertificateFacts;
    return { kind: 'present', path: vhost, leaf: facts, chain: [], keySpki: null, keyFault: null };
  }

  async readKey({ vhost }: WebsiteRef): Promise<string | undefined> {
    return this.#pairs.get(this.texts.get(vhost) ?? '')?.keyPem;
  }

  async publish(set: CertificateSet, beforeRename?: () => Promise<void>): Promise<void> {
    const { vhost } = set.website;
    const text = this.#textOf(set);
    const previous = this.texts.get(vhost);
    if (previous === text) return;
    await beforeRename?.();
    if (previous !== undefined && previous !== '') {
      const kept = (this.#archive.get(vhost) ?? []).filter((one) => one.text !== previous);
      this.#archive.set(vhost, [{ text: previous, archivedAt: this.#clock.now() }, ...kept].slice(0, 3));
    }
    this.texts.set(vhost, text);
  }

  async readFormer(set: CertificateSet): Promise<FormerSet | null> {
    const { vhost } = set.website;
    const text = this.#textOf(set);
    const there = this.texts.get(vhost);
    if (there === undefined) return null;
    if (there !== text) return this.#formerOf(there);
    const replaced = (this.#archive.get(vhost) ?? []).find((one) => one.text !== text);
    return replaced === undefined ? null : this.#formerOf(replaced.text);
  }

  async restore(
    { vhost }: WebsiteRef,
    former: FormerSet | null,
    beforeRename?: () => Promise<void>,
  ): Promise<void> {
    await beforeRename?.();
    if (former === null) this.texts.delete(vhost);
    else this.texts.set(vhost, former.text);
  }

  async placeIfAbsent(set: CertificateSet): Promise<boolean> {
    if (this.texts.has(set.website.vhost)) return false;
    this.texts.set(set.website.vhost, this.#textOf(set));
    return true;
  }

  async listArchived({ vhost }: WebsiteRef): Promise<readonly ArchivedSet[]> {
    const there = this.#leafOf(this.texts.get(vhost) ?? '')?.fingerprint;
    return (this.#archive.get(vhost) ?? []).flatMap(({ text, archivedAt }) => {
      const pair = this.#pairs.get(text);
      const leaf = this.#leafOf(text);
      if (pair === undefined || leaf === undefined || leaf.fingerprint === there) return [];
      if (leaf.isSelfSigned === true || leaf.notAfter <= this.#clock.now()) return [];
      const { fingerprint, names, notAfter } = leaf;
      return [{ ...pair, fingerprint, names, notAfter, archivedAt }];
    });
  }

  pathOf({ vhost }: WebsiteRef): string {
    return `/var/cpanel/ssl/apache_tls/${vhost.replace(/^\*\./, '_wildcard_.')}/combined`;
  }

  #textOf({ keyPem, chainPem }: Pair): string {
    const text = keyPem + chainPem;
    this.#pairs.set(text, { keyPem, chainPem });
    return text;
  }

  #leafOf(text: string): LeafSummary | undefined {
    const pair = this.#pairs.get(text);
    return pair === undefined ? undefined : this.#describe(pair.chainPem);
  }

  #formerOf(text: string): FormerSet {
    return { text, fingerprint: this.#leafOf(text)?.fingerprint ?? null };
  }
}
