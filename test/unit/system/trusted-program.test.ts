import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { distrustOf } from '../../../src/adapters/system/process/trusted-program.js';
import { scratchTree } from '../../support/scratch.js';

let scratch: ReturnType<typeof scratchTree>;
let program: string;
beforeEach(() => {
  scratch = scratchTree();
  mkdirSync(join(scratch.root, 'etc/hooks'), { recursive: true, mode: 0o755 });
  program = join(scratch.root, 'etc/hooks/pre');
  writeFileSync(program, '#!/bin/sh\n', { mode: 0o755 });
});
afterEach(() => scratch.remove());
/** Nobody else can give files away. */
const asRoot = process.getuid?.() === 0 ? test : test.skip;
const at = (path: string): string => join(scratch.root, path);

describe('a program that is to be run as ourselves', () => {
  test('is trusted when it and all above it are ours', () => {
    expect(distrustOf(program)).toBeUndefined();
  });

  test('is trusted below a folder with the sticky bit, where nobody can replace it', () => {
    chmodSync(at('etc'), 0o1777);
    expect(distrustOf(program)).toBeUndefined();
  });

  test.each<[string, () => void, string]>([
    ['its group may write it', () => chmodSync(program, 0o775), '/etc/hooks/pre” may be written by others'],
    ['everybody may write it', () => chmodSync(program, 0o757), '/etc/hooks/pre” may be written by others'],
    ['the sticky bit is on it', () => chmodSync(program, 0o1777), '/etc/hooks/pre” may be written by others'],
    ['others may write its folder', () => chmodSync(at('etc/hooks'), 0o777), '/etc/hooks” may be written'],
    ['a group may write a folder above', () => chmodSync(at('etc'), 0o775), '/etc” may be written by others'],
    ['nobody may execute it', () => chmodSync(program, 0o644), '/etc/hooks/pre” is not executable'],
  ])('is not trusted when %s', (_, spoil, why) => {
    spoil();
    expect(distrustOf(program)).toContain(`“${scratch.root}${why}`);
  });

  asRoot.each<[string, () => string]>([
    ['it', () => program],
    ['a folder above it', () => at('etc')],
  ])('is not trusted as root when %s is somebody else’s', (_, whose) => {
    execFileSync('chown', ['1', whose()]);
    expect(distrustOf(program)).toBe(`“${whose()}” belongs to uid 1, not to root`);
  });

  test.each([
    ['its file', 'etc/link', 'etc/hooks/pre', 'etc/link'],
    ['a folder above it', 'folder', 'etc/hooks', 'folder/pre'],
  ])('is not trusted when %s is a link, and the file itself is named', (_, link, target, named) => {
    symlinkSync(at(target), at(link));
    expect(distrustOf(at(named))).toBe(`“${at(link)}” is a link to “${at(target)}”; name the file itself`);
  });

  test.each([
    ['bin/true', 'is no absolute path'],
    ['/nonexistent/hook', 'does not exist'],
    ['/', 'is no file'],
    ['/etc/hostname/x', 'does not exist'],
  ])('is not trusted as %s', (path, why) => {
    expect(distrustOf(path)).toContain(why);
  });
});
