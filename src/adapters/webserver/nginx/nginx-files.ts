import { posix } from 'node:path';
import { PathPatterns } from '../path-pattern.js';
import { type NginxDirective, parseNginxDirectives } from './nginx-directives.js';

/** A configuration file with the directives in it. */
export interface NginxFile {
  readonly path: string;
  readonly text: string;
}

const MARK = /^# configuration file (\/.*):\r?$/gm;

/** The files of an `nginx -T` output, the main one first; each once. Empty when it is no such output. */
export function splitNginxDump(dump: string): readonly NginxFile[] {
  const marks = [...dump.matchAll(MARK)];
  const files = new Map<string, NginxFile>();
  for (const [index, mark] of marks.entries()) {
    const path = mark[1] ?? '';
    const begin = mark.index + mark[0].length + 1;
    if (!files.has(path)) files.set(path, { path, text: dump.slice(begin, marks[index + 1]?.index) });
  }
  return [...files.values()];
}

/** Directives visited in all, includes counted each time: a configuration of 100,000 websites stays below. */
const MAX_DIRECTIVES = 5_000_000;

/** A configuration with its includes followed, walked context by context. */
export class NginxConfiguration {
  readonly #files = new Map<string, readonly NginxDirective[]>();
  readonly #texts: ReadonlyMap<string, string>;
  readonly #patterns: PathPatterns;
  readonly #main: string;
  #left = MAX_DIRECTIVES;

  /** `files`: the main file first. */
  constructor(files: readonly NginxFile[]) {
    this.#texts = new Map(files.map(({ path, text }) => [path, text]));
    this.#patterns = new PathPatterns(this.#texts.keys());
    this.#main = files[0]?.path ?? '/';
  }

  /** Relative paths of includes and certificates count from here. */
  get folder(): string {
    return posix.dirname(this.#main);
  }

  /** Whether some of it was left out because it is beyond all measure. */
  get isCut(): boolean {
    return this.#left <= 0;
  }

  /** The directives of the main context, includes in their place. */
  main(): Iterable<NginxDirective> {
    return this.within(this.#directivesOf(this.#main));
  }

  /** The directives of a block, includes in their place. */
  *within(directives: readonly NginxDirective[], path: readonly string[] = []): Generator<NginxDirective> {
    for (const directive of directives) {
      if (this.#left-- <= 0) return;
      if (directive.name !== 'include' || directive.block !== null) {
        yield directive;
        continue;
      }
      const pattern = posix.resolve(this.folder, directive.words[0] ?? '');
      for (const file of this.#patterns.matching(pattern)) {
        // Round and round: nginx would have refused it.
        if (!path.includes(file)) yield* this.within(this.#directivesOf(file), [...path, file]);
      }
    }
  }

  #directivesOf(path: string): readonly NginxDirective[] {
    const known = this.#files.get(path);
    if (known !== undefined) return known;
    const parsed = parseNginxDirectives(this.#texts.get(path) ?? '', path);
    this.#files.set(path, parsed);
    return parsed;
  }
}
