// `npm test`: parts, checks, build, tests in order; then the counts, alone on a line. Options: see USAGE.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checksOf, runQuietly } from './checks.mjs';
import { installMissingParts } from './install.mjs';
import { findProgram, isCi, searchPath } from './parts.mjs';
import { buildNewerPebble } from './pebble.mjs';
import { findTestFiles, phasesOf } from './phases.mjs';
import { addTallies, countsLine, emptyTally, tallyOf, tallyOfCrash } from './tally.mjs';

const USAGE = `Usage: npm test [-- [--unit] [--long] [--seed N] [PATH-PART…]]
  --unit      types, lint, unit and architecture tests only
  --long      also the long forms of the suites (LONG=1), from a new random seed
  --seed N    seed of the random suites (TEST_SEED); 1 when not given
  PATH-PART   only the test files that have this in their path; no types, no lint
`;

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const reports = join(root, '.build/test');
const startedAt = Date.now();

/** Test files at once. More gains nothing on the two cores that this must run on, and the daemons need some too. */
const MAX_WORKERS = Math.min(2, availableParallelism());
/** More in phases that wait: for time limits, for daemons, and for daemons that hang. */
const WAITING_WORKERS = { integration: MAX_WORKERS + 1, e2e: MAX_WORKERS + 2 };
/** A phase that takes longer hangs. */
const PHASE_TIMEOUT_MS = 90 * 60_000;
const LONG_PHASE_TIMEOUT_MS = 6 * 3_600_000;
/** The failures that the end names again; more than that is read above. */
const MAX_NAMED_FAILURES = 50;

const say = (line) => process.stdout.write(`${line}\n`);
const secondsSince = (instant) => `${((Date.now() - instant) / 1000).toFixed(1)} s`;

const { options, filters } = readArguments();
const seed = options.seed ?? process.env.TEST_SEED ?? (options.long ? String(randomSeed()) : '1');
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });

const phases = phasesOf(findTestFiles(root), { isQuick: options.unit, filters });
if (phases.length === 0) {
  process.stderr.write(`no test file has ${filters.join(' or ')} in its path\n`);
  process.exit(2);
}
const failedSteps = [];
const partsNote = options.unit ? [] : await prepareParts();
if (filters.length === 0) await runChecks();
await build();
let total = emptyTally;
let interruptedBy;
for (const phase of phases) {
  total = addTallies(total, await runPhase(phase));
  if (interruptedBy !== undefined) {
    failedSteps.push(`everything after ${phase.name} (${interruptedBy})`);
    break;
  }
}
report();

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        unit: { type: 'boolean', default: false },
        long: { type: 'boolean', default: false },
        seed: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      process.stdout.write(USAGE);
      process.exit(0);
    }
    if (values.seed !== undefined && !/^\d{1,10}$/.test(values.seed)) {
      throw new Error(`--seed takes a whole number, not "${values.seed}"`);
    }
    return { options: values, filters: positionals };
  } catch (error) {
    process.stderr.write(`${error.message}\n${USAGE}`);
    process.exit(2);
  }
}

/** Installs what can be installed; gives the phrases of what is missing after that. In CI that is a failure. */
async function prepareParts() {
  const log = join(reports, 'apt.log');
  // Before anybody asks which parts there are: it is one of them.
  const note = await buildNewerPebble();
  const parts = await installMissingParts((line) => say(`parts: ${line}`), log);
  for (const phrase of parts.missing) say(`parts: missing ${phrase}`);
  if (parts.why !== undefined) say(`parts: nothing more is installed: ${parts.why}`);
  if (parts.missed.length > 0 && isCi()) failedSteps.push(`parts (missing ${parts.missed.join(', ')})`);
  if (note !== undefined) say(`parts: ${note}`);
  if (parts.missing.length === 0) say(`ok parts (${secondsSince(startedAt)})`);
  return parts.missing;
}

async function runChecks() {
  for (const [name, check] of Object.entries(checksOf(root))) {
    const began = Date.now();
    const wrong = await check();
    if (wrong === undefined) {
      say(`ok ${name} (${secondsSince(began)})`);
    } else {
      say(`${wrong}\nFAILED ${name}`);
      failedSteps.push(name);
    }
  }
}

