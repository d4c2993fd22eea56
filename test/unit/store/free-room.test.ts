import { expect, test } from '@jest/globals';
import { readFreeRoom } from '../../../src/adapters/store/room/free-room.js';
import { aTree } from '../../support/tree-builder.js';

test('what is free is read also where no folder was made yet', async () => {
  const { tree, cleanUp } = aTree().build();
  const rooms = readFreeRoom(tree);
  expect(rooms.map(({ folder }) => folder)).toEqual([
    '/var/cpanel/ssl/autossl',
    '/var/cpanel/ssl/apache_tls',
    '/var/cpanel/ssl/domain_tls',
    '/var/cpanel/acme-challenge',
    '/var/cpanel/logs/autossl',
  ]);
  for (const { bytes, inodes } of rooms) {
    expect(bytes).toBeGreaterThan(0);
    expect(inodes === null || inodes > 0).toBe(true);
  }
  await cleanUp();
});
