import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { TemplateFolder } from '../../src/adapters/notice-templates/template-folder.js';
import { FileMetadata } from '../../src/adapters/store/choices/metadata.js';
import { FileNoticeMemory } from '../../src/adapters/store/notices/told-notices.js';
import type { Tree } from '../../src/adapters/system/tree.js';
import type { ToldAccount } from '../../src/core/notice/told/told-record.js';
import type { NoticeMemory } from '../../src/runs/ports/notices.js';
import { MemoryNoticeMemory } from '../support/notice-rig.js';
import { scratchTree } from '../support/scratch.js';

const removals: (() => void)[] = [];
afterEach(() => {
  for (const remove of removals.splice(0)) remove();
});
const aTree = (): Tree => {
  const { tree, remove } = scratchTree();
  removals.push(remove);
  return tree;
};

const TOLD: ToldAccount = {
  account: 'alice',
  tellings: 3,
  toldAt: '2026-06-15T12:00:00.000Z',
  administratorsFullAt: '2026-06-18T12:00:00.000Z',
  entries: [
    {
      audience: 'user',
      vhost: 'shop.test',
      matter: 'deferral',
      kind: 'notify_autossl_expiry_coverage',
      situation: '0123456789abcdef',
      urgency: 'late',
      serial: null,
      names: ['a.test'],
      since: '2026-06-01T12:00:00.000Z',
      mentionedAt: '2026-06-15T12:00:00.000Z',
      isKnown: false,
      fullAt: '2026-06-29T12:00:00.000Z',
      backAt: '2026-06-14T12:00:00.000Z',
      goneAt: '2026-06-15T12:00:00.000Z',
      returns: 2,
    },
  ],
};

describe.each([
  ['in files', () => new FileNoticeMemory(aTree())],
  ['in memory', () => new MemoryNoticeMemory()],
] as const)('what was told, %s', (_where, make: () => NoticeMemory) => {
  test('is read as it was written, and gone once removed', async () => {
    const memory = make();
    expect(await memory.accounts()).toEqual([]);
    expect(await memory.read('alice')).toBeUndefined();
    await memory.write('alice', TOLD);
    expect(await memory.read('alice')).toEqual(TOLD);
    expect(await memory.accounts()).toEqual(['alice']);
    await memory.write('alice', null);
    await memory.write('alice', null);
    expect(await memory.read('alice')).toBeUndefined();
  });
});

describe('what was told, in files', () => {
  test('of a newer version is refused, and not overwritten', async () => {
    const tree = aTree();
    const memory = new FileNoticeMemory(tree);
    mkdirSync(tree.toldNotices(), { recursive: true });
    writeFileSync(join(tree.toldNotices(), 'alice.json'), '{"schemaVersion":2}');
    await expect(memory.read('alice')).rejects.toMatchObject({ code: 'CORRUPT_RECORD' });
    await expect(memory.write('alice', TOLD)).rejects.toMatchObject({ code: 'CORRUPT_RECORD' });
  });

  test('when damaged is kept beside the new one', async () => {
    const tree = aTree();
    const memory = new FileNoticeMemory(tree);
    mkdirSync(tree.toldNotices(), { recursive: true });
    writeFileSync(join(tree.toldNotices(), 'alice.json'), '{');
    await expect(memory.read('alice')).rejects.toMatchObject({ code: 'CORRUPT_RECORD' });
    await memory.write('alice', TOLD);
    expect(readdirSync(tree.toldNotices())).toEqual(['alice.json', 'alice.json.damaged']);
  });

  test('of what is no account reaches no path', async () => {
    await expect(new FileNoticeMemory(aTree()).write('../x', TOLD)).rejects.toMatchObject({
      code: 'BAD_NAME',
    });
  });
});

describe('an administrator’s templates', () => {
  const withFile = (tree: Tree, name: string, text: string, mode = 0o644): string => {
    mkdirSync(tree.noticeTemplates(), { recursive: true, mode: 0o755 });
    const path = join(tree.noticeTemplates(), name);
    writeFileSync(path, text, { mode });
    return path;
  };

  test('are read where there are any', async () => {
    const tree = aTree();
    const folder = new TemplateFolder(tree);
    expect(await folder.read('user')).toEqual({ texts: {}, refused: [] });
    withFile(tree, 'user.subject', 'S {{summary}}\n');
    withFile(tree, 'administrator.html', '<p>');
    expect(await folder.read('user')).toEqual({ texts: { subject: 'S {{summary}}\n' }, refused: [] });
    expect(await folder.read('administrator')).toEqual({ texts: { html: '<p>' }, refused: [] });
  });

  test('are refused when others may write them, when they are links, and when they are too long', async () => {
    const tree = aTree();
    const other = withFile(tree, 'other', 'x');
    symlinkSync(other, join(tree.noticeTemplates(), 'user.subject'));
    withFile(tree, 'user.html', 'x'.repeat(70_000));
    withFile(tree, 'user.text', 'x');
    const { chmodSync } = await import('node:fs');
    chmodSync(join(tree.noticeTemplates(), 'user.text'), 0o666);
    const { texts, refused } = await new TemplateFolder(tree).read('user');
    expect(texts).toEqual({});
    expect(refused).toEqual([
      expect.stringContaining('is a link'),
      expect.stringContaining('may be written by others'),
      expect.stringContaining('larger than 65536 bytes'),
    ]);
  });
});

test('chosen are the keys that stand in autossl.json', async () => {
  const tree = aTree();
  const metadata = new FileMetadata(tree);
  expect(await metadata.readChosen()).toEqual(new Map());
  await metadata.set('notify_autossl_renewal_user', false);
  expect(await metadata.readChosen()).toEqual(new Map([['notify_autossl_renewal_user', false]]));
});
