import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { LinkTable } from '../../../src/adapters/sni/link-table.js';
import { PairFolder } from '../../../src/adapters/sni/pair-folder.js';
import { OPEN_FOLDER } from '../../../src/adapters/sni/sni-folder.js';
import { parseHostName } from '../../../src/core/domain/name/names.js';
import type { NameOffer } from '../../../src/core/sni/offer.js';
import { type PairText, pairId } from '../../../src/core/sni/pair-text.js';
import { scratchTree } from '../../support/scratch.js';

const offerOf = (name: string, text: string): NameOffer => ({
  name: parseHostName(name),
  source: parseHostName(name),
  pair: pairId(text),
});

describe('the pairs that daemons are given', () => {
  let scratch: ReturnType<typeof scratchTree>;
  let lying: Map<string, string>;
  const folderOf = (keyGroup: number | null): PairFolder =>
    new PairFolder({
      tree: scratch.tree,
      keyGroup,
      readPair: (name): PairText | null => {
        const text = lying.get(name);
        if (text === undefined) return null;
        return { id: pairId(text), text, bytes: text.length, notBefore: new Date(0), notAfter: new Date(1) };
      },
    });
  const fileOf = (text: string): string => join(scratch.tree.sni(), 'pairs', `${pairId(text)}.pem`);

  beforeEach(() => {
    scratch = scratchTree();
    lying = new Map([
      ['a.test', 'A'],
      ['mail.a.test', 'A'],
      ['b.test', 'B'],
    ]);
  });
  afterEach(() => scratch.remove());

  test('lie there once each, closed to all but root', async () => {
    const folder = folderOf(null);
    const offers = [offerOf('a.test', 'A'), offerOf('mail.a.test', 'A'), offerOf('b.test', 'B')];
    expect(folder.hold(offers)).toBe(false);
    expect([...(await folder.place(offers))].sort()).toEqual([pairId('A'), pairId('B')].sort());
    expect(folder.hold(offers)).toBe(true);
    expect(readFileSync(fileOf('A'), 'utf8')).toBe('A');
    expect(statSync(fileOf('A')).mode & 0o7777).toBe(0o600);
    expect(statSync(folder.path).mode & 0o7777).toBe(0o700);
    expect(readdirSync(folder.path)).toHaveLength(2);
  });

  test('are opened to a group that comes later, and closed again', async () => {
    const offers = [offerOf('a.test', 'A')];
    await folderOf(null).place(offers);
    const open = folderOf(process.getgid?.() ?? 0);
    expect(open.hold(offers)).toBe(false);
    await open.place(offers);
    expect(statSync(fileOf('A')).mode & 0o7777).toBe(0o640);
    expect(open.hold(offers)).toBe(true);
    expect(folderOf(null).hold(offers)).toBe(false);
    await folderOf(null).place(offers);
    expect(statSync(fileOf('A')).mode & 0o7777).toBe(0o600);
  });

  test('are not put there when another one lies under the name by now', async () => {
    lying.set('a.test', 'other');
    expect([...(await folderOf(null).place([offerOf('a.test', 'A')]))]).toEqual([]);
    expect(existsSync(fileOf('other'))).toBe(false);
  });

  test('are written anew when they are empty, and removed when nobody names them; nothing else is', async () => {
    const folder = folderOf(null);
    const offers = [offerOf('a.test', 'A'), offerOf('b.test', 'B')];
    await folder.place(offers);
    writeFileSync(fileOf('A'), '');
    expect(folder.hold(offers)).toBe(false);
    await folder.place(offers);
    expect(readFileSync(fileOf('A'), 'utf8')).toBe('A');
    writeFileSync(join(folder.path, 'note'), '');
    await folder.retain(new Set([pairId('A')]));
    expect(readdirSync(folder.path).sort()).toEqual([`${pairId('A')}.pem`, 'note'].sort());
  });

  test('need no folder to be none', async () => {
    const folder = folderOf(null);
    expect(folder.hold([])).toBe(true);
    await folder.retain(new Set());
    expect(existsSync(scratch.tree.sni())).toBe(false);
  });
});

describe('links by name', () => {
  let scratch: ReturnType<typeof scratchTree>;
  let table: LinkTable;
  const offers = [offerOf('a.test', 'A'), offerOf('*.a.test', 'B')];

  beforeEach(() => {
    scratch = scratchTree();
    const path = join(scratch.tree.sni(), 'exim');
    table = new LinkTable({ tree: scratch.tree, path, attributes: OPEN_FOLDER, isNamed: async () => true });
  });
  afterEach(() => scratch.remove());

  test('are those of the names, and are seen when anything differs', async () => {
    expect(await table.holds(null)).toBe(true);
    expect(await table.holds([])).toBe(false);
    await table.write(offers);
    expect(await table.holds(offers)).toBe(true);
    expect(readdirSync(table.path).sort()).toEqual(['_wildcard_.a.test', 'a.test']);
    expect([...(await table.pairs())].sort()).toEqual([pairId('A'), pairId('B')].sort());
    expect(await table.holds(offers.slice(1))).toBe(false);
    chmodSync(table.path, 0o700);
    expect(await table.holds(offers)).toBe(false);
    await table.write(offers);
    rmSync(join(table.path, 'a.test'));
    writeFileSync(join(table.path, 'a.test'), 'somebody’s file');
    expect(await table.holds(offers)).toBe(false);
    await table.write(offers);
    expect(await table.holds(offers)).toBe(true);
  });

  test('go with their names; the folder stays', async () => {
    await table.write(offers);
    await table.write(null);
    expect(readdirSync(table.path)).toEqual([]);
    expect(await table.holds(null)).toBe(true);
    expect(await table.holds([])).toBe(true);
  });
});
