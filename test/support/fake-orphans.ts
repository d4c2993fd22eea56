import type { OrphanNote } from '../../src/core/plan/orphans.js';
import type { NameCopy, OrphanNotes, OrphanSets } from '../../src/runs/ports/orphans.js';
import type { FakeHost } from './fake-host.js';

/** What lies on the disk of a FakeHost without belonging to anybody: follows from its other stores. */
export class FakeOrphans {
  noted: readonly OrphanNote[] = [];
  /** Copies under names, beside the websites' own. */
  readonly copies = new Map<string, NameCopy & { readonly writtenAt: Date }>();
  /** When retry memories were last written; long ago unless said. */
  readonly remembered = new Map<string, Date>();
  /** Whether runs of late are known. */
  isClockSettled = true;
  /** What was done, in order. */
  readonly done: string[] = [];
  /** What the next archival throws, by website. */
  readonly troubles = new Map<string, Error>();
  readonly #host: FakeHost;

  constructor(host: FakeHost) {
    this.#host = host;
  }

  readonly notes: { -readonly [Method in keyof OrphanNotes]: OrphanNotes[Method] } = {
    listOnDisk: () => ({
      websites: [...this.#host.present.keys(), ...this.#host.issued.records.keys()],
      copies: this.copies.keys(),
      remembered: this.#host.names.records.keys(),
      accounts: this.#host.problems.records.keys(),
    }),
    read: () => this.noted,
    write: async (notes) => {
      this.noted = structuredClone(notes);
    },
    isClockSettled: async () => this.isClockSettled,
    forgetNames: async (names, writtenBefore) => {
      for (const name of [...names]) {
        if ((this.remembered.get(name) ?? new Date(0)) < writtenBefore) this.#host.names.records.delete(name);
      }
    },
  };

  readonly sets: OrphanSets = {
    hasFolder: async (vhost) => this.#host.present.has(vhost),
    archive: async (website, named, _since, beforeRemoval) => {
      const trouble = this.troubles.get(website.vhost);
      if (trouble !== undefined) throw trouble;
      if (named.files.has(this.#host.certificates.pathOf(website))) return { state: 'named' };
      await beforeRemoval();
      this.#host.present.delete(website.vhost);
      this.done.push(`archived ${website.vhost} of ${website.account}`);
      return { state: 'archived' };
    },
    forgetExpired: async (vhost, now) => {
      const records = await this.#host.issued.read(vhost);
      if (records.some(({ notAfter }) => Date.parse(notAfter) >= now.getTime())) return false;
      this.#host.issued.records.delete(vhost);
      return true;
    },
    readCopy: (name, writtenBefore) => {
      const copy = this.copies.get(name);
      return copy !== undefined && copy.writtenAt < writtenBefore ? copy : null;
    },
    removeCopy: async ({ name }, { vhost }, named) => {
      if (named.mentions.has(`domain_tls/${name}`)) return false;
      this.copies.delete(name);
      this.done.push(`removed the copy ${name} of ${vhost}`);
      return true;
    },
  };
}
