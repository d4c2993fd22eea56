// `npm run bench`: how long a night with nothing to do takes, beside what it must take and what certbot takes.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  growthOf,
  installsOf,
  MAX_TIMES_NODE_WITH_WORK,
  peakOf,
  preflightOf,
  startsOf,
  tableOf,
  verdictsOf,
} from './bench-report.mjs';
import { benchFolder, buildBenchProgram } from './bench-tree.mjs';
import { runQuietly } from './checks.mjs';
import { measure } from './measure.mjs';
import { findProgram } from './parts.mjs';

const USAGE = `Usage: npm run bench [-- OPTIONS]
  --websites N       websites with valid certificates, nothing due (default 10000)
  --runs N           rounds; each runs every program once, after one that warms the caches (default 5)
  --without-certbot  does not measure certbot, though it is installed
  --growth           also measures memory on twice as many websites
  --first-run N      instead: so many websites get their first certificate
  --ca local|pebble  who gives it (default local)
  --install N        instead: one renewal on an nginx, then on an Apache, with so many websites; each --runs times
  --key-type TYPE    of its key (default ecdsa-prime256v1)
  --preflight        instead: names are looked at before they are ordered, one in ten of them dead, at slow name servers
  --names N          so many of them (default 2000)
`;
/** Starts of each program; the quickest counts. */
const STARTS = 25;
/** A thousand websites on each of two servers, a few renewals, a slow machine. */
const INSTALL_TIMEOUT_MS = 30 * 60_000;
/** Twice the names, on a machine that takes ten times what it should. */
const PREFLIGHT_TIMEOUT_MS = 30 * 60_000;
/** A slow machine making RSA keys for a thousand websites. */
const FIRST_RUN_TIMEOUT_MS = 60 * 60_000;
const KEY_TYPES = ['rsa-2048', 'rsa-4096', 'ecdsa-prime256v1', 'ecdsa-secp384r1'];

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const say = (line = '') => process.stdout.write(`${line}\n`);
const options = readArguments();

try {
  const built = await runQuietly(process.execPath, [join(root, '.ci/build.mjs')], { cwd: root });
  if (built.code !== 0) throw new Error(`dist/ could not be built:\n${built.output}`);
  if (options.firstRun !== null) await benchFirstRun(options);
  else if (options.isPreflight) await benchPreflight(options);
  else if (options.install !== null) await benchInstall(options);
  else await benchQuietNight(options);
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        websites: { type: 'string', default: '10000' },
        runs: { type: 'string', default: '5' },
        'without-certbot': { type: 'boolean', default: false },
        growth: { type: 'boolean', default: false },
        'first-run': { type: 'string' },
        install: { type: 'string' },
        ca: { type: 'string', default: 'local' },
        'key-type': { type: 'string', default: 'ecdsa-prime256v1' },
        preflight: { type: 'boolean', default: false },
        names: { type: 'string', default: '2000' },
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
    const choice = (name, possible) => {
      if (!possible.includes(values[name])) throw new Error(`--${name} takes ${possible.join(' or ')}`);
      return values[name];
    };
    return {
      websites: count('websites'),
      runs: count('runs'),
      withCertbot: !values['without-certbot'],
      withGrowth: values.growth,
      firstRun: values['first-run'] === undefined ? null : count('first-run'),
      install: values.install === undefined ? null : count('install'),
      isPreflight: values.preflight,
      names: count('names'),
      ca: choice('ca', ['local', 'pebble']),
      keyType: choice('key-type', KEY_TYPES),
    };
  } catch (error) {
    process.stderr.write(`${error.message}\n${USAGE}`);
    process.exit(2);
  }
}

