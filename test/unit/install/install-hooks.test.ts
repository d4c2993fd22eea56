import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readJsonSync } from 'fs-extra/esm';
import { CommandHooks } from '../../../src/adapters/install/install-hooks.js';
import { parseAccountName } from '../../../src/core/domain/account/account-name.js';
import { parseDomainName } from '../../../src/core/domain/name/names.js';
import type { InstallPayload } from '../../../src/runs/ports/installation.js';
import type { HookSettings } from '../../../src/runs/ports/settings.js';
import { scratchTree } from '../../support/scratch.js';

let scratch: ReturnType<typeof scratchTree>;
beforeEach(() => {
  scratch = scratchTree();
});
afterEach(() => scratch.remove());

const NONE: HookSettings = { preInstall: null, postInstall: null, rebuildAccount: null, timeoutMs: 60_000 };
const block = (label: string, body: string): string =>
  `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;
const KEY_LINE = 'S0VZ'.repeat(16);
const PAYLOAD: InstallPayload = {
  website: { account: parseAccountName('alice'), vhost: parseDomainName('example.com') },
  keyPem: block('PRIVATE KEY', KEY_LINE),
  chainPem:
    block('CERTIFICATE', 'TEVBRg==') + block('CERTIFICATE', 'SVNTVUVS') + block('CERTIFICATE', 'Uk9PVA=='),
};

/** A program of ours; gives its path. */
function script(lines: string, mode = 0o755): string {
  const path = join(scratch.root, 'hook');
  writeFileSync(path, `#!/bin/sh\n${lines}\n`, { mode });
  return path;
}
const note = (name: string): string => join(scratch.root, name);
const pre = (lines: string, more: Partial<HookSettings> = {}) =>
  new CommandHooks({ ...NONE, preInstall: [script(lines)], ...more }).pre(PAYLOAD);

describe('a hook before an installation', () => {
  test('gets the documented payload on its standard input, and the key nowhere else', async () => {
    const keep = `cat >${note('input')}; tr '\\0' '\\n' </proc/$$/cmdline >${note('words')}; env >>${note('words')}`;
    const hooks = new CommandHooks({ ...NONE, preInstall: [script(keep), 'a b', ';'] });
    expect(await hooks.pre(PAYLOAD)).toEqual({ ok: true });
    expect(readJsonSync(note('input'))).toEqual({
      context: { category: 'Whostmgr', event: 'AutoSSL::installssl', stage: 'pre' },
      data: {
        domain_set_name: 'example.com',
        web_vhost_name: 'example.com',
        username: 'alice',
        certificate_pem: block('CERTIFICATE', 'TEVBRg=='),
        key_pem: PAYLOAD.keyPem,
        cab_pem: block('CERTIFICATE', 'SVNTVUVS') + block('CERTIFICATE', 'Uk9PVA=='),
      },
    });
    const words = readFileSync(note('words'), 'utf8');
    expect(words).toContain('\na b\n;\n');
    expect(words).not.toContain(KEY_LINE);
  });

  test.each([
    ['says nothing', ':'],
    ['reads nothing', 'exec <&-; exit 0'],
    ['says 1', 'echo 1'],
    ['says 1 and why', 'echo; echo "1 fine with me"; echo "0 is a later line"'],
    ['chats', 'echo 0ne moment; echo 10 minutes'],
  ])('that %s and ends well lets it be', async (_, lines) => {
    expect(await pre(lines)).toEqual({ ok: true });
  });

  test('that does not read what no pipe holds lets it be', async () => {
    const chainPem = PAYLOAD.chainPem + block('CERTIFICATE', 'A'.repeat(1024 * 1024));
    const hooks = new CommandHooks({ ...NONE, preInstall: [script('exit 0')] });
    expect(await hooks.pre({ ...PAYLOAD, chainPem })).toEqual({ ok: true });
  });

  test.each([
    ['ends with a code', 'exit 3', 'ended with code 3'],
    ['ends with a code and says why', 'echo "no room" >&2; exit 1', 'ended with code 1: no room'],
    ['ends with a code in spite of what it says', 'echo "1 fine"; exit 1', 'ended with code 1: fine'],
    ['says 0', 'echo 0', 'refuses'],
    ['says 0 and why', 'echo "0 not on Fridays"', 'refuses: not on Fridays'],
    ['is killed', 'kill -9 $$', 'was ended by SIGKILL'],
    ['steers the terminal', 'printf "0 a\\033[2Jb"', 'refuses: a\\u{1b}[2Jb'],
  ])('that %s vetoes it', async (_, lines, said) => {
    expect(await pre(lines)).toEqual({ ok: false, why: `${note('hook')} ${said}` });
  });

  test('that says much is quoted shortly', async () => {
    const check = await pre('printf "0 "; head -c 1000000 /dev/zero | tr "\\0" x');
    if (check.ok) throw new Error('it was let be');
    expect(check.why).toMatch(/: x{300}…$/);
  });

  test.each([
    ['as it came', 'cat >&2; exit 1'],
    ['line by line', `cat >/dev/null; echo "0 ${KEY_LINE}"`],
  ])('that prints the key %s does not bring it into a message', async (_, lines) => {
    const check = await pre(lines);
    expect(check).toMatchObject({ ok: false, why: expect.stringMatching(/: what it said is not shown/) });
    expect(JSON.stringify(check)).not.toContain('S0VZ');
  });

  test('that hangs is ended, and vetoes it', async () => {
    expect(await pre('sleep 300', { timeoutMs: 1000 })).toEqual({
      ok: false,
      why: `${note('hook')} did not end within 1 seconds`,
    });
  });

  test('that cannot be started vetoes it', async () => {
    writeFileSync(note('hook'), '#!/nonexistent/interpreter\n', { mode: 0o755 });
    expect(await new CommandHooks({ ...NONE, preInstall: [note('hook')] }).pre(PAYLOAD)).toEqual({
      ok: false,
      why: `${note('hook')} could not be started (there is no such program)`,
    });
  });

  test('that is not to be trusted is not run, and vetoes it', async () => {
    const path = script(`echo >${note('ran')}`, 0o755);
    chmodSync(path, 0o777);
    expect(await new CommandHooks({ ...NONE, preInstall: [path] }).pre(PAYLOAD)).toEqual({
      ok: false,
      why: `the hook is not run: “${path}” may be written by others than its owner`,
    });
    expect(existsSync(note('ran'))).toBe(false);
  });
});

