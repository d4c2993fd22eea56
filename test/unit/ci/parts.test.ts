import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { findProgram, isCi, missingOf, searchPath } from '../../../.ci/parts.mjs';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'autossl-parts-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});
const place = (name: string, mode = 0o755, text = '#!/bin/sh\nexit 0\n'): string => {
  const path = join(folder, name);
  writeFileSync(path, text, { mode });
  return path;
};

describe('a program is found', () => {
  test('on the path', () => {
    const path = place('some-daemon');
    expect(findProgram('some-daemon', { PATH: folder })).toBe(path);
  });
  test('not when it may not be executed, nor when it is a folder', () => {
    place('some-daemon', 0o644);
    mkdirSync(join(folder, 'other-daemon'));
    expect(findProgram('some-daemon', { PATH: folder })).toBeUndefined();
    expect(findProgram('other-daemon', { PATH: folder })).toBeUndefined();
  });
  test('where $PEBBLE says, and nowhere else then', () => {
    const path = place('my-pebble');
    expect(findProgram('pebble', { PATH: '', PEBBLE: path })).toBe(path);
    expect(findProgram('pebble', { PATH: folder, PEBBLE: '/nonexistent/pebble' })).toBeUndefined();
  });
});

test('a normal user’s path is extended by the folders of daemons, once', () => {
  expect(searchPath({ PATH: '/usr/bin:/usr/sbin' })).toBe('/usr/bin:/usr/sbin:/usr/local/sbin:/sbin');
});

test('a part of two programs is missing when one of them is', () => {
  const path = place('my-pebble');
  const environment = { PATH: '', PEBBLE: path, PEBBLE_CHALLTESTSRV: '/nonexistent/x' };
  expect(missingOf('pebble', environment)).toBe('pebble (package pebble)');
  expect(missingOf('pebble', { ...environment, PEBBLE_CHALLTESTSRV: path })).toBeUndefined();
});

test('a part that is there and cannot start is missing', () => {
  const path = place('my-pebble', 0o755, '#!/nonexistent/interpreter\n');
  expect(missingOf('pebble', { PATH: '', PEBBLE: path })).toBe(`pebble: ${path} does not start`);
});

test.each([
  ['true', true],
  ['1', true],
  ['woodpecker', true],
  ['false', false],
  ['0', false],
  ['', false],
])('CI=%s is CI: %s', (CI, expected) => {
  expect(isCi({ CI })).toBe(expected);
});
