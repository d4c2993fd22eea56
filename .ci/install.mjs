// Installs the packages that tests miss, on a Debian machine that is not in use for anything else.
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { areListsLacking, packagesOf, parseSimulation, refusalOfMachine, refusalOfPlan } from './apt.mjs';
import { isCi, isMissed, missingOf, parts } from './parts.mjs';
import { withDaemonsHeldBack } from './policy.mjs';

/** apt's own retries end long before; a network that swallows packets must not hold the tests for ever. */
const APT_TIMEOUT_MS = 10 * 60_000;
/** Another apt at work is waited for, in seconds. */
const LOCK_PATIENCE_S = 300;
const APT_OPTIONS = [
  '-q',
  '-y',
  '--no-install-recommends',
  '-o',
  `DPkg::Lock::Timeout=${LOCK_PATIENCE_S}`,
  '-o',
  'Dpkg::Options::=--force-confold',
  '-o',
  'Acquire::Retries=2',
  '-o',
  'Acquire::http::Timeout=30',
];
const ENVIRONMENT = {
  ...process.env,
  DEBIAN_FRONTEND: 'noninteractive',
  APT_LISTCHANGES_FRONTEND: 'none',
  NEEDRESTART_SUSPEND: '1',
  LC_ALL: 'C.UTF-8',
};

/** What this machine is, for `refusalOfMachine`. */
export function describeMachine() {
  const read = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : '');
  return {
    uid: process.getuid?.() ?? -1,
    isDebian: /^ID(_LIKE)?=.*\bdebian\b/m.test(read('/etc/os-release')) && existsSync('/usr/bin/apt-get'),
    pid1: read('/proc/1/comm').trim(),
    isCi: isCi(),
  };
}

/**
 * Tries to make every part present. Gives the phrases of what is still missing (and what of it fails CI), and why nothing (or not all) was
 * installed. Never throws for what apt or the network do. `say` prints one line; apt's own output goes to `logPath`.
 */
export async function installMissingParts(say, logPath) {
  const stillMissing = () => Object.keys(parts).filter((part) => missingOf(part) !== undefined);
  const missing = stillMissing();
  const packages = packagesOf(missing, parts);
  if (packages.length === 0) return { ...toldOf(missing), why: undefined };
  const refusal = refusalOfMachine(describeMachine());
  if (refusal !== undefined) return { ...toldOf(missing), why: refusal };
  mkdirSync(dirname(logPath), { recursive: true });
  const apt = (...words) => runApt(words, logPath);
  let why;
  try {
    why = await installPackages(packages, apt, say);
  } catch (error) {
    why = error.message;
  }
  const left = stillMissing();
  return { ...toldOf(left), why: left.length === 0 ? undefined : (why ?? `see ${logPath}`) };
}

/** What is missing, and what of it a CI machine must have. */
function toldOf(names) {
  return { missing: phrases(names), missed: phrases(names.filter((name) => isMissed(name))) };
}

/**
 * Simulates, judges, downloads, and installs while daemons are held back. Gives why it did not work out, or undefined.
 * `apt` runs apt-get with these words and gives `{ code, output }`.
 */
export async function installPackages(packages, apt, say, holdDaemonsBack = withDaemonsHeldBack) {
  let simulated = await apt('-s', 'install', ...packages);
  let isUpdated = false;
  const update = async () => {
    say('updating the package lists');
    isUpdated = true;
    return apt('update');
  };
  if (simulated.code !== 0 && areListsLacking(simulated.output)) {
    const updated = await update();
    if (updated.code !== 0) return `apt-get update failed: ${lastError(updated.output)}`;
    simulated = await apt('-s', 'install', ...packages);
  }
  let wanted = packages;
  if (simulated.code !== 0 && areListsLacking(simulated.output)) {
    wanted = [];
    for (const name of packages) if ((await apt('-s', 'install', name)).code === 0) wanted.push(name);
    if (wanted.length === 0) return 'the package lists know none of them (no network?)';
    simulated = await apt('-s', 'install', ...wanted);
  }
  if (simulated.code !== 0) return `apt-get refuses: ${lastError(simulated.output)}`;
  const refusal = refusalOfPlan(parseSimulation(simulated.output));
  if (refusal !== undefined) return refusal;

  say(`installing ${wanted.join(' ')}`);
  const download = () => apt('install', '--download-only', ...wanted);
  let downloaded = await download();
  if (downloaded.code !== 0 && !isUpdated) {
    await update();
    const again = await apt('-s', 'install', ...wanted);
    const changed = again.code === 0 ? refusalOfPlan(parseSimulation(again.output)) : undefined;
    if (changed !== undefined) return changed;
    downloaded = await download();
  }
  if (downloaded.code !== 0) return `download failed: ${lastError(downloaded.output)}`;
  // --no-remove: what was simulated is what may happen, whatever else changed since. --no-download: all of it is here.
  const installed = await holdDaemonsBack(() => apt('install', '--no-remove', '--no-download', ...wanted));
  return installed.code === 0 ? undefined : `installation failed: ${lastError(installed.output)}`;
}

/** Runs apt-get in a session of its own, so that a Ctrl-C meant for us does not stop dpkg half way. */
function runApt(words, logPath) {
  return new Promise((resolve) => {
    const child = spawn('apt-get', [...APT_OPTIONS, ...words], {
      detached: true,
      env: ENVIRONMENT,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let isTimedOut = false;
    const collect = (chunk) => {
      output += chunk;
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    const timer = setTimeout(() => {
      isTimedOut = true;
      child.kill('SIGTERM');
    }, APT_TIMEOUT_MS);
    const finish = (code) => {
      clearTimeout(timer);
      if (isTimedOut) output += `\nE: no end after ${APT_TIMEOUT_MS / 60_000} minutes`;
      appendFileSync(logPath, `$ apt-get ${words.join(' ')}\n${output}\n`);
      resolve({ code: code ?? 1, output });
    };
    child.on('error', (error) => {
      output += `\nE: ${error.message}`;
      finish(1);
    });
    child.on('close', finish);
  });
}

/** apt's own last error line (`E: …`), or its last line. */
function lastError(output) {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return (lines.findLast((line) => line.startsWith('E: ')) ?? lines.at(-1) ?? 'no output').replace(
    /^E: /,
    '',
  );
}

function phrases(names) {
  return names.map((part) => missingOf(part));
}