async function benchQuietNight({ websites, runs, withCertbot, withGrowth }) {
  const certbot = withCertbot ? findProgram('certbot') : undefined;
  if (certbot === undefined) say(withCertbot ? 'certbot is not installed' : 'certbot is left out');
  const folder = await benchFolder(websites, certbot === undefined ? 0 : websites, say);
  const tree = join(folder, 'tree');
  const floor = floorProgram(tree, websites);
  const ours = ourProgram(tree, websites);
  const accounts = await accountsProgram(tree, websites);
  const peer = certbot === undefined ? undefined : certbotProgram(certbot, folder);
  let programs = [floor, accounts, ours, ...(peer === undefined ? [] : [peer])];
  for (const program of programs) if (program !== peer) await runOnce(program);
  for (let round = 1; round <= runs; round++) {
    for (const program of programs) {
      try {
        program.measured.push(await runOnce(program));
      } catch (error) {
        if (program !== peer) throw error;
        // Somebody's certbot, however it is set up, must not cost the other figures.
        say(`certbot cannot be measured here: ${error.message}`);
        programs = programs.filter((one) => one !== peer);
      }
    }
    process.stderr.write(`round ${round} of ${runs} done\n`);
  }
  say();
  say(`${websites} websites with valid certificates, nothing due. ${runs} rounds, caches warm;`);
  say(`Node ${process.versions.node}, ${availableParallelism()} cores.`);
  say(
    'The floor reads the same `combined` files and makes an X509Certificate of each leaf, nothing else: no',
  );
  say(
    'accounts, keys, chains, names, logs (test/bench/floor.mjs). Peak and CPU are of the program’s own process.',
  );
  say();
  for (const line of tableOf(programs, websites)) say(line);
  say();
  const isPeerThere = programs.includes(peer);
  const rounds = {
    floor: floor.measured,
    ours: ours.measured,
    certbot: isPeerThere ? peer.measured : undefined,
  };
  for (const line of verdictsOf(rounds)) say(line);
  if (withGrowth) await benchGrowth(websites, peakOf(ours.measured));
  await benchStarts();
}

/** Twice the websites of the same kind, without certbot's copy of them. */
async function benchGrowth(websites, peakBytes) {
  const folder = await benchFolder(2 * websites, 0, say);
  const { peakBytes: twice } = await runOnce(ourProgram(join(folder, 'tree'), 2 * websites));
  for (const line of growthOf(websites, peakBytes, twice)) say(line);
}

async function benchStarts() {
  const program = (name, ...words) => ({ name, words: [process.execPath, ...words], measured: [] });
  const node = program('node', '-e', '0');
  const ours = [
    program('autossl --version', join(root, 'bin/autossl'), '--version'),
    program('autossl_check --help', join(root, 'bin/autossl_check'), '--help'),
  ];
  const empty = mkdtempSync(join(tmpdir(), 'autossl-bench-'));
  const light = ['logs', 'options', 'problems', 'queue'].map((name) => ({
    ...program(`autossl ${name}`, join(root, 'bin/autossl'), name),
    environment: { AUTOSSL_ROOT: empty },
  }));
  try {
    for (let start = 1; start <= STARTS; start++) {
      for (const one of [node, ...ours, ...light]) one.measured.push(await runOnce(one));
    }
  } finally {
    rmSync(empty, { recursive: true });
  }
  for (const line of startsOf(node.measured, ours)) say(line);
  for (const line of startsOf(node.measured, light, MAX_TIMES_NODE_WITH_WORK)) say(line);
}

async function benchFirstRun({ firstRun, ca, keyType }) {
  const program = await buildBenchProgram('first-run', { isBundled: false });
  const run = await runQuietly(process.execPath, [program, String(firstRun), ca, keyType], {
    cwd: root,
    timeout: FIRST_RUN_TIMEOUT_MS,
  });
  if (run.code !== 0) throw new Error(`the first run failed:\n${run.output}`);
  const { websites, names, ms, cpuMs, peakBytes } = JSON.parse(run.output.trim().split('\n').at(-1));
  const each = (value) => (value === null ? '?' : `${(value / websites).toFixed(0)} ms`);
  const peak = peakBytes === null ? '?' : `${(peakBytes / 1e6).toFixed(0)} MB`;
  const from = ca === 'pebble' ? 'Pebble (running on the same cores)' : 'the local CA';
  say(`${websites} websites, ${names} names, first certificates (${keyType}) from ${from}:`);
  say(`${(ms / 1000).toFixed(1)} s, ${each(ms)} a website, ${each(cpuMs)} of it CPU, peak ${peak}`);
}

