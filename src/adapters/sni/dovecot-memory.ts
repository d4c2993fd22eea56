import { namesInInclude } from '../../core/sni/dovecot-include.js';
import { type DovecotRoom, limitOf } from '../../core/sni/dovecot-room.js';
import type { SniRoom } from '../../runs/ports/sni.js';
import { readTextFile } from '../system/files/files.js';
import type { DovecotForm, ProgramOutput } from './dovecot-form.js';
import { MAX_TABLE_BYTES } from './text-table.js';

export interface DovecotMemoryParts {
  readonly output: ProgramOutput;
  /** `doveconf` with what names the configuration. */
  readonly doveconf: readonly string[];
  readonly form: DovecotForm;
  /** The include. */
  readonly path: string;
  /** Where the pairs lie. */
  readonly folder: string;
  /** Limit of address space of the config process that runs, in bytes; null: none, or not known. */
  readonly runningLimit: () => number | null;
}

/** A block that applies to some connections only: Dovecot keeps a copy of all settings for each. */
const BLOCK = /^(?:local_name|local|remote|protocol) .*\{$/;

/** What Dovecot's config process may hold, by its configuration and by the limit of the running one. */
export class DovecotMemory implements SniRoom {
  readonly #parts: DovecotMemoryParts;

  constructor(parts: DovecotMemoryParts) {
    this.#parts = parts;
  }

  /** What doveconf does not say is as Dovecot has it by default. */
  async look(): Promise<DovecotRoom> {
    const { form, runningLimit } = this.#parts;
    const own = await this.#print('-h', 'service/config/vsz_limit');
    const byDefault = await this.#print('-h', 'default_vsz_limit');
    return {
      limitBytes: limitOf(own, byDefault),
      runningLimitBytes: runningLimit(),
      otherBlocks: this.#otherBlocks(await this.#print('-n')),
      hasNewNames: await form.hasNewNames(),
    };
  }

  async names(): Promise<ReadonlySet<string>> {
    return namesInInclude((await readTextFile(this.#parts.path, MAX_TABLE_BYTES)) ?? '');
  }

  #otherBlocks(configuration: string): number {
    const lines = configuration.split('\n');
    const blocks = lines.filter((line) => BLOCK.test(line)).length;
    const ours = lines.filter((line) => line.includes(`${this.#parts.folder}/`) && /cert/.test(line)).length;
    return Math.max(0, blocks - ours);
  }

  async #print(...words: readonly string[]): Promise<string> {
    const { output, doveconf } = this.#parts;
    const printed = await output([...doveconf, ...words]);
    return typeof printed === 'string' ? printed : '';
  }
}
