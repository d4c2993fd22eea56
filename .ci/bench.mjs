// `npm run bench`: how long a night with nothing to do takes, beside what it must take and what certbot takes.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { runQuietly } from './checks.mjs';
import { measure, summarize } from './measure.mjs';
import { findProgram } from './parts.mjs';

const USAGE = `Usage: npm run bench [-- [--websites N] [--runs N] [--without-certbot]]
  --websites N       websites with valid certificates, nothing due (default 10000)
  --runs N           timed runs of each program, interleaved, after one that warms the caches (default 5)
  --without-certbot  does not measure certbot, though it is installed
`;

/** The aims of the issue: at most so many times the floor, at least so many times faster than certbot, less memory than this. */
const MAX_TIMES_FLOOR = 3;
const MIN_TIMES_FASTER = 5;
const MAX_PEAK_BYTES = 200_000_000;
/** Certificates are up to 40 days old when built, and due at 60. */
const MAX_TREE_AGE_MS = 5 * 86_400_000;
/** Raise it when what is built changes. */
const TREE_VERSION = 1;

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const work = join(root, '.build/bench');
const say = (line = '') => process.stdout.write(`${line}\n`);

const { websites, runs, withCertbot } = readArguments();
const certbot = withCertbot ? findProgram('certbot') : undefined;
const folder = await buildTree();
const tree = join(folder, 'tree');
const programs = await listPrograms();
for (const program of programs) if (!program.isSlow) await runOnce(program);
for (let run = 1; run <= runs; run++) {
  for (const program of programs) program.measured.push(await runOnce(program));
  process.stderr.write(`run ${run} of ${runs} done\n`);
}
report();

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        websites: { type: 'string', default: '10000' },
        runs: { type: 'string', default: '5' },
        'without-certbot': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      process.stdout.write(USAGE);
      process.exit(0);
    }
    const count = (name) => {
      if (!/^[1-9]\d{0,5}$/.test(values[name]))
        throw new Error(`--${name} takes a count, not "${values[name]}"`);
      return Number(values[name]);
    };
    return { websites: count('websites'), runs: count('runs'), withCertbot: !values['without-certbot'] };
  } catch (error) {
    process.stderr.write(`${error.message}\n${USAGE}`);
    process.exit(2);
  }
}

