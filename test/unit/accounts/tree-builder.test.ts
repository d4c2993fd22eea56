import { readFileSync, statSync } from 'node:fs';
import { afterEach, describe, expect, test } from '@jest/globals';
import { openTree } from '../../../src/adapters/system/tree.js';
import { aTree, type BuiltTree } from '../../support/tree-builder.js';

let built: BuiltTree | undefined;
afterEach(() => built?.cleanUp());

describe('the tree that tests are given', () => {
  test('is one that root may be pointed at', () => {
    built = aTree().account('alice', { domain: 'alice.example' }).build();
    expect(openTree({ AUTOSSL_ROOT: built.root }, process.getuid?.() ?? 0).root).toBe(built.root);
  });

  test('has the documented rows for main, alias, addon and subdomain', () => {
    built = aTree()
      .account('alice', {
        domain: 'alice.example',
        aliases: ['alias.example'],
        addons: ['addon.example'],
        subs: ['shop.alice.example'],
      })
      .build();
    const row = readFileSync(built.path('/etc/userdatadomains'), 'utf8').split('\n')[2];
    expect(row).toBe(
      'addon.example: alice==root==addon==addon.alice.example==/home/alice/addon.example==192.0.2.10:80==192.0.2.10:443====0==',
    );
    expect(readFileSync(built.path('/etc/userdomains'), 'utf8').split('\n')).toEqual([
      '*: nobody',
      'alice.example: alice',
      'alias.example: alice',
      'addon.example: alice',
      'addon.alice.example: alice',
      'shop.alice.example: alice',
      '',
    ]);
    expect(statSync(built.path('/home/alice/shop.alice.example')).isDirectory()).toBe(true);
  });
});