describe('a hook after an installation', () => {
  test.each([
    [true, 1],
    [false, 0],
  ])('is told what became of it (%s)', async (status, number) => {
    const hooks = new CommandHooks({ ...NONE, postInstall: [script(`cat >${note('input')}`)] });
    expect(await hooks.post(PAYLOAD, { status, message: 'what became of it' })).toEqual({ ok: true });
    expect(readJsonSync(note('input'))).toMatchObject({
      context: { stage: 'post' },
      data: { username: 'alice', key_pem: PAYLOAD.keyPem, status: number, rawout: 'what became of it' },
    });
  });

  test('that fails says so', async () => {
    const hooks = new CommandHooks({ ...NONE, postInstall: [script('exit 4')] });
    expect(await hooks.post(PAYLOAD, { status: true, message: '' })).toMatchObject({ ok: false });
  });
});

describe('the rebuild command', () => {
  test('is run for an account and told its websites', async () => {
    const lines = `echo "$#|$1|$2|$AUTOSSL_ACCOUNT|$AUTOSSL_WEBSITES" >${note('told')}; echo 1`;
    const { rebuild } = new CommandHooks({ ...NONE, rebuildAccount: [script(lines), '--user'] });
    expect(await rebuild?.(parseAccountName('alice'), ['a.test', 'b.test'])).toEqual({ ok: true });
    expect(readFileSync(note('told'), 'utf8')).toBe('2|--user|alice|alice|a.test b.test\n');
  });

  test('that fails says so', async () => {
    const { rebuild } = new CommandHooks({ ...NONE, rebuildAccount: [script('echo broken >&2; exit 1')] });
    expect(await rebuild?.(parseAccountName('alice'), [])).toEqual({
      ok: false,
      why: `${note('hook')} ended with code 1: broken`,
    });
  });
});

test('hooks that are not set succeed, and there is nothing to rebuild', async () => {
  const hooks = new CommandHooks(NONE);
  expect(await hooks.pre(PAYLOAD)).toEqual({ ok: true });
  expect(await hooks.post(PAYLOAD, { status: true, message: '' })).toEqual({ ok: true });
  expect(hooks.rebuild).toBeNull();
});
