// The checks that need no test runner: types, lint, direction of imports, man pages.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from './parts.mjs';

const CHECK_TIMEOUT_MS = 5 * 60_000;

/** Runs a program; gives its exit code (null: killed or not started) and everything it printed. */
export function runQuietly(program, words, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, words, {
      timeout: CHECK_TIMEOUT_MS,
      ...options,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const collect = (chunk) => {
      output += chunk;
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', (error) => resolve({ code: null, output: `${output}${error.message}\n` }));
    child.on('close', (code) => resolve({ code, output }));
  });
}

/** How many modules dependency-cruiser says it looked at; 0 without its TypeScript parser, and then it finds no fault. */
export function cruisedModules(output) {
  const found = /(\d+) modules?, \d+ dependencies/.exec(output);
  return found === null ? 0 : Number(found[1]);
}

/** name → run, which gives what is wrong, or undefined. In the order in which a newcomer wants to read of them. */
export function checksOf(root) {
  const tool = (path) => join(root, 'node_modules', path);
  const node = (path, ...words) => runQuietly(process.execPath, [tool(path), ...words], { cwd: root });
  const unlessZero = ({ code, output }) => (code === 0 ? undefined : output);
  return {
    types: async () => unlessZero(await node('typescript/bin/tsc', '-p', 'tsconfig.json')),
    lint: async () => unlessZero(await node('@biomejs/biome/bin/biome', 'ci', '--error-on-warnings', '.')),
    imports: async () => {
      const cruise = await node(
        'dependency-cruiser/bin/dependency-cruise.mjs',
        'src',
        '--config',
        '.dependency-cruiser.cjs',
      );
      if (cruise.code === 0 && cruisedModules(cruise.output) === 0) {
        return `dependency-cruiser looked at no module: is @swc/core installed?\n${cruise.output}`;
      }
      return unlessZero(cruise);
    },
    'man pages': async () => {
      const folder = join(root, 'man');
      const mandoc = findProgram('mandoc');
      if (!existsSync(folder) || mandoc === undefined) return undefined;
      const pages = readdirSync(folder).filter((name) => /\.[1-9]$/.test(name));
      if (pages.length === 0) return undefined;
      return unlessZero(
        await runQuietly(mandoc, ['-T', 'lint', '-W', 'warning', ...pages.map((name) => join('man', name))], {
          cwd: root,
        }),
      );
    },
  };
}
