// `npm run demo`: the main job on embedded parts; see test/demo/demo.ts.
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
await import('./build.mjs');
const outfile = join(root, '.build/demo/demo.mjs');
await build({
  entryPoints: [join(root, 'test/demo/demo.ts')],
  outfile,
  bundle: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  logLevel: 'warning',
});
const { runDemo } = await import(pathToFileURL(outfile).href);
process.exitCode = await runDemo(join(root, 'bin'));
