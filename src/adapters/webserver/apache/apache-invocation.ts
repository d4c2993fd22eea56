import { resolve } from 'node:path';

/** How an Apache was started, as far as it decides which configuration it has. */
export interface ApacheInvocation {
  /** `-d`; null: the one compiled in. */
  readonly serverRoot: string | null;
  /** `-f`; null: the one compiled in. */
  readonly configFile: string | null;
  /** The other options that matter for a configuration (`-D`, `-C`, `-c`), as they are given to it again. */
  readonly others: readonly string[];
}

/** Options with a value that are not ours to repeat. */
const DROPPED = new Set(['-k', '-e', '-E']);
const KEPT = new Set(['-D', '-C', '-c']);
/** Definitions that only say how it runs. */
const RUNNING_DEFINES = new Set(['FOREGROUND', 'NO_DETACH', 'ONE_PROCESS', 'DEBUG']);

/** What Apache's arguments say; `-dPATH` is as good as `-d PATH`. */
export function parseApacheArguments(argv: readonly string[], cwd: string): ApacheInvocation {
  let serverRoot: string | null = null;
  let configFile: string | null = null;
  const others: string[] = [];
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? '';
    const option = word.slice(0, 2);
    if (option !== '-d' && option !== '-f' && !DROPPED.has(option) && !KEPT.has(option)) continue;
    const value = word.length > 2 ? word.slice(2) : (argv[++index] ?? '');
    if (option === '-d') serverRoot = resolve(cwd, value);
    else if (option === '-f') configFile = value;
    else if (KEPT.has(option) && !(option === '-D' && RUNNING_DEFINES.has(value))) others.push(option, value);
  }
  const base = serverRoot;
  return {
    serverRoot,
    configFile: configFile === null || base === null ? configFile : resolve(base, configFile),
    others,
  };
}

/** Whether both run the same configuration. */
export function isSameApache(a: ApacheInvocation, b: ApacheInvocation): boolean {
  return a.serverRoot === b.serverRoot && a.configFile === b.configFile;
}

export function renderApacheArguments({
  serverRoot,
  configFile,
  others,
}: ApacheInvocation): readonly string[] {
  return [
    ...(serverRoot === null ? [] : ['-d', serverRoot]),
    ...(configFile === null ? [] : ['-f', configFile]),
    ...others,
  ];
}
