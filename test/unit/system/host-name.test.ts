import { afterEach, describe, expect, test } from '@jest/globals';
import { readHostName } from '../../../src/adapters/system/host-name.js';
import { aTree, type BuiltTree } from '../../support/tree-builder.js';

let built: BuiltTree | undefined;
afterEach(async () => built?.cleanUp());

describe('the hostname of a private tree', () => {
  test.each([
    ['the first line', 'server.example.com\n', '', 'server.example.com'],
    ['the first line that is no comment', '# ours\n\n  server.example.com  \n', '', 'server.example.com'],
    ['a single label that nobody completes', 'server\n', '127.0.0.1 localhost\n', 'server'],
    [
      'completed by the hosts file',
      'server\n',
      '127.0.0.1 localhost\n192.0.2.1 server.example.com server\n',
      'server.example.com',
    ],
    [
      'completed by an alias of the line',
      'server\n',
      '127.0.1.1\tserver server.example.com # us\n',
      'server.example.com',
    ],
    [
      'not completed by another name of the line',
      'server\n',
      '127.0.1.1 mail.example.com server\n',
      'server',
    ],
    ['not completed by a comment', 'server\n', '# 127.0.1.1 server.example.com server\n', 'server'],
    ['nothing', '', '', ''],
    ['the beginning of what is no name', `${'a.'.repeat(5000)}\n`, '', 'a.'.repeat(150)],
    ['bytes, as they are read', Buffer.from([0xff, 0x2e, 0x41]), '', '\ufffd.A'],
  ])('is %s', async (_, hostname, hosts, expected) => {
    built = aTree().file('/etc/hostname', hostname).file('/etc/hosts', hosts).build();
    expect(await readHostName(built.tree)).toBe(expected);
  });

  test('is empty where there is no file', async () => {
    built = aTree().build();
    expect(await readHostName(built.tree)).toBe('');
  });
});
