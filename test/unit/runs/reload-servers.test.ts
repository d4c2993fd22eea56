import { expect, test } from '@jest/globals';
import type { ServerCheck, ServerLiveness } from '../../../src/core/plan/install-liveness.js';
import { reloadServers } from '../../../src/runs/check/reload-servers.js';
import type { WebServer } from '../../../src/runs/ports.js';

const OK: ServerCheck = { ok: true };
const failed = (why: string): ServerCheck => ({ ok: false, why });
const alive = (isAlive: boolean): ServerLiveness => ({
  isAlive,
  masterPid: isAlive ? 7 : null,
  startToken: isAlive ? 'a' : null,
  listening: isAlive ? ['127.0.0.1:443'] : [],
  isListening: isAlive,
});

/** A server whose liveness is told in turn; `calls` names what was asked of it. */
function aServer(over: {
  test?: ServerCheck;
  reload?: ServerCheck;
  start?: ServerCheck;
  lives?: readonly boolean[];
}): WebServer & { readonly calls: string[] } {
  const lives = [...(over.lives ?? [true, true])];
  const calls: string[] = [];
  const told = (name: string, check: ServerCheck | undefined) => async () => {
    calls.push(name);
    return check ?? OK;
  };
  return {
    kind: 'nginx',
    calls,
    describe: () => 'nginx',
    testConfig: told('test', over.test),
    reload: told('reload', over.reload),
    start: told('start', over.start),
    liveness: async () => alive(lives.shift() ?? true),
    readSites: async () => [],
  };
}

test('no server: nothing to say', async () => {
  expect(await reloadServers([])).toBeUndefined();
});

test('a server is tested, then reloaded, and lives', async () => {
  const server = aServer({});
  expect(await reloadServers([server])).toEqual({ ok: true });
  expect(server.calls).toEqual(['test', 'reload']);
});

test('a server whose configuration is broken is not reloaded, the other one is', async () => {
  const broken = aServer({ test: failed('nginx.conf:7: unknown directive') });
  const other = aServer({});
  expect(await reloadServers([broken, other])).toEqual({
    ok: false,
    why: 'its configuration does not pass its own test: nginx.conf:7: unknown directive',
  });
  expect(broken.calls).toEqual(['test']);
  expect(other.calls).toEqual(['test', 'reload']);
});

test.each([
  [
    'a server that dies of its reload is started again',
    OK,
    'the web server (pid 7) died; it was started again',
  ],
  [
    'one that does not come back is said so',
    failed('port taken'),
    'the web server (pid 7) died; it could not be started again: port taken',
  ],
])('%s', async (_, start, why) => {
  const server = aServer({ lives: [true, false], start });
  expect(await reloadServers([server])).toEqual({ ok: false, why });
  expect(server.calls).toEqual(['test', 'reload', 'start']);
});

test('a server that somebody had stopped stays stopped', async () => {
  const server = aServer({ lives: [false, false] });
  expect(await reloadServers([server])).toEqual({ ok: false, why: 'the web server does not run' });
  expect(server.calls).toEqual(['test', 'reload']);
});

test('a reload that fails while the server lives on is a fault without a start', async () => {
  const server = aServer({ reload: failed('timed out') });
  expect(await reloadServers([server])).toEqual({ ok: false, why: 'timed out' });
  expect(server.calls).toEqual(['test', 'reload']);
});
