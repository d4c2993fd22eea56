// Builds dist/ (what bin/ imports): one ES-module bundle, split so that heavy libraries load only when used.
import { existsSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const programs = join(root, 'src/cli/programs');
const entryPoints = Object.fromEntries(
  readdirSync(programs)
    .filter((name) => name.endsWith('.ts'))
    .map((name) => [name.slice(0, -3), join(programs, name)]),
);

let esbuild;
try {
  esbuild = await import('esbuild');
} catch {
  if (existsSync(join(root, 'dist'))) process.exit(0);
  process.stderr.write('esbuild is not installed: run "npm ci" without --omit=dev to build dist/.\n');
  process.exit(1);
}

/** CommonJS dependencies call require() of node's own modules; an ES module has none. */
const banner = { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" };
const shared = {
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  keepNames: true,
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'linked',
  logLevel: 'warning',
  banner,
};

await rm(join(root, 'dist'), { recursive: true, force: true });
await esbuild.build({ ...shared, entryPoints, outdir: join(root, 'dist') });
