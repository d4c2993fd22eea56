import { posix } from 'node:path';
import { PathPatterns } from '../path-pattern.js';
import { type ApacheDirective, parseApacheDirectives } from './apache-directives.js';
import type { ApacheDump } from './apache-dump.js';

/** Directives visited in all, includes counted each time. */
const MAX_DIRECTIVES = 5_000_000;
/** Source files of modules that are not named `mod_<module>.c`. */
const MODULE_OF_SOURCE: Readonly<Record<string, string>> = {
  'core.c': 'core_module',
  'http_core.c': 'http_module',
  'event.c': 'mpm_event_module',
  'worker.c': 'mpm_worker_module',
  'prefork.c': 'mpm_prefork_module',
};
const CONDITIONS = new Set(['ifmodule', 'ifdefine', 'ifversion', 'iffile', 'ifdirective', 'ifsection']);

/** Apache's files with includes followed, conditions decided and variables replaced, as far as its dump lets us know. */
export class ApacheConfiguration {
  readonly #dump: ApacheDump;
  readonly #texts: ReadonlyMap<string, string>;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #patterns: PathPatterns;
  readonly #files = new Map<string, readonly ApacheDirective[]>();
  #left = MAX_DIRECTIVES;

  /** `texts`: by path, of those that could be read. `environment`: of the server. */
  constructor(
    dump: ApacheDump,
    texts: ReadonlyMap<string, string>,
    environment: Readonly<Record<string, string>>,
  ) {
    this.#dump = dump;
    this.#texts = texts;
    this.#environment = environment;
    this.#patterns = new PathPatterns(texts.keys());
  }

  /** The directives outside all sections but conditions, with `<VirtualHost>` as one of them. */
  main(): Iterable<ApacheDirective> {
    return this.within(this.#directivesOf(this.#dump.files[0] ?? ''));
  }

  /** What holds there: includes in their place, conditions decided, words with their variables replaced. */
  *within(directives: readonly ApacheDirective[], path: readonly string[] = []): Generator<ApacheDirective> {
    for (const directive of directives) {
      if (this.#left-- <= 0) return;
      const { name, block } = directive;
      if (block !== null && CONDITIONS.has(name)) {
        if (this.#holds(directive)) yield* this.within(block, path);
      } else if (block === null && (name === 'include' || name === 'includeoptional')) {
        for (const file of this.#included(directive.words[0] ?? '')) {
          if (!path.includes(file)) yield* this.within(this.#directivesOf(file), [...path, file]);
        }
      } else if (directive.words.some((word) => word.includes('${'))) {
        yield { ...directive, words: directive.words.map((word) => this.#replaced(word)) };
      } else yield directive;
    }
  }

  /** Versions, files and the like are taken to hold: whoever wrote the condition runs this server. */
  #holds({ name, words }: ApacheDirective): boolean {
    const [word = ''] = words;
    const isNegated = word.startsWith('!');
    const what = this.#replaced(isNegated ? word.slice(1) : word);
    if (name === 'ifdefine') return this.#dump.defines.has(what) !== isNegated;
    if (name !== 'ifmodule') return true;
    const module = MODULE_OF_SOURCE[what] ?? what.replace(/^(?:mod_)?(.*)\.c$/, '$1_module');
    return this.#dump.modules.has(module) !== isNegated;
  }

  /** A file, a pattern, or a folder with all below it. */
  #included(word: string): readonly string[] {
    const pattern = posix.resolve(this.#dump.serverRoot ?? '/', this.#replaced(word));
    const found = this.#patterns.matching(pattern);
    return found.length > 0 ? found : this.#patterns.below(pattern);
  }

  #replaced(word: string): string {
    return word.replace(
      /\$\{([^}]+)\}/g,
      (whole, name: string) => this.#dump.defines.get(name) ?? this.#environment[name] ?? whole,
    );
  }

  #directivesOf(path: string): readonly ApacheDirective[] {
    const known = this.#files.get(path);
    if (known !== undefined) return known;
    const parsed = parseApacheDirectives(this.#texts.get(path) ?? '', path);
    this.#files.set(path, parsed);
    return parsed;
  }
}
