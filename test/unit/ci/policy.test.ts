import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { withDaemonsHeldBack } from '../../../.ci/policy.mjs';

const MODULE = join(fileURLToPath(import.meta.url), '../../../../.ci/policy.mjs');
const THEIRS = '#!/bin/sh\n# the administrator’s own\nexit 104\n';

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'autossl-policy-'));
  path = join(folder, 'policy-rc.d');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const placeTheirs = (): void => {
  writeFileSync(path, THEIRS);
  chmodSync(path, 0o744);
};
const expectTheirs = (): void => {
  expect(readFileSync(path, 'utf8')).toBe(THEIRS);
  expect(statSync(path).mode & 0o777).toBe(0o744);
};
const observe = async (): Promise<{ text: string; mode: number }> => ({
  text: readFileSync(path, 'utf8'),
  mode: statSync(path).mode & 0o777,
});

describe('daemons are held back', () => {
  test('while the work is done, and afterwards nothing is left', async () => {
    const during = await withDaemonsHeldBack(observe, path);
    expect(during.text).toMatch(/^#!\/bin\/sh\n[\s\S]*exit 101\n$/);
    expect(during.mode & 0o111).toBe(0o111);
    expect(existsSync(path)).toBe(false);
  });

  test('and a policy that was there is put back byte for byte', async () => {
    placeTheirs();
    const during = await withDaemonsHeldBack(observe, path);
    expect(during.text).toContain('exit 101');
    expectTheirs();
  });

  test('and a link that was there is a link again', async () => {
    symlinkSync('/etc/alternatives/policy-rc.d', path);
    await withDaemonsHeldBack(observe, path);
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
    expect(readlinkSync(path)).toBe('/etc/alternatives/policy-rc.d');
  });

  test('and the policy is put back when the work fails', async () => {
    placeTheirs();
    await expect(withDaemonsHeldBack(() => Promise.reject(new Error('no space')), path)).rejects.toThrow(
      'no space',
    );
    expectTheirs();
  });

  test('and nobody else’s run is disturbed', async () => {
    const other = await startRun();
    try {
      await expect(withDaemonsHeldBack(observe, path)).rejects.toThrow(`process ${other.pid}`);
      expect(readFileSync(path, 'utf8')).toContain('exit 101');
    } finally {
      other.kill('SIGKILL');
      await once(other, 'exit');
    }
  });
});

describe('a run that is', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'interrupted by %s puts the policy back when its work is done, and ends by the signal',
    async (signal) => {
      placeTheirs();
      const run = await startRun();
      const ended = once(run, 'exit');
      run.kill(signal);
      run.stdin?.end();
      expect(await ended).toEqual([null, signal]);
      expectTheirs();
    },
  );

  test('killed is cleaned up after by the next', async () => {
    placeTheirs();
    const run = await startRun();
    const ended = once(run, 'exit');
    run.kill('SIGKILL');
    await ended;
    expect(readFileSync(path, 'utf8')).toContain('exit 101');
    await withDaemonsHeldBack(observe, path);
    expectTheirs();
  });

  test('killed where there was no policy leaves none after the next', async () => {
    const run = await startRun();
    const ended = once(run, 'exit');
    run.kill('SIGKILL');
    await ended;
    await withDaemonsHeldBack(observe, path);
    expect(existsSync(path)).toBe(false);
  });
});

/** After the end of its input a run works on for so long, in ms: it takes the signal that was sent before. */
const LAST_MS = 300;

/** A process that holds daemons back until its input ends; resolves once it does. */
async function startRun(): Promise<ReturnType<typeof spawn>> {
  const script = `
    import { withDaemonsHeldBack } from ${JSON.stringify(MODULE)};
    await withDaemonsHeldBack(() => {
      process.stdout.write('held');
      return new Promise((resolve) => process.stdin.on('end', () => setTimeout(resolve, ${LAST_MS})).resume());
    }, ${JSON.stringify(path)});`;
  const run = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  if (run.stdout === null) throw new Error('no output to read');
  await once(run.stdout, 'data');
  return run;
}
