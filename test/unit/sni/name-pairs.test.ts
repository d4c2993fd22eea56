import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { FileNamePairs } from '../../../src/adapters/sni/name-pairs.js';
import { parseHostName } from '../../../src/core/domain/name/names.js';
import { pairId } from '../../../src/core/sni/pair-text.js';
import { aCertificate } from '../../support/pki.js';
import { scratchTree } from '../../support/scratch.js';

const made = aCertificate({ names: ['a.test', 'mail.a.test', '*.a.test'] });
const other = aCertificate({ names: ['a.test', 'mail.a.test'] });

describe('the certificates under names', () => {
  let scratch: ReturnType<typeof scratchTree>;
  const place = (folder: string, text: string): string => {
    const path = join(scratch.tree.copies(), folder);
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'combined'), text, { mode: 0o600 });
    return join(path, 'combined');
  };
  /** Name and first digits of its pair; `-` without one. */
  const list = async (): Promise<readonly string[]> => {
    const names = new FileNamePairs(scratch.tree);
    const found = await names.list();
    await names.keep();
    return found.map(({ name, pair }) => `${name} ${pair?.id.slice(0, 6) ?? '-'}`);
  };
  const id = (text: string): string => pairId(text).slice(0, 6);

  beforeEach(() => {
    scratch = scratchTree();
  });
  afterEach(() => scratch.remove());

  test('are none where nothing was ever published', async () => {
    expect(await list()).toEqual([]);
  });

  test('are found under names and wildcards, and only where they are for that name', async () => {
    for (const folder of ['a.test', '_wildcard_.a.test', 'mail.a.test', 'b.test'])
      place(folder, made.combined);
    const pair = id(made.combined);
    expect(await list()).toEqual([`*.a.test ${pair}`, `a.test ${pair}`, 'b.test -', `mail.a.test ${pair}`]);
  });

  test.each([
    ['A.test'],
    ['.autossl-tmp-1-x'],
    ['a.test.'],
    ['a b.test'],
    ['a.test" {'],
    ['$(id).test'],
    ['localhost'],
    ['1.2.3.4'],
    ['_wildcard_.'],
    [`${'a'.repeat(60)}~0123`],
    ['a\nb.test'],
  ])('are not looked for in a folder called %j', async (folder) => {
    place(folder, made.combined);
    expect(await list()).toEqual([]);
  });

  test('are not read through links, which are somebody else’s', async () => {
    const path = place('a.test', made.combined);
    renameSync(path, `${path}.moved`);
    symlinkSync(`${path}.moved`, path);
    expect(await list()).toEqual([]);
  });

  test('are read again when they changed, and only then', async () => {
    const path = place('a.test', made.combined);
    expect(await list()).toEqual([`a.test ${id(made.combined)}`]);
    const indexed = JSON.parse(readFileSync(scratch.tree.sniIndex(), 'utf8'));
    const [mark] = indexed.names['a.test'];
    // Told of another certificate, it believes that as long as the file is the same.
    const told = [mark, 'f'.repeat(32), 0, 4_000_000_000, 4_000];
    writeFileSync(scratch.tree.sniIndex(), JSON.stringify({ ...indexed, names: { 'a.test': told } }));
    expect(await list()).toEqual(['a.test ffffff']);
    utimesSync(path, new Date(0), new Date(0));
    expect(await list()).toEqual([`a.test ${id(made.combined)}`]);
    writeFileSync(path, other.combined);
    expect(await list()).toEqual([`a.test ${id(other.combined)}`]);
    rmSync(path);
    expect(await list()).toEqual([]);
    expect(JSON.parse(readFileSync(scratch.tree.sniIndex(), 'utf8')).names).toEqual({});
  });

  test.each([
    ['is no JSON', 'x'],
    ['is of another version', '{"schemaVersion":3,"names":{"a.test":["x"]}}'],
    ['holds something else', '{"schemaVersion":2,"names":{"a.test":{"x":1},"b.test":["m",1,2,3]}}'],
    ['is null', 'null'],
  ])('are all read when the index %s', async (_, text) => {
    place('a.test', made.combined);
    mkdirSync(scratch.tree.index(), { recursive: true });
    writeFileSync(scratch.tree.sniIndex(), text);
    expect(await list()).toEqual([`a.test ${id(made.combined)}`]);
  });

  test('are forgotten where another one lies there than was thought', async () => {
    const path = place('a.test', made.combined);
    const names = new FileNamePairs(scratch.tree);
    await names.list();
    writeFileSync(path, other.combined);
    const found = names.readPair(parseHostName('a.test'), pairId(made.combined));
    expect(found?.id).toBe(pairId(other.combined));
    const [again] = await names.list();
    expect(again?.pair?.id).toBe(pairId(other.combined));
  });
});
