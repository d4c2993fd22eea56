// What many light commands load travels in one file: each file that node reads and links costs a quarter of a millisecond,
// and esbuild makes one for every set of commands that share something. The files are CommonJS, which node starts some
// milliseconds sooner than ES modules.
import { isBuiltin } from 'node:module';
import { basename, resolve } from 'node:path';
import { rollup } from '@rollup/wasm-node';

const COMMANDS = 'src/cli/commands/';
/** Loads whatever it is made of before any command. */
const PEOPLES_PROGRAM = 'src/cli/programs/autossl.ts';
/** A command that reads more than this is not waited for at a prompt. */
const LIGHT_BYTES = 150_000;
/** Shared by this part of the light commands: rarer pieces would cost the others more than they spare these (measured). */
const COMMON = 0.25;
const JOINED = 'common';

/** The built files by name, with the common ones joined into one, and which those were. @throws Error for files in a circle */
export async function joinChunks(files, metafile, folder) {
  const apart = new Map(files.map(({ path, text }) => [basename(path), text]));
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
    format: 'cjs',
    exports: 'named',
    esModule: false,
    interop: 'default',
    externalLiveBindings: false,
    generatedCode: 'es2015',
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
  refuseCircles(output);
  const legal = [...apart].filter(([name]) => !name.endsWith('.js'));
  return {
    files: new Map([...output.map(({ fileName, code }) => [fileName, code]), ...legal]),
    common: [...common],
  };
}

/** Files that require each other in a circle would find each other half made. @throws Error */
function refuseCircles(output) {
  const imports = new Map(output.map((one) => [one.fileName, one.imports ?? []]));
  const done = new Set();
  const walk = (name, path) => {
    if (path.includes(name)) throw new Error(`built files in a circle: ${[...path, name].join(' -> ')}`);
    if (done.has(name)) return;
    for (const next of imports.get(name) ?? []) walk(next, [...path, name]);
    done.add(name);
  };
  for (const name of imports.keys()) walk(name, []);
}

function commonChunks(outputs) {
  const light = Object.keys(outputs)
    .filter((path) => outputs[path].entryPoint?.startsWith(COMMANDS))
    .map((path) => closureOf(path, outputs))
    .filter((closure) => sum([...closure].map((path) => outputs[path].bytes)) < LIGHT_BYTES);
  const counts = new Map();
  for (const path of light.flatMap((closure) => [...closure])) counts.set(path, (counts.get(path) ?? 0) + 1);
  const ofProgram = Object.keys(outputs)
    .filter((path) => outputs[path].entryPoint === PEOPLES_PROGRAM)
    .flatMap((path) => [...closureOf(path, outputs)]);
  const often = [...counts].filter(([, count]) => count >= COMMON * light.length).map(([path]) => path);
  return new Set(
    [...often, ...ofProgram]
      .filter((path) => outputs[path].entryPoint === undefined)
      .map((path) => basename(path)),
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
