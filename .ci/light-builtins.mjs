// An esbuild plugin: node's own modules that cost milliseconds to load are loaded at the first call of one of their
// functions, not by whoever merely imports them. A list of files hashes nothing, unzips nothing and starts nothing.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const NAMESPACE = 'light-builtin';
/** Two to three milliseconds each, over a start of fifty. */
const HEAVY = ['node:child_process', 'node:crypto', 'node:net', 'node:zlib'];
const HEAVY_IMPORT = new RegExp(`^(${HEAVY.join('|')})$`);
const load = createRequire(import.meta.url);

/** Classes and objects stay what they are (`instanceof`, `extends`): only files that import functions alone are served. */
export const lightBuiltins = {
  name: NAMESPACE,
  setup(build) {
    build.onResolve({ filter: HEAVY_IMPORT }, ({ path, importer, kind, namespace }) => {
      if (namespace === NAMESPACE) return { path, external: true };
      const isServed =
        kind === 'import-statement'
          ? importsFunctionsAlone(readFileSync(importer, 'utf8'), path)
          : kind === 'require-call' && importer.includes('/node_modules/commander/');
      return isServed ? { path, namespace: NAMESPACE } : { path, external: true };
    });
    build.onLoad({ filter: HEAVY_IMPORT, namespace: NAMESPACE }, ({ path }) => {
      const names = functionsOf(path).map(
        (name) => `export function ${name}(...a){return load().${name}(...a)}`,
      );
      const head = `let loaded;const load=()=>loaded??=require(${JSON.stringify(path)});`;
      return { contents: [head, ...names].join('\n'), loader: 'js' };
    });
  },
};

function importsFunctionsAlone(source, path) {
  const clauses = [...source.matchAll(new RegExp(`^import ([^;]*?) from ['"]${path}['"]`, 'gm'))];
  const functions = new Set(functionsOf(path));
  return clauses.every(([, clause]) => {
    if (clause.startsWith('type ')) return true;
    if (!clause.startsWith('{')) return false;
    return clause
      .slice(1, -1)
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '' && !name.startsWith('type '))
      .every((name) => functions.has(name.split(' as ')[0].trim()));
  });
}

/** What begins with a capital is a class; a function with symbols says by them how `util.promisify` is to treat it. */
function functionsOf(path) {
  const builtin = load(path);
  return Object.keys(builtin)
    .filter((name) => /^[a-z]\w*$/.test(name) && name !== 'default')
    .map((name) => [name, Object.getOwnPropertyDescriptor(builtin, name)?.value])
    .filter(([, value]) => typeof value === 'function' && Object.getOwnPropertySymbols(value).length === 0)
    .map(([name]) => name);
}