async function build() {
  const built = await runQuietly(process.execPath, [join(root, '.ci/build.mjs')], { cwd: root });
  if (built.output.trim() !== '') say(built.output.trimEnd());
  if (built.code !== 0) failedSteps.push('build');
}

/** Runs the phase's files in one jest and counts. */
async function runPhase({ name, files }) {
  say(`\n${name}: ${files.length} files`);
  const outputFile = join(reports, `${name}.json`);
  const words = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    join(root, 'node_modules/jest/bin/jest.js'),
    `--maxWorkers=${WAITING_WORKERS[name] ?? MAX_WORKERS}`,
    '--json',
    `--outputFile=${outputFile}`,
    // A whole folder by its name: jest repeats what it was given, and a list of all files is no reading.
    ...(filters.length === 0 && name !== 'test' ? [`/test/${name}/`] : ['--runTestsByPath', ...files]),
  ];
  const ended = await runJest(words);
  if (!existsSync(outputFile)) return tallyOfCrash(name, `jest left no report (${ended})`);
  const tally = tallyOf(JSON.parse(readFileSync(outputFile, 'utf8')));
  // jest says that it failed, and no test did: for example an error between tests.
  return ended !== 'exit 0' && tally.failed === 0
    ? addTallies(tally, tallyOfCrash(name, `jest ended with ${ended}`))
    : tally;
}

function runJest(words) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, words, {
      cwd: root,
      env: testEnvironment(),
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const forward = (signal) => {
      interruptedBy = signal;
      child.kill(signal);
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, forward);
    let isTimedOut = false;
    const timer = setTimeout(
      () => {
        isTimedOut = true;
        child.kill('SIGKILL');
      },
      options.long ? LONG_PHASE_TIMEOUT_MS : PHASE_TIMEOUT_MS,
    );
    const finish = (how) => {
      clearTimeout(timer);
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(signal, forward);
      resolve(isTimedOut ? 'no end in time' : how);
    };
    child.on('error', (error) => finish(error.message));
    child.on('close', (code, signal) => finish(signal === null ? `exit ${code}` : signal));
  });
}

/** What suites may rely on: LONG, TEST_SEED, PEBBLE, PEBBLE_CHALLTESTSRV, TEST_LOGS, a PATH that has the daemons. */
function testEnvironment() {
  const environment = {
    ...process.env,
    PATH: searchPath(),
    TEST_SEED: seed,
    // Daemons' logs of failed suites.
    TEST_LOGS: join(reports, 'logs'),
    // A test that forgets to name its tree is refused and does not work on this machine's own /var/cpanel.
    AUTOSSL_ROOT: join(reports, 'no-tree'),
  };
  if (options.long) environment.LONG = '1';
  const pebble = findProgram('pebble');
  const challtestsrv = findProgram('pebble-challtestsrv');
  if (pebble !== undefined) environment.PEBBLE = pebble;
  if (challtestsrv !== undefined) environment.PEBBLE_CHALLTESTSRV = challtestsrv;
  return environment;
}

function report() {
  say('');
  for (const failure of total.failures.slice(0, MAX_NAMED_FAILURES))
    say(`FAILED ${failure.replace(`${root}/`, '')}`);
  if (total.failures.length > MAX_NAMED_FAILURES)
    say(`… and ${total.failures.length - MAX_NAMED_FAILURES} more`);
  for (const step of failedSteps) say(`FAILED ${step}`);
  for (const suite of total.skippedSuites) say(suite.replace(`${root}/`, ''));
  if (partsNote.length > 0) say(`missing parts: ${partsNote.join(', ')}`);
  if (existsSync(join(reports, 'logs'))) say(`logs of daemons: ${relative(root, join(reports, 'logs'))}`);
  if (total.passed + total.failed + total.skipped === 0) failedSteps.push('no test ran');
  const isGood = total.failed === 0 && failedSteps.length === 0;
  say(`seed ${seed}, ${secondsSince(startedAt)}${isGood ? '' : ', NOT GOOD'}`);
  say(countsLine(total));
  process.exitCode = isGood ? 0 : 1;
}

function randomSeed() {
  return Math.floor(Math.random() * 2 ** 31);
}
