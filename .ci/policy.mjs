// Debian's policy-rc.d: while ours lies there, no package that is being installed starts its daemon.
import { lstatSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';

export const POLICY_PATH = '/usr/sbin/policy-rc.d';

/** 101 = "action forbidden by policy" (Debian's invoke-rc.d). */
const FORBIDDEN = 101;
const OURS = /^#!\/bin\/sh\n# autossl tests, process (\d+): /;
const INTERRUPTIONS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

const policyOf = (pid) =>
  `#!/bin/sh\n# autossl tests, process ${pid}: no daemon starts while packages are installed.\nexit ${FORBIDDEN}\n`;
const savedPathOf = (path) => `${path}.autossl-saved`;

/**
 * Runs `work` while daemons are held back, and puts back what lay at `path` (by rename: bytes, mode, owner, link), also
 * when interrupted: then `work` is still waited for, because a package half installed may start its daemon at any
 * moment, and the process ends by the signal. A run that was killed is cleaned up after by the next one.
 */
export async function withDaemonsHeldBack(work, path = POLICY_PATH) {
  recoverPolicy(path);
  let interruptedBy;
  const interrupt = (signal) => {
    interruptedBy ??= signal;
    process.stderr.write(`${signal}: ending as soon as the installation under way is done\n`);
  };
  const restore = () => restorePolicy(path);
  for (const signal of INTERRUPTIONS) process.on(signal, interrupt);
  process.on('exit', restore);
  try {
    if (isThere(path)) renameSync(path, savedPathOf(path));
    writeFileSync(path, policyOf(process.pid), { mode: 0o755, flag: 'wx' });
    return await work();
  } finally {
    restore();
    process.off('exit', restore);
    for (const signal of INTERRUPTIONS) process.off(signal, interrupt);
    if (interruptedBy !== undefined) process.kill(process.pid, interruptedBy);
  }
}

/** Undoes what a killed run left. @throws Error when another run is at work, or when we cannot tell what is whose */
export function recoverPolicy(path = POLICY_PATH) {
  const owner = ownerOf(path);
  if (owner !== undefined && owner !== process.pid && isAlive(owner)) {
    throw new Error(`another test run (process ${owner}) is installing packages`);
  }
  if (owner === undefined && isThere(path) && isThere(savedPathOf(path))) {
    throw new Error(`both ${path} and ${savedPathOf(path)} exist: remove the one that is not wanted`);
  }
  restorePolicy(path);
}

function restorePolicy(path) {
  const isOurs = ownerOf(path) !== undefined;
  if (isThere(savedPathOf(path)) && (isOurs || !isThere(path))) renameSync(savedPathOf(path), path);
  else if (isOurs) unlinkSync(path);
}

/** The process that placed our policy; undefined when what lies there is not ours. */
function ownerOf(path) {
  try {
    const found = OURS.exec(readFileSync(path, 'latin1'));
    return found === null ? undefined : Number(found[1]);
  } catch {
    return undefined;
  }
}

function isThere(path) {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
