import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { FileZoneAdditions } from '../../../src/adapters/store/zones/additions.js';
import { buildPrograms, runBin } from '../../support/bin-program.js';
import { scratchTree } from '../../support/scratch.js';

const scratch = scratchTree();
const caa = (...words: string[]) => runBin('autossl', ['caa', ...words], scratch.root);

beforeAll(() => buildPrograms());
afterAll(() => scratch.remove());

test('autossl caa tells what was added, and what cannot be taken back', async () => {
  expect(await caa('list')).toMatchObject({ exitCode: 0, stdout: 'No CAA record was added.\n' });
  expect(await caa('undo', '--all')).toMatchObject({
    exitCode: 0,
    stdout: 'There is nothing to take back.\n',
  });
  expect((await caa('undo')).exitCode).toBe(2);
  expect((await caa('undo', '--all', 'example.com')).exitCode).toBe(2);
  expect((await caa('undo', 'example.com')).exitCode).toBe(2);

  const { id } = await new FileZoneAdditions(scratch.tree).write({
    name: 'example.com',
    type: 'CAA',
    value: '0 issue "ca.test"',
    zone: 'example.com',
    editor: 'nsupdate\u001b[2J',
    account: 'alice',
    vhost: 'example.com',
    why: 'another CA alone is permitted',
    at: '2026-06-01T00:00:00.000Z',
    state: 'added',
    undoneAt: null,
  });
  expect((await caa('list')).stdout).toBe(
    `${id}\n  example.com. CAA 0 issue "ca.test"\n  added 2026-06-01T00:00:00.000Z, zone example.com, for example.com\n`,
  );
  expect(JSON.parse((await caa('list', '--json')).stdout)).toMatchObject({
    schemaVersion: 1,
    additions: [{ id, state: 'added' }],
  });
  const undone = await caa('undo', 'Example.COM.');
  expect(undone).toMatchObject({
    exitCode: 1,
    stdout: `${id} is still there: this server edits no zones now\n  example.com. CAA 0 issue "ca.test"\n`,
  });
  expect((await caa('forget', id)).exitCode).toBe(2);
});
