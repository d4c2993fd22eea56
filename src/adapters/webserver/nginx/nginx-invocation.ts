import { resolve } from 'node:path';

/** How an nginx was started, as far as it decides which configuration it has. */
export interface NginxInvocation {
  /** `-p`; null: the one compiled in. */
  readonly prefix: string | null;
  /** `-c`; null: the one compiled in. */
  readonly configFile: string | null;
  /** `-e`. */
  readonly errorLog: string | null;
  /** `-g`. */
  readonly directives: string | null;
}

const TITLE = 'nginx: master process ';
const OPTION = /^-[a-zA-Z?]/;

/**
 * The arguments within a running master's command line: nginx writes them over it as one text, so that blanks within
 * arguments cannot be told from those between, except in `-g`, which goes on to the next option.
 */
export function nginxArgumentsOf(commandLine: readonly string[]): readonly string[] {
  const [title = '', ...rest] = commandLine;
  if (!title.startsWith(TITLE)) return rest;
  const found: string[] = [];
  for (const word of title.slice(TITLE.length).trim().split(' ').slice(1)) {
    const isWithinDirectives = found.at(-2) === '-g' && !OPTION.test(word);
    if (isWithinDirectives) found.push(`${found.pop()} ${word}`);
    else found.push(word);
  }
  return found;
}

/** What nginx's arguments say; `-pPATH` is as good as `-p PATH`. Relative paths count from `cwd` (prefix) or the prefix. */
export function parseNginxArguments(argv: readonly string[], cwd: string): NginxInvocation {
  const given = new Map<string, string>();
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? '';
    const option = /^-([pceg])/.exec(word)?.[1];
    if (option === undefined) continue;
    given.set(option, word.length > 2 ? word.slice(2) : (argv[++index] ?? ''));
  }
  const prefix = given.get('p');
  const base = prefix === undefined ? null : resolve(cwd, prefix);
  const configFile = given.get('c');
  return {
    prefix: base,
    configFile: configFile === undefined ? null : base === null ? configFile : resolve(base, configFile),
    errorLog: given.get('e') ?? null,
    directives: given.get('g') ?? null,
  };
}

/** Whether both run the same configuration. */
export function isSameNginx(a: NginxInvocation, b: NginxInvocation): boolean {
  return a.prefix === b.prefix && a.configFile === b.configFile;
}

/** The arguments that name a configuration, for testing it. `isStart`: the program shall go to the background by itself. */
export function renderNginxArguments(invocation: NginxInvocation, isStart = false): readonly string[] {
  const { prefix, configFile, errorLog } = invocation;
  const directives = isStart
    ? invocation.directives?.replace(/\bdaemon\s+off\s*;/g, '').trim()
    : invocation.directives;
  const option = (name: string, value: string | null | undefined): string[] =>
    value === null || value === undefined || value === '' ? [] : [name, value];
  return [
    ...option('-p', prefix),
    ...option('-c', configFile),
    ...option('-e', errorLog),
    ...option('-g', directives),
  ];
}
