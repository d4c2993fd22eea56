import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from '@jest/globals';
import { FileUserFiles } from '../../../src/adapters/accounts/user-files.js';
import { withValues } from '../../../src/adapters/accounts/writer/account-writer-lines.js';
import { parseAccountName } from '../../../src/core/domain/account/account-name.js';
import { UsageError } from '../../../src/core/domain/autossl-error.js';
import { overrideFeatures } from '../../../src/runs/manage/features.js';
import { aTree, type BuiltTree } from '../../support/tree-builder.js';

const TEXT = '# Do not modify\nDNS=a.test\nIP=192.0.2.1\nUSER=alice\n';

describe('a users file with other values', () => {
  test.each<[string, Record<string, string | null>, string]>([
    [
      'a new key comes where keys are sorted',
      { FOO: '1' },
      '# Do not modify\nDNS=a.test\nFOO=1\nIP=192.0.2.1\nUSER=alice\n',
    ],
    ['the last one last', { ZZZ: '1' }, `${TEXT}ZZZ=1\n`],
    ['a present one keeps its place', { IP: '::1' }, '# Do not modify\nDNS=a.test\nIP=::1\nUSER=alice\n'],
    ['null takes it away', { IP: null }, '# Do not modify\nDNS=a.test\nUSER=alice\n'],
    ['taking away what is not there changes nothing', { NONE: null }, TEXT],
    ['a comment is no key', { '# Do not modify': null }, TEXT],
  ])('%s', (_, values, expected) => {
    expect(withValues(TEXT, new Map(Object.entries(values)))).toBe(expected);
  });

  test('of a key that stands there twice one line is left', () => {
    expect(withValues('A=1\nB=2\nA=3\n', new Map([['A', '4']]))).toBe('A=4\nB=2\n');
  });
});

describe('the feature of an account', () => {
  let built: BuiltTree;
  afterEach(() => built.cleanUp());
  const alice = parseAccountName('alice');
  const path = '/var/cpanel/users/alice';

  test('is overridden, and follows the list again; unknown lines, mode and owner stay', async () => {
    built = aTree().file(path, `${TEXT}X-PLUGIN=kept=as it is\n`, 0o640).build();
    const files = new FileUserFiles(built.tree);
    await overrideFeatures('alice', new Map([['autossl', false]]), files);
    expect((await files.read(alice))?.get('FEATURE-AUTOSSL')).toBe('0');
    expect(statSync(built.path(path)).mode & 0o777).toBe(0o640);
    await overrideFeatures('alice', new Map([['autossl', null]]), files);
    expect(readFileSync(built.path(path), 'utf8')).toBe(`${TEXT}X-PLUGIN=kept=as it is\n`);
  });

  test('of a file with other bytes than UTF-8 is refused, and no byte is lost', async () => {
    built = aTree().file(path, TEXT).build();
    const bytes = Buffer.concat([Buffer.from(TEXT), Buffer.from([0x58, 0x3d, 0xff, 0xe9, 0x0a])]);
    writeFileSync(built.path(path), bytes);
    const change = overrideFeatures('alice', new Map([['autossl', true]]), new FileUserFiles(built.tree));
    await expect(change).rejects.toThrow('no UTF-8');
    expect(readFileSync(built.path(path)).equals(bytes)).toBe(true);
  });

  test.each<[string, string, string]>([
    ['of an account that there is not', 'bob', 'autossl'],
    ['that there is not', 'alice', 'autosl'],
    ['of a path', '../alice', 'autossl'],
  ])('%s is refused, and nothing is changed', async (_, user, feature) => {
    built = aTree().file(path, TEXT).build();
    await expect(
      overrideFeatures(user, new Map([[feature, true]]), new FileUserFiles(built.tree)),
    ).rejects.toThrow(UsageError);
    expect(readFileSync(built.path(path), 'utf8')).toBe(TEXT);
  });
});
