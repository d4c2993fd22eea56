import { chmodSync, existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { HookEditor } from '../../../src/adapters/dns/editors/hook-editor.js';
import type { HookSettings } from '../../../src/adapters/dns/editors/hook-styles.js';
import { Secret } from '../../../src/core/domain/secret.js';
import type { ZoneChange } from '../../../src/runs/ports/zones.js';
import { aTree, type BuiltTree } from '../../support/tree-builder.js';

const ZONE = 'ours.test';
const CHANGE: ZoneChange = { op: 'add', name: `_acme-challenge.${ZONE}`, type: 'TXT', value: 'VALUE' };
let built: BuiltTree;
let folder: string;
beforeEach(() => {
  built = aTree().build();
  folder = realpathSync(built.root);
});
afterEach(() => built.cleanUp());

const script = (body: string, mode = 0o755, name = 'hook'): string => {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, mode);
  return path;
};
const hookOf = (over: Partial<HookSettings>): HookEditor =>
  new HookEditor({
    kind: 'hook',
    style: 'autossl',
    command: [],
    cleanupCommand: null,
    acmeSh: null,
    environment: new Map(),
    zones: [ZONE],
    timeoutMs: 30_000,
    ...over,
  });
const seen = (): string => readFileSync(join(folder, 'seen'), 'utf8');

test('a hook is given its arguments and a short environment, in the root folder', async () => {
  const command = [script(`env > ${folder}/seen; pwd >> ${folder}/seen; echo "$*" >> ${folder}/seen`)];
  const environment = new Map([['TOKEN', new Secret('hunter2')]]);
  expect(await hookOf({ command, environment }).change(ZONE, [CHANGE])).toEqual({ ok: true });
  const lines = seen().split('\n');
  expect(
    lines
      .filter((line) => /^[A-Z_]+=/.test(line))
      .map((line) => line.split('=')[0])
      .sort(),
  ).toEqual(expect.arrayContaining(['HOME', 'LANG', 'PATH', 'TOKEN']));
  expect(lines.some((line) => line.startsWith('JEST'))).toBe(false);
  expect(lines).toEqual(
    expect.arrayContaining(['TOKEN=hunter2', '/', `present ${CHANGE.name} VALUE ${ZONE}`]),
  );
});

test('what is taken away goes before what is placed, and what follows a failure is not tried', async () => {
  const command = [script(`echo "$1 $3" >> ${folder}/seen; [ "$3" != bad ]`)];
  const changes = [
    { ...CHANGE, value: 'good' },
    { ...CHANGE, value: 'bad' },
    { ...CHANGE, value: 'never' },
    { ...CHANGE, op: 'remove' as const, value: 'old' },
  ];
  expect(await hookOf({ command }).change(ZONE, changes)).toMatchObject({ ok: false });
  expect(seen()).toBe('cleanup old\npresent good\npresent bad\n');
});

test.each([
  ['others may write', () => script(`touch ${folder}/seen`, 0o777), 'may be written by others'],
  ['nobody may execute', () => script(`touch ${folder}/seen`, 0o644), 'is not executable'],
  ['is not there', () => join(folder, 'none'), 'does not exist'],
])('a hook that %s is not run', async (_, command, why) => {
  const check = await hookOf({ command: [command()] }).change(ZONE, [CHANGE]);
  expect(check).toEqual({ ok: false, why: expect.stringContaining(why) });
  expect(existsSync(join(folder, 'seen'))).toBe(false);
});

test('a script of acme.sh need not be executable, and others may not write it either', async () => {
  const api = script(`dns_rig_add() { echo "$1 $2" > ${folder}/seen; }`, 0o600, 'dns_rig.sh');
  const hook = hookOf({ style: 'acme.sh', command: [api] });
  expect(await hook.change(ZONE, [CHANGE])).toEqual({ ok: true });
  expect(seen()).toBe(`${CHANGE.name} VALUE\n`);
  chmodSync(api, 0o666);
  expect(await hook.change(ZONE, [CHANGE])).toEqual({
    ok: false,
    why: expect.stringContaining('may be written by others'),
  });
});

test('acme.sh’s own script is read first, with no arguments that it could take for its own', async () => {
  const main = script(
    'helper() { echo "helped $1"; }\n_initpath() { READY=yes; }\n[ $# = 0 ] || exit 9',
    0o700,
    'acme.sh',
  );
  const api = script(`dns_rig_add() { helper "$READY $2" > ${folder}/seen; }`, 0o600, 'dns_rig.sh');
  const hook = hookOf({ style: 'acme.sh', command: [api], acmeSh: main });
  expect(await hook.change(ZONE, [CHANGE])).toEqual({ ok: true });
  expect(seen()).toBe('helped yes VALUE\n');
});

test('certbot’s second hook gets what the first printed', async () => {
  const command = [script('echo "id 42"', 0o755, 'first')];
  const cleanupCommand = [
    script(`echo "$CERTBOT_VALIDATION $CERTBOT_AUTH_OUTPUT" > ${folder}/seen`, 0o755, 'second'),
  ];
  const hook = hookOf({ style: 'certbot', command, cleanupCommand });
  expect(await hook.change(ZONE, [CHANGE])).toEqual({ ok: true });
  expect(await hook.change(ZONE, [{ ...CHANGE, op: 'remove' }])).toEqual({ ok: true });
  expect(seen()).toBe('VALUE id 42\n');
});

test.each([
  [
    'its last line, escaped',
    'printf "one\\ntwo \\033[31m\\n" >&2; exit 3',
    'it ended with code 3: two \\u{1b}[31m',
    30_000,
  ],
  [
    'no secret of its environment',
    'echo "bad token $TOKEN" >&2; exit 1',
    'it ended with code 1: what it said is not shown, it tells a secret',
    30_000,
  ],
  ['that it hung', 'sleep 60', 'it did not end within 0.5 seconds', 500],
])('of a hook that fails is told %s', async (_, body, why, timeoutMs) => {
  const environment = new Map([['TOKEN', new Secret('hunter2')]]);
  const check = await hookOf({ command: [script(body)], environment, timeoutMs }).change(ZONE, [CHANGE]);
  expect(check).toEqual({ ok: false, why });
});
