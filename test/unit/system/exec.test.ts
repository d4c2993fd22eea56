import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../../src/adapters/system/clock.js';
import { runCommand } from '../../../src/adapters/system/exec.js';
import { scratchTree } from '../../support/scratch.js';

let scratch: ReturnType<typeof scratchTree>;
beforeEach(() => {
  scratch = scratchTree();
});
afterEach(() => scratch.remove());
const shell = (script: string, options: object = {}) =>
  runCommand(['/bin/sh', '-c', script], { timeoutMs: 20_000, ...options });

describe('a command', () => {
  test('gets its arguments as they are, a bare environment and no stdin', async () => {
    process.env['SECRET_OF_OURS'] = 'x';
    const result = await runCommand(
      [
        '/bin/sh',
        '-c',
        'printf "%s|" "$@"; env | sort | cut -d= -f1 | tr "\\n" " "; cat',
        'sh',
        '$(id)',
        'a b',
        ';',
      ],
      { timeoutMs: 20_000, environment: { EXTRA: '1' } },
    );
    delete process.env['SECRET_OF_OURS'];
    expect(result).toMatchObject({ exitCode: 0, signal: null, hasTimedOut: false, startFault: null });
    expect(result.stdout).toBe('$(id)|a b|;|EXTRA LANG PATH PWD ');
  });

  test.each([
    ['exit 3', { exitCode: 3, signal: null }],
    ['kill -9 $$', { exitCode: null, signal: 'SIGKILL' }],
    ['echo good; echo bad >&2', { exitCode: 0, stdout: 'good\n', stderr: 'bad\n' }],
  ])('“%s” is told as it ended', async (script, expected) => {
    expect(await shell(script)).toMatchObject(expected);
  });

  test('reads what it is given', async () => {
    expect(await shell('cat', { input: 'hello' })).toMatchObject({ stdout: 'hello' });
  });

  test.each([
    [['/nonexistent/reload'], 'there is no such program'],
    [['/proc/self/stat'], 'permission denied'],
    [[''], 'ERR_INVALID_ARG_VALUE'],
  ])('%j cannot be started', async (argv, fault) => {
    const result = await runCommand(argv, { timeoutMs: 20_000 });
    expect(result).toMatchObject({ exitCode: null, startFault: fault });
  });

  test('that hangs is ended with all that it started', async () => {
    // By then the shell has said whom it started.
    const result = await shell('sleep 300 & echo $!; wait', { timeoutMs: 3_000 });
    expect(result).toMatchObject({ hasTimedOut: true, signal: 'SIGTERM' });
    const pid = Number(result.stdout);
    expect(pid).toBeGreaterThan(1);
    await expect(hasEnded(pid)).resolves.toBe(true);
  });

  test('that leaves a daemon behind with its output open does not keep us', async () => {
    const result = await shell('sleep 300 & echo $!');
    expect(result).toMatchObject({ exitCode: 0, hasTimedOut: false });
    process.kill(Number(result.stdout), 'SIGKILL');
  });

  test('that talks without end is cut, not kept', async () => {
    const result = await shell('head -c 5000000 /dev/zero | tr "\\0" x', { maxOutputBytes: 1000 });
    expect(result.exitCode).toBe(0);
    expect(result.stdout).toBe('x'.repeat(1000));
  });

  test('is ended when the run is', async () => {
    const given = new AbortController();
    setTimeout(() => given.abort(), 100);
    expect(await shell('sleep 300', { signal: given.signal })).toMatchObject({ signal: 'SIGTERM' });
  });
});

async function hasEnded(pid: number): Promise<boolean> {
  const { readFileSync } = await import('node:fs');
  for (;;) {
    try {
      if (/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))) return true;
    } catch {
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('the clock', () => {
  test('stops sleeping with the reason of the signal', async () => {
    const reason = new Error('enough');
    await expect(systemClock.sleep(1e9, AbortSignal.abort(reason))).rejects.toBe(reason);
    const given = new AbortController();
    const sleep = systemClock.sleep(Number.MAX_SAFE_INTEGER, given.signal);
    given.abort(reason);
    await expect(sleep).rejects.toBe(reason);
    await systemClock.sleep(0);
    await systemClock.sleep(-5);
  });
});
