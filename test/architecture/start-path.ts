/** What of esbuild's metafile matters here (https://esbuild.github.io/api/#metafile). */
export interface Metafile {
  readonly outputs: Readonly<
    Record<
      string,
      {
        readonly bytes: number;
        readonly entryPoint?: string;
        readonly imports: readonly {
          readonly path: string;
          readonly kind: string;
          readonly external?: boolean;
        }[];
        readonly inputs: Readonly<Record<string, unknown>>;
      }
    >
  >;
  /** Names of the built files that were joined into one, because nearly every command loads them. */
  readonly common?: readonly string[];
}

/** What a program loads before it reads its first word: its file and all that it imports statically. */
export interface StartPath {
  readonly bytes: number;
  /** npm packages in it, sorted. */
  readonly packages: readonly string[];
}

/** The built files that are entry points, by path. */
export function entriesOf(metafile: Metafile): readonly string[] {
  return Object.entries(metafile.outputs)
    .filter(([, output]) => output.entryPoint?.startsWith('src/cli/programs/'))
    .map(([path]) => path)
    .sort();
}

/** @throws Error when the entry is not in the metafile */
export function startPathOf(metafile: Metafile, entry: string): StartPath {
  const loaded = new Set<string>();
  const packages = new Set<string>();
  let bytes = 0;
  const load = (path: string): void => {
    if (loaded.has(path)) return;
    loaded.add(path);
    const output = metafile.outputs[path];
    if (output === undefined) throw new Error(`${path} is not in the metafile`);
    bytes += output.bytes;
    for (const input of Object.keys(output.inputs)) {
      const found = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
      if (found !== undefined) packages.add(found);
    }
    for (const { path: next, kind, external } of output.imports) {
      if (kind !== 'dynamic-import' && external !== true) load(next);
    }
  };
  load(entry);
  return { bytes, packages: [...packages].sort() };
}
