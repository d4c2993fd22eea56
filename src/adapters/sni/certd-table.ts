import { certdScript } from '../../core/sni/certd-script.js';
import type { NameOffer } from '../../core/sni/offer.js';
import type { SniTable } from '../../runs/ports/sni.js';
import { readTextFile, writeFileAtomically } from '../system/files/files.js';
import { LinkTable, type LinkTableParts } from './link-table.js';

const PROGRAM_MODE = 0o700;

/** The links by which pure-certd's program finds certificates, and that program beside them. */
export class CertdTable implements SniTable {
  readonly former = null;
  /** Of the program, which pure-certd is told. */
  readonly path: string;
  readonly #links: LinkTable;

  constructor(parts: LinkTableParts, program: string) {
    this.path = program;
    this.#links = new LinkTable(parts);
  }

  async holds(offers: readonly NameOffer[] | null): Promise<boolean> {
    const program = await readTextFile(this.path);
    if (program === undefined && offers !== null) return false;
    return (program === undefined || program === this.#script) && (await this.#links.holds(offers));
  }

  async write(offers: readonly NameOffer[] | null): Promise<void> {
    await this.#links.write(offers);
    const program = { mode: PROGRAM_MODE, uid: 0, gid: 0 };
    if ((await readTextFile(this.path)) !== this.#script)
      await writeFileAtomically(this.path, this.#script, program);
  }

  pairs(): Promise<ReadonlySet<string>> {
    return this.#links.pairs();
  }

  isNamed(): Promise<boolean> {
    return this.#links.isNamed();
  }

  get #script(): string {
    return certdScript(this.#links.path);
  }
}
