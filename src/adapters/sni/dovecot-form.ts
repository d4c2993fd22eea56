import { dovecotInclude, hasNewSettingNames } from '../../core/sni/dovecot-include.js';
import type { NameOffer } from '../../core/sni/offer.js';
import { readTextFile, writeFileAtomically } from '../system/files/files.js';
import { TABLE_FILE, type TableForm } from './text-table.js';

/** Runs a program of the daemon's installation: what it prints, or why it did not succeed. */
export type ProgramOutput = (argv: readonly string[]) => Promise<string | { readonly fault: string }>;

export interface DovecotFormParts {
  readonly output: ProgramOutput;
  /** `dovecot`, and `doveconf` with what names the configuration. */
  readonly dovecot: string;
  readonly doveconf: readonly string[];
  /** Where the pairs lie. */
  readonly folder: string;
}

/** An include of `local_name` blocks. */
export class DovecotForm implements TableForm {
  readonly #parts: DovecotFormParts;
  #hasNewNames: boolean | undefined;

  constructor(parts: DovecotFormParts) {
    this.#parts = parts;
  }

  async render(offers: readonly NameOffer[]): Promise<string> {
    const { folder } = this.#parts;
    return dovecotInclude(offers, { folder, hasNewNames: await this.hasNewNames() });
  }

  /** Whether its settings have the names of version 2.4. */
  async hasNewNames(): Promise<boolean> {
    const { output, dovecot } = this.#parts;
    if (this.#hasNewNames === undefined) {
      const version = await output([dovecot, '--version']);
      this.#hasNewNames = hasNewSettingNames(typeof version === 'string' ? version : '');
    }
    return this.#hasNewNames;
  }

  async publish(path: string, text: string): Promise<void> {
    await writeFileAtomically(path, text, TABLE_FILE);
  }

  async isComplete(): Promise<boolean> {
    return true;
  }

  /** By what the daemon understood of it, which is nothing of an empty one. */
  async isNamed(path: string): Promise<boolean | null> {
    const { output, doveconf, folder } = this.#parts;
    const configuration = await output([...doveconf, '-n']);
    if (typeof configuration !== 'string') return null;
    if (configuration.includes(`${folder}/`)) return true;
    const hasNames = (await readTextFile(path))?.includes('local_name') === true;
    return hasNames ? false : null;
  }
}
