import { describe, expect, test } from '@jest/globals';
import { CommandServer } from '../../../src/adapters/webserver/command-server.js';
import type { WebServerSettings } from '../../../src/runs/ports/settings.js';

const NONE: WebServerSettings = {
  kind: 'command',
  testCommand: null,
  reloadCommand: ['true'],
  startCommand: null,
  aliveCommand: null,
  pidFile: null,
  program: null,
  arguments: [],
  timeoutMs: 20_000,
};
const server = (more: Partial<WebServerSettings>): CommandServer => new CommandServer({ ...NONE, ...more });
const sh = (script: string): readonly string[] => ['sh', '-c', script];

describe('a server known by its commands alone', () => {
  test('is taken at their word', async () => {
    const good = server({ testCommand: ['true'], startCommand: ['true'], aliveCommand: ['true'] });
    expect(await good.testConfig()).toEqual({ ok: true });
    expect(await good.reload()).toEqual({ ok: true });
    expect(await good.start()).toEqual({ ok: true });
    expect(await good.liveness()).toMatchObject({ isAlive: true, masterPid: null });
    expect(await good.readSites()).toEqual([]);
  });

  test.each<[string, Partial<WebServerSettings>, string]>([
    ['what it says', { testCommand: sh('echo fine; echo "line 3: no" >&2; exit 1') }, 'line 3: no'],
    ['how it ended when it says nothing', { testCommand: ['false'] }, 'false ended with code 1'],
    [
      'that it cannot be started',
      { testCommand: ['/no/such/program'] },
      '/no/such/program could not be started: there is no such program',
    ],
    [
      'that it hangs',
      { testCommand: ['sleep', '300'], timeoutMs: 1000 },
      'sleep 300 did not end within 1 seconds',
    ],
  ])('tells of a command that fails: %s', async (_, more, why) => {
    expect(await server(more).testConfig()).toEqual({ ok: false, why });
  });

  test('passes every test where none is set, and nobody knows whether it lives', async () => {
    expect(await server({}).testConfig()).toEqual({ ok: true });
    expect((await server({}).liveness()).isAlive).toBeNull();
    expect((await server({ aliveCommand: ['false'] }).liveness()).isAlive).toBe(false);
    expect(await server({}).start()).toEqual({
      ok: false,
      why: 'no command is set that starts it (webServer.startCommand)',
    });
  });
});