/** From the moment at which the CA's answer with the certificate came until a handshake shows it. */
async function benchInstall({ install, runs }) {
  const program = await buildBenchProgram('install', { isBundled: false });
  const run = await runQuietly(process.execPath, [program, String(install), String(runs)], {
    cwd: root,
    timeout: INSTALL_TIMEOUT_MS,
  });
  if (run.code !== 0) throw new Error(`the renewals failed:\n${run.output}`);
  const servers = JSON.parse(run.output.trim().split('\n').at(-1));
  say(`${install} websites on each server, one renewal at a time, ${runs} of them. Medians:`);
  for (const line of installsOf(servers)) say(line);
}

/** The local validation of many websites: once with all names alive, once with some dead. */
async function benchPreflight({ names }) {
  const program = await buildBenchProgram('preflight', { isBundled: false });
  const run = await runQuietly(process.execPath, [program, String(names)], {
    cwd: root,
    timeout: PREFLIGHT_TIMEOUT_MS,
  });
  if (run.code !== 0) throw new Error(`the names could not be looked at:\n${run.output}`);
  for (const line of preflightOf(JSON.parse(run.output.trim().split('\n').at(-1)))) say(line);
}

function floorProgram(tree, websites) {
  return {
    name: 'floor: read + X509Certificate',
    words: [process.execPath, join(root, 'test/bench/floor.mjs'), tree],
    judge: ({ output }) =>
      Number(output) === websites ? undefined : `it read ${output.trim()} certificates`,
    measured: [],
  };
}

async function accountsProgram(tree, websites) {
  return {
    name: 'account reading alone (ours)',
    words: [process.execPath, await buildBenchProgram('read-accounts'), tree],
    judge: ({ output }) => (Number(output) === websites ? undefined : `it read ${output.trim()} websites`),
    measured: [],
  };
}

function ourProgram(tree, websites) {
  return {
    name: 'autossl_check --all',
    words: [process.execPath, join(root, 'bin/autossl_check'), '--all'],
    environment: { AUTOSSL_ROOT: tree },
    judge: () => judgeOurRun(tree, websites),
    measured: [],
  };
}

/** A run is worth its time only if it looked at every website (a line each in its log) and ordered nothing. */
function judgeOurRun(tree, websites) {
  const logs = join(tree, 'var/cpanel/logs/autossl');
  const newest = existsSync(logs) ? readdirSync(logs).sort().at(-1) : undefined;
  if (newest === undefined) return 'it left no log';
  const records = readFileSync(join(logs, newest, 'json'), 'utf8')
    .trimEnd()
    .split('\n');
  // Logs of 10,000 lines each would fill the disk, and tidying them would be measured with the next run.
  rmSync(logs, { recursive: true });
  const healthy = records.filter((record) => record.includes('"code":"WEBSITE_OK"')).length;
  if (healthy !== websites) return `its log calls ${healthy} of ${websites} websites healthy`;
  const orders = join(tree, 'var/cpanel/ssl/autossl/orders');
  if (existsSync(orders) && readdirSync(orders).length > 0) return 'it ordered a certificate';
  return undefined;
}

function certbotProgram(certbot, folder) {
  const { stdout, stderr } = spawnSync(certbot, ['--version'], { encoding: 'utf8' });
  const version = /[\d.]+\d/.exec(stdout + stderr)?.[0] ?? 'unknown version';
  const logs = join(folder, 'certbot-logs');
  return {
    name: `certbot renew (${version})`,
    words: [
      ...[certbot, 'renew', '--no-random-sleep-on-renew', '--non-interactive', '--logs-dir', logs],
      ...['--config-dir', join(folder, 'certbot'), '--work-dir', join(folder, 'certbot-work')],
    ],
    judge: ({ output }) => {
      rmSync(logs, { recursive: true, force: true });
      return output.includes('No renewals were attempted') ? undefined : `it did something:\n${output}`;
    },
    measured: [],
  };
}

/** @throws Error with the program's output when it fails or did not do what is measured */
async function runOnce({ name, words: [program, ...words], environment, judge = () => undefined }) {
  const measured = await measure(program, words, { environment });
  const wrong =
    measured.code === 0 ? judge(measured) : `${measured.why ?? `exit ${measured.code}`}\n${measured.output}`;
  if (wrong !== undefined) throw new Error(`${name}: ${wrong}`);
  return measured;
}