/** The tree and certbot's folder, built once for these parameters. */
async function buildTree() {
  const lineages = certbot === undefined ? 0 : websites;
  const target = join(work, `v${TREE_VERSION}-${websites}-${lineages}`);
  if (isUsable(target)) return target;
  say(`building ${websites} websites in ${target.replace(`${root}/`, '')}`);
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  const outfile = join(work, 'build-tree.mjs');
  await build({
    entryPoints: [join(root, 'test/bench/build-tree.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
  });
  const built = spawnSync(process.execPath, [outfile, target, String(websites), String(lineages)], {
    stdio: ['ignore', 'inherit', 'inherit'],
    // The tree is made in a temporary folder and moved into its place: on the same file system that is a rename.
    env: { ...process.env, TMPDIR: target },
  });
  if (built.status !== 0) process.exit(1);
  return target;
}

function isUsable(target) {
  try {
    const { builtAt } = JSON.parse(readFileSync(join(target, 'complete.json'), 'utf8'));
    return Date.now() - builtAt < MAX_TREE_AGE_MS;
  } catch {
    return false;
  }
}

async function listPrograms() {
  const list = [
    {
      name: 'floor: read + X509Certificate',
      key: 'floor',
      words: [process.execPath, join(root, 'test/bench/floor.mjs'), tree],
      judge: ({ output }) =>
        Number(output) === websites ? undefined : `it read ${output.trim()} certificates`,
    },
    {
      name: 'account files: read + split lines',
      key: 'accounts',
      words: [process.execPath, join(root, 'test/bench/read-accounts.mjs'), tree],
      judge: ({ output }) => (Number(output) === websites ? undefined : `it read ${output.trim()} websites`),
    },
  ];
  const check = join(root, 'bin/autossl_check');
  if (existsSync(check)) {
    const built = await runQuietly(process.execPath, [join(root, '.ci/build.mjs')], { cwd: root });
    if (built.code !== 0) fail(`dist/ could not be built:\n${built.output}`);
    list.push({
      name: 'autossl_check --all',
      key: 'ours',
      words: [process.execPath, check, '--all'],
      environment: { AUTOSSL_ROOT: tree },
      judge: judgeOurRun,
    });
  } else say('bin/autossl_check does not exist yet: its row is left out');
  if (certbot !== undefined) {
    const config = join(folder, 'certbot');
    const folders = ['--config-dir', config, '--work-dir', join(folder, 'certbot-work')];
    const quiet = [
      '--logs-dir',
      join(folder, 'certbot-logs'),
      '--no-random-sleep-on-renew',
      '--non-interactive',
    ];
    list.push({
      name: `certbot renew (${versionOfCertbot()})`,
      key: 'certbot',
      words: [certbot, 'renew', ...folders, ...quiet],
      isSlow: true,
      judge: ({ output }) =>
        output.includes('No renewals were attempted') ? undefined : `it did something:\n${output}`,
    });
  } else say(withCertbot ? 'certbot is not installed: its row is left out' : 'certbot is left out');
  return list.map((program) => ({ ...program, measured: [] }));
}

async function runOnce({ name, words: [program, ...words], environment, judge }) {
  const measured = await measure(program, words, { environment });
  const wrong =
    measured.code === 0 ? judge(measured) : `${measured.why ?? `exit ${measured.code}`}\n${measured.output}`;
  if (wrong !== undefined) fail(`${name}: ${wrong}`);
  return measured;
}

/** A run is worth its time only if it looked at every website (a line each in its log) and ordered nothing. */
function judgeOurRun() {
  const logs = join(tree, 'var/cpanel/logs/autossl');
  const newest = existsSync(logs) ? readdirSync(logs).sort().at(-1) : undefined;
  if (newest === undefined) return 'it left no log';
  const lines = readFileSync(join(logs, newest, 'json'), 'utf8').split('\n').length - 1;
  if (lines < websites) return `its log has ${lines} lines for ${websites} websites`;
  const orders = join(tree, 'var/cpanel/ssl/autossl/orders');
  if (existsSync(orders) && readdirSync(orders).length > 0) return 'it ordered a certificate';
  rmSync(join(logs, newest), { recursive: true });
  return undefined;
}

function versionOfCertbot() {
  const { stdout, stderr } = spawnSync(certbot, ['--version'], { encoding: 'utf8' });
  return /[\d.]+\d/.exec(stdout + stderr)?.[0] ?? 'unknown version';
}

function report() {
  const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;
  const megabytes = (bytes) => (bytes === null ? '?' : `${(bytes / 1e6).toFixed(0)} MB`);
  const rows = programs.map(({ name, key, measured }) => {
    const wall = summarize(measured.map(({ ms }) => ms));
    const peaks = measured.map(({ peakBytes }) => peakBytes).filter((bytes) => bytes !== null);
    return { name, key, wall, peakBytes: peaks.length === 0 ? null : Math.max(...peaks) };
  });
  say();
  say(
    `${websites} websites with valid certificates, nothing due. ${runs} runs of each, interleaved, caches warm; ` +
      `Node ${process.versions.node}, ${availableParallelism()} cores.`,
  );
  say('ms per website is of the median; peak is the highest of the program’s own process.');
  say();
  const line = (name, ...cells) =>
    say(`${name.padEnd(36)}${cells.map((cell) => cell.padStart(14)).join('')}`);
  line('', 'wall, min', 'wall, median', 'ms/website', 'peak memory');
  for (const { name, wall, peakBytes } of rows) {
    line(
      name,
      seconds(wall.min),
      seconds(wall.median),
      (wall.median / websites).toFixed(3),
      megabytes(peakBytes),
    );
  }
  say();
  const row = (key) => rows.find((one) => one.key === key);
  const [floor, ours, peer] = [row('floor'), row('ours'), row('certbot')];
  if (ours === undefined) return;
  const aim = (text, isMet) => say(`${text}: ${isMet ? 'met' : 'NOT met'}`);
  const timesFloor = ours.wall.median / floor.wall.median;
  aim(
    `${timesFloor.toFixed(2)} × the floor (aim: at most ${MAX_TIMES_FLOOR})`,
    timesFloor <= MAX_TIMES_FLOOR,
  );
  if (peer !== undefined) {
    const timesFaster = peer.wall.median / ours.wall.median;
    aim(
      `${timesFaster.toFixed(2)} × faster than certbot (aim: at least ${MIN_TIMES_FASTER})`,
      timesFaster >= MIN_TIMES_FASTER,
    );
  }
  if (ours.peakBytes !== null) {
    aim(
      `${megabytes(ours.peakBytes)} at most (aim: under ${megabytes(MAX_PEAK_BYTES)})`,
      ours.peakBytes < MAX_PEAK_BYTES,
    );
  }
}

function fail(why) {
  process.stderr.write(`${why}\n`);
  process.exit(1);
}
