import { describe, expect, test } from '@jest/globals';
import { type FreeRoom, lackOfRoom, roomNeeded } from '../../../src/core/plan/room/room.js';
import { hostWithCa, manySites, runCheck } from '../../support/check-run.js';

const PLENTY: FreeRoom = { folder: '/var/cpanel/ssl/autossl', bytes: 2 ** 40, inodes: 2 ** 30 };

describe('the room that planned work needs', () => {
  test('nothing planned needs nothing', () => {
    expect(
      lackOfRoom(roomNeeded({ websites: 0, names: 0 }), [{ ...PLENTY, bytes: 0, inodes: 0 }]),
    ).toBeNull();
  });

  test('grows with websites and names', () => {
    const one = roomNeeded({ websites: 1, names: 3 });
    const more = roomNeeded({ websites: 100, names: 300 });
    expect(more.bytes).toBeGreaterThan(one.bytes);
    expect(more.inodes).toBeGreaterThan(one.inodes);
  });

  test.each<[string, Partial<FreeRoom>, string | null]>([
    ['plenty is enough', {}, null],
    ['no limit of files is enough', { inodes: null }, null],
    [
      'a megabyte is not',
      { bytes: 1024 * 1024 },
      '1.0 MiB are free for /var/cpanel/ssl/autossl, and the planned work may need 4.2',
    ],
    [
      'ten files are not',
      { inodes: 10 },
      '10 more files can be made in /var/cpanel/ssl/autossl, and the planned work may need 157',
    ],
  ])('%s', (_, room, lack) => {
    const needed = roomNeeded({ websites: 1, names: 3 });
    expect(lackOfRoom(needed, [PLENTY, { ...PLENTY, ...room }])).toBe(lack);
  });
});

describe('a run without room', () => {
  test('orders nothing, ends with 3’s error, and says where', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', manySites(3));
    host.rooms = [{ ...PLENTY, bytes: 1000 }];
    await expect(runCheck(host)).rejects.toMatchObject({
      code: 'NO_SPACE',
      message: expect.stringContaining('nothing is ordered'),
    });
    expect(ca.ordered).toEqual([]);
    host.rooms = [PLENTY];
    expect(await runCheck(host)).toMatchObject({ exitCode: 0, counts: { installed: 3 } });
  });

  test('that has nothing to order does not mind', async () => {
    const { host } = hostWithCa();
    host.account('alice', [['a.test']]);
    host.certificate('a.test', ['a.test']);
    host.rooms = [{ ...PLENTY, bytes: 0, inodes: 0 }];
    expect(await runCheck(host)).toMatchObject({ exitCode: 0 });
  });
});
