// Builds dist/ (what bin/ imports): one ES-module bundle, split so that heavy libraries load only when used.
// Does nothing when dist/ is of these very sources; `--force` builds anyway. `.build/meta.json` says what is in it.
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { joinChunks } from './joined-chunks.mjs';
import { lightBuiltins } from './light-builtins.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const work = join(root, '.build');
const stampPath = join(work, 'dist.stamp');
const dist = join(root, 'dist');

const BUILD_SOURCES = ['.ci/build.mjs', '.ci/joined-chunks.mjs', '.ci/light-builtins.mjs'];

const programs = join(root, 'src/cli/programs');
const entryPoints = existsSync(programs)
  ? readdirSync(programs)
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(programs, name))
  : [];
if (entryPoints.length === 0) {
  process.stderr.write('src/cli/programs holds no program: nothing to build.\n');
  process.exit(0);
}

const stamp = stampOfSources();
const isFresh = existsSync(dist) && existsSync(stampPath) && readFileSync(stampPath, 'utf8') === stamp;
if (isFresh && !process.argv.includes('--force')) process.exit(0);

let esbuild;
try {
  esbuild = await import('esbuild');
} catch {
  // An installation without the development packages keeps the dist/ that it came with.
  if (existsSync(dist)) process.exit(0);
  process.stderr.write('esbuild is not installed: run "npm ci" without --omit=dev to build dist/.\n');
  process.exit(1);
}

let built;
try {
  built = await esbuild.build({
    entryPoints,
    outdir: dist,
    absWorkingDir: root,
    write: false,
    metafile: true,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'linked',
    logLevel: 'warning',
    plugins: [lightBuiltins],
  });
} catch {
  // esbuild has printed where and why.
  process.exit(1);
}

// The new dist/ is swapped in whole: a program that starts meanwhile sees the old one or the new one.
const suffix = `${process.pid}-${randomBytes(4).toString('hex')}`;
const fresh = join(work, `dist-new-${suffix}`);
const old = join(work, `dist-old-${suffix}`);
mkdirSync(fresh, { recursive: true });
const joined = await joinChunks(built.outputFiles, built.metafile, dist);
for (const [name, contents] of joined.files) writeFileSync(join(fresh, name), contents);
writeFileSync(join(fresh, 'package.json'), `${JSON.stringify({ type: 'commonjs' })}\n`);
if (existsSync(dist)) renameSync(dist, old);
renameSync(fresh, dist);
writeFileSync(join(work, 'meta.json'), JSON.stringify({ ...built.metafile, common: joined.common }));
writeFileSync(stampPath, stamp);
rmSync(old, { recursive: true, force: true });

/** A digest of everything that dist/ is made of. */
function stampOfSources() {
  const hash = createHash('sha256').update(process.version);
  const sources = readdirSync(join(root, 'src'), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.ts') || name.endsWith('.json'))
    .sort()
    .map((name) => join('src', name));
  for (const name of [...sources, 'package.json', 'package-lock.json', ...BUILD_SOURCES]) {
    const path = join(root, name);
    if (!existsSync(path)) continue;
    hash.update(`\n${name}\n`).update(readFileSync(path));
  }
  return hash.digest('hex');
}
