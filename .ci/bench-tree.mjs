// The tree that `npm run bench` measures on: built once for its parameters, kept in .build/bench while it is fresh.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const work = join(root, '.build/bench');
/** Certificates are up to 40 days old when built, and due at 60. */
const MAX_AGE_MS = 5 * 86_400_000;
/** Raise it when what is built changes. */
const VERSION = 1;
const TREE_NAME = /^v\d+-\d+-\d+$/;

/** Builds a program of test/bench into .build/bench; gives its path. `isBundled` false: packages stay where they are. */
export async function buildBenchProgram(name, { isBundled = true } = {}) {
  const outfile = join(work, `${name}.mjs`);
  await build({
    entryPoints: [join(root, `test/bench/${name}.ts`)],
    outfile,
    bundle: true,
    packages: isBundled ? 'bundle' : 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    logLevel: 'warning',
    banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
  });
  return outfile;
}

/** Folder with `tree` and, when there are lineages, `certbot`. @throws Error when it cannot be built */
export async function benchFolder(websites, lineages, say) {
  dropStale();
  const target = join(work, `v${VERSION}-${websites}-${lineages}`);
  if (isFresh(target)) return target;
  say(`building ${websites} websites in ${target.replace(`${root}/`, '')} (kept for the next time)`);
  mkdirSync(target, { recursive: true });
  const program = await buildBenchProgram('build-tree');
  const built = spawnSync(process.execPath, [program, target, String(websites), String(lineages)], {
    stdio: ['ignore', 'inherit', 'inherit'],
    // The tree is made in a temporary folder and moved into its place: on the same file system that is a rename.
    env: { ...process.env, TMPDIR: target },
  });
  if (built.status === 0) return target;
  rmSync(target, { recursive: true, force: true });
  throw new Error('the tree could not be built');
}

/** Half-built, too old, of another version: whoever ran the benchmark then is done with them. */
function dropStale() {
  mkdirSync(work, { recursive: true });
  for (const name of readdirSync(work)) {
    if (TREE_NAME.test(name) && !isFresh(join(work, name))) {
      rmSync(join(work, name), { recursive: true, force: true });
    }
  }
}

function isFresh(folder) {
  if (!folder.includes(`/v${VERSION}-`)) return false;
  try {
    const { builtAt } = JSON.parse(readFileSync(join(folder, 'complete.json'), 'utf8'));
    return Date.now() - builtAt < MAX_AGE_MS;
  } catch {
    return false;
  }
}
