// The newer Pebble (ARI, profiles, Retry-After), where a Go toolchain can build it; Debian's serves otherwise.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { goBinaries } from './parts.mjs';

const PEBBLE_VERSION = 'v2.10.0';
const MODULE = 'github.com/letsencrypt/pebble/v2/cmd';
const PROGRAMS = ['pebble', 'pebble-challtestsrv'];
/** What its go.mod asks for. */
const GO_FLOOR = [1, 24];
const BUILD_TIMEOUT_MS = 5 * 60_000;
/** After a failed build (no network, mostly) the next tests do not wait for it again so soon. */
const RETRY_AFTER_MS = 24 * 60 * 60_000;

const stampPath = join(goBinaries, '../pebble.json');

/** Whether `go version`'s answer names a toolchain that can build it. */
export function isGoNewEnough(answer) {
  const found = /\bgo(\d+)\.(\d+)/.exec(answer);
  if (found === null) return false;
  const [major, minor] = [Number(found[1]), Number(found[2])];
  return major > GO_FLOOR[0] || (major === GO_FLOOR[0] && minor >= GO_FLOOR[1]);
}

/** Builds it into `.build/go/bin` unless it is there. Gives a note for the reader, or undefined when there is none. */
export async function buildNewerPebble(now = Date.now()) {
  if (process.env.PEBBLE) return undefined;
  const last = readStamp();
  const areBuilt = PROGRAMS.every((name) => existsSync(join(goBinaries, name)));
  if (areBuilt && last.version === PEBBLE_VERSION) return undefined;
  const go = spawnSync('go', ['version'], { encoding: 'utf8', timeout: 30_000 });
  if (go.error !== undefined || !isGoNewEnough(go.stdout)) return undefined;
  if (process.env.GOPROXY === 'off') return undefined;
  if (last.failedAt !== undefined && now - last.failedAt < RETRY_AFTER_MS) return undefined;
  mkdirSync(goBinaries, { recursive: true });
  const why = await goInstall();
  writeFileSync(
    stampPath,
    JSON.stringify(why === undefined ? { version: PEBBLE_VERSION } : { failedAt: now }),
  );
  return why === undefined
    ? undefined
    : `pebble ${PEBBLE_VERSION} could not be built (${why}): Debian's serves`;
}

function goInstall() {
  return new Promise((resolve) => {
    const child = spawn('go', ['install', ...PROGRAMS.map((name) => `${MODULE}/${name}@${PEBBLE_VERSION}`)], {
      cwd: dirname(goBinaries),
      env: { ...process.env, GOBIN: goBinaries, GOTOOLCHAIN: 'local', CGO_ENABLED: '0', GOFLAGS: '' },
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: BUILD_TIMEOUT_MS,
    });
    let errors = '';
    child.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => {
      if (code === 0) resolve(undefined);
      else if (signal !== null) resolve('took too long');
      else resolve(errors.trim().split('\n').at(-1) ?? `exit ${code}`);
    });
  });
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(stampPath, 'utf8'));
  } catch {
    return {};
  }
}
