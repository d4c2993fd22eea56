// What many light commands load travels in one file: each file that node reads, checks and links costs a quarter of a
// millisecond, and esbuild makes one for every set of commands that share something.
import { isBuiltin } from 'node:module';
import { basename, resolve } from 'node:path';

const COMMANDS = 'src/cli/commands/';
/** A command that reads more than this is not waited for at a prompt. */
const LIGHT_BYTES = 150_000;
/** Shared by this part of the light commands: rarer pieces would cost the others more than they spare these (measured). */
const COMMON = 0.25;
const JOINED = 'common';

/** The built files by name, with the common ones joined into one, and which those were. As they are without rollup. */
export async function joinChunks(files, metafile, folder) {
  const apart = new Map(files.map(({ path, text }) => [basename(path), text]));
  let rollup;
  try {
    ({ rollup } = await import('@rollup/wasm-node'));
  } catch {
    return { files: apart, common: [] };
  }
  const common = commonChunks(metafile.outputs);
  const entries = new Set(
    Object.entries(metafile.outputs)
      .filter(([, { entryPoint }]) => entryPoint !== undefined)
      .map(([path]) => basename(path)),
  );
  const scripts = new Map([...apart].filter(([name]) => name.endsWith('.js')));
  const programs = Object.entries(metafile.outputs)
    .filter(([, { entryPoint }]) => entryPoint?.startsWith('src/cli/programs/'))
    .map(([path]) => resolve(folder, basename(path)));
  const bundle = await rollup({
    input: programs,
    external: (id) => isBuiltin(id),
    treeshake: false,
    onLog: () => {},
    plugins: [
      {
        name: 'built-files',
        resolveId: (id) => (isBuiltin(id) ? { id, external: true } : resolve(folder, basename(id))),
        load: (id) => scripts.get(basename(id)),
      },
    ],
  });
  const { output } = await bundle.generate({
    format: 'es',
    compact: true,
    hoistTransitiveImports: false,
    // Their names hold a digest already, by which also the legal texts beside them are called.
    chunkFileNames: ({ name }) => (name === JOINED ? `${JOINED}-[hash].js` : `${name}.js`),
    // A shared file without a chunk of its own would be drawn into that of whatever uses it.
    manualChunks: (id) => {
      const file = basename(id);
      if (common.has(file)) return JOINED;
      return entries.has(file) ? undefined : basename(id, '.js');
    },
  });
  await bundle.close();
  const legal = [...apart].filter(([name]) => !name.endsWith('.js'));
  return {
    files: new Map([...output.map(({ fileName, code }) => [fileName, code]), ...legal]),
    common: [...common],
  };
}

function commonChunks(outputs) {
  const light = Object.keys(outputs)
    .filter((path) => outputs[path].entryPoint?.startsWith(COMMANDS))
    .map((path) => closureOf(path, outputs))
    .filter((closure) => sum([...closure].map((path) => outputs[path].bytes)) < LIGHT_BYTES);
  const counts = new Map();
  for (const path of light.flatMap((closure) => [...closure])) counts.set(path, (counts.get(path) ?? 0) + 1);
  return new Set(
    [...counts]
      .filter(([path, count]) => outputs[path].entryPoint === undefined && count >= COMMON * light.length)
      .map(([path]) => basename(path)),
  );
}

/** The file and all that it imports before it runs. */
function closureOf(path, outputs, seen = new Set()) {
  if (seen.has(path)) return seen;
  seen.add(path);
  for (const { path: next, kind } of outputs[path]?.imports ?? []) {
    if (kind === 'import-statement' && outputs[next] !== undefined) closureOf(next, outputs, seen);
  }
  return seen;
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}
