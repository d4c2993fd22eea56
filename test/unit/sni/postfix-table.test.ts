import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { PostfixForm } from '../../../src/adapters/sni/postfix-form.js';
import { TextTable } from '../../../src/adapters/sni/text-table.js';
import { runCommand } from '../../../src/adapters/system/exec.js';
import { parseHostName } from '../../../src/core/domain/name/names.js';
import type { NameOffer } from '../../../src/core/sni/offer.js';
import { scratchTree } from '../../support/scratch.js';

/** Answers as `postconf -h` and makes as `postmap -F` what Postfix 3.7 does: `.db` beside the source, as closed as that. */
const PROGRAM = `#!/bin/sh
case "$1 $2 $3" in
  "postconf -h default_database_type") echo "$DATABASE" ;;
  "postconf -x -h") echo "$MAPS" ;;
  "postmap -F "*) [ -z "$FAULT" ] || { echo "$FAULT" >&2; exit 1; }; umask 077; cp "\${3#*:}" "\${3#*:}.db" ;;
esac
`;

describe('Postfix’s table', () => {
  let scratch: ReturnType<typeof scratchTree>;
  let table: TextTable;
  let environment: Record<string, string>;
  const offers = (pair: string): readonly NameOffer[] => [
    { name: parseHostName('a.test'), source: parseHostName('a.test'), pair: pair.repeat(32) },
  ];
  const files = (): readonly string[] => readdirSync(scratch.tree.sni());

  beforeEach(() => {
    scratch = scratchTree();
    const program = join(scratch.root, 'postfix');
    writeFileSync(program, PROGRAM);
    chmodSync(program, 0o755);
    environment = { DATABASE: 'hash', MAPS: '', FAULT: '' };
    const form = new PostfixForm({
      output: async (argv) => {
        const { exitCode, stdout, stderr } = await runCommand(argv, { timeoutMs: 10_000, environment });
        return exitCode === 0 ? stdout : { fault: stderr.trim() };
      },
      postconf: [program, 'postconf'],
      postmap: [program, 'postmap'],
      folder: join(scratch.tree.sni(), 'pairs'),
    });
    table = new TextTable(scratch.tree, join(scratch.tree.sni(), 'postfix'), form);
  });
  afterEach(() => scratch.remove());

  test('is a source and a database that nobody but root may read', async () => {
    expect(await table.holds(offers('1'))).toBe(false);
    await table.write(offers('1'));
    await table.settle();
    expect(files()).toEqual(['postfix', 'postfix.db']);
    for (const name of files()) expect(statSync(join(scratch.tree.sni(), name)).mode & 0o777).toBe(0o600);
    expect(await table.holds(offers('1'))).toBe(true);
    expect(await table.holds(offers('2'))).toBe(false);
    expect(await table.holds(null)).toBe(false);
    expect([...(await table.pairs())]).toEqual(['1'.repeat(32)]);
  });

  test('is made again when its database is gone or older than its source', async () => {
    await table.write(offers('1'));
    await table.settle();
    writeFileSync(table.path, readFileSync(table.path));
    expect(await table.holds(offers('1'))).toBe(false);
  });

  test('is kept, empty, where nothing is to be offered any more, and never made for that', async () => {
    expect(await table.holds(null)).toBe(true);
    await table.write(offers('1'));
    await table.write(null);
    await table.settle();
    expect(readFileSync(`${table.path}.db`, 'utf8')).not.toContain('a.test');
    expect(await table.holds(null)).toBe(true);
    expect(await table.holds([])).toBe(true);
  });

  test('is what it was when postmap fails', async () => {
    await table.write(offers('1'));
    await table.settle();
    environment['FAULT'] = 'postmap: fatal: unsupported dictionary type';
    await expect(table.write(offers('2'))).rejects.toThrow('unsupported dictionary type');
    environment['FAULT'] = '';
    await table.restore();
    expect(files()).toEqual(['postfix', 'postfix.db']);
    expect(await table.holds(offers('1'))).toBe(true);
  });

  test('is what it was after a crash between two writes, however often that is tried', async () => {
    await table.write(offers('1'));
    await table.settle();
    await table.write(offers('2'));
    await table.write(offers('3'));
    expect(await table.isLeft()).toBe(true);
    expect([...(await table.pairs())].sort()).toEqual(['1'.repeat(32), '3'.repeat(32)]);
    await table.restore();
    expect(await table.holds(offers('1'))).toBe(true);
  });

  test('is empty when the very first one is put back', async () => {
    await table.write(offers('1'));
    await table.restore();
    expect(await table.holds([])).toBe(true);
    expect(existsSync(`${table.path}.former`)).toBe(false);
  });

  test.each([
    ['hash:PATH', true],
    ['lmdb:/etc/postfix/sni, hash:PATH', true],
    ['', false],
    ['hash:PATH.db', false],
    ['hash:/etc/postfix/sni', false],
  ])('is named by %j: %s', async (maps, isNamed) => {
    environment['MAPS'] = maps.replace('PATH', table.path);
    expect(await table.isNamed()).toBe(isNamed);
  });

  test('is not made of a type that is none', async () => {
    environment['DATABASE'] = '../x y';
    await expect(table.write(offers('1'))).rejects.toThrow('postmap cannot make');
    mkdirSync(scratch.tree.sni(), { recursive: true });
    expect(files().filter((name) => name.includes('tmp'))).toEqual([]);
  });
});
