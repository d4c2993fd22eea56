import { renameSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { fileMark, markOfFiles } from '../../../src/adapters/system/daemon/file-marks.js';
import { SitePairCheck } from '../../../src/adapters/system/daemon/site-pairs.js';
import type { ServerSite } from '../../../src/core/plan/served/server-site.js';
import { aCertificate } from '../../support/pki.js';
import { scratchTree } from '../../support/scratch.js';

const { root, remove } = scratchTree();
afterAll(remove);
const good = aCertificate({ names: ['a.test'] });
const mismatched = good.keyPem + aCertificate({ names: ['b.test'] }).chainPem;

function siteWith(path: string): ServerSite {
  return {
    server: 'apache',
    names: ['a.test'],
    isDefault: true,
    listens: [{ address: '*', port: 443, isTls: true, isDefault: true, wantsProxyHeader: false }],
    certificates: [{ certificateFile: path, keyFile: path, isVariable: false }],
    documentRoot: null,
    file: '/etc/apache2/apache2.conf',
    line: 1,
  };
}

describe('the pairs of a server', () => {
  const path = join(root, 'combined');
  const refusal = {
    ok: false,
    why: `certificate and key in ${path} do not belong together (/etc/apache2/apache2.conf:1)`,
  };
  test.each<[string, (paths: Iterable<string>) => string | null, object]>([
    ['one that was good and is unchanged is not tried again', () => 'the same', { ok: true }],
    ['one of which nobody can tell is tried again', () => null, refusal],
    [
      'one that was changed is tried again',
      (paths) => [...paths].map((one) => statSync(one, { bigint: true }).ino).join(' '),
      refusal,
    ],
  ])('%s', (_, markOf, expected) => {
    const pairs = new SitePairCheck(markOf);
    writeFileSync(path, good.combined);
    expect(pairs.check([siteWith(path)])).toEqual({ ok: true });
    writeFileSync(`${path}.new`, mismatched);
    renameSync(`${path}.new`, path);
    expect(pairs.check([siteWith(path)])).toEqual(expected);
  });

  test('one that was refused is tried again whatever its file looks like', () => {
    const pairs = new SitePairCheck(() => 'the same');
    writeFileSync(path, mismatched);
    expect(pairs.check([siteWith(path)])).toEqual(refusal);
    writeFileSync(path, good.combined);
    expect(pairs.check([siteWith(path)])).toEqual({ ok: true });
  });
});

describe('the mark of a file', () => {
  const path = join(root, 'file');
  const later = () => Date.now() + 60_000;
  const changedBy = (change: () => void): boolean => {
    writeFileSync(path, 'one');
    const before = fileMark(path, later());
    expect(before).not.toBeNull();
    expect(fileMark(path, later())).toBe(before);
    change();
    return fileMark(path, later()) !== before;
  };

  test('is another one when the file was replaced, or grew', () => {
    const replace = (): void => {
      writeFileSync(`${path}.new`, 'one');
      renameSync(`${path}.new`, path);
    };
    expect(changedBy(replace)).toBe(true);
    expect(changedBy(() => writeFileSync(path, 'three'))).toBe(true);
  });

  test('is another one also when its time was put back', () => {
    writeFileSync(path, 'one');
    const { atime, mtime, ctimeMs } = statSync(path);
    const before = fileMark(path, later());
    // As soon as the file system's clock has gone on.
    do {
      writeFileSync(path, 'two');
      utimesSync(path, atime, mtime);
    } while (statSync(path).ctimeMs === ctimeMs);
    expect(fileMark(path, later())).not.toBe(before);
  });

  test('is none for a file that was changed a moment ago, will be, or is not there', () => {
    writeFileSync(path, 'one');
    const { ctimeMs } = statSync(path);
    expect(fileMark(path, ctimeMs + 1_000)).toBeNull();
    expect(fileMark(path, ctimeMs - 60_000)).toBeNull();
    expect(fileMark(path, ctimeMs + 3_000)).not.toBeNull();
    expect(fileMark(`${path}.absent`, later())).toBeNull();
  });

  test('of several is none when one has none', () => {
    const old = process.execPath;
    expect(markOfFiles([old, old])).not.toBeNull();
    expect(markOfFiles([old, `${path}.absent`])).toBeNull();
  });
});
