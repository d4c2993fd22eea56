// `npm run demo`: the main job on embedded parts; see test/demo/demo.ts.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, stop } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
// A program of its own: it ends its process when there is nothing to build.
const built = spawnSync(process.execPath, [join(root, '.ci/build.mjs')], { stdio: 'inherit' });
if (built.status !== 0) process.exit(1);
// A name of its own: demos that start together do not read each other's half-written file.
const outfile = join(root, `.build/demo/demo-${process.pid}.mjs`);
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
// Its own process would outlive the demo by a moment.
await stop();
const { runDemo } = await import(pathToFileURL(outfile).href);
rmSync(outfile);
process.exitCode = await runDemo(join(root, 'bin'));
