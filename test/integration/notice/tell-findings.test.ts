import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { FileUserFiles } from '../../../src/adapters/accounts/user-files.js';
import { TemplateFolder } from '../../../src/adapters/notice-templates/template-folder.js';
import { FileOutbox } from '../../../src/adapters/notify/outbox/outbox.js';
import { FileMetadata } from '../../../src/adapters/store/choices/metadata.js';
import { FileNoticeMemory } from '../../../src/adapters/store/notices/told-notices.js';
import { FileLockKeeper } from '../../../src/adapters/system/locks/locks.js';
import type { OutgoingMessage } from '../../../src/core/notice/outgoing-message.js';
import { type NoticeHost, tellFindings } from '../../../src/runs/notice/tell-findings.js';
import { fixedClock } from '../../support/fixed-clock.js';
import { aFinding, aName, NOON } from '../../support/notice-rig.js';
import { scratchTree } from '../../support/scratch.js';

const removals: (() => void)[] = [];
afterEach(() => {
  for (const remove of removals.splice(0)) remove();
});

function aServer() {
  const { tree, remove } = scratchTree();
  removals.push(remove);
  mkdirSync(tree.users(), { recursive: true });
  writeFileSync(
    join(tree.users(), 'alice'),
    'USER=alice\nDNS=shop.test\nOWNER=ress\nCONTACTEMAIL=alice@shop.test\nnotify_autossl_renewal=0\n',
  );
  writeFileSync(join(tree.users(), 'ress'), 'USER=ress\nDNS=ress.test\nCONTACTEMAIL=r@ress.test\n');
  const clock = fixedClock(NOON);
  const host: NoticeHost = {
    memory: new FileNoticeMemory(tree),
    outbox: new FileOutbox(tree, clock),
    metadata: new FileMetadata(tree),
    userFiles: new FileUserFiles(tree),
    templates: new TemplateFolder(tree),
    locks: new FileLockKeeper(tree),
    clock,
    hostname: 'host.example.net',
    settings: { repeat: 'weekly', serviceNames: false, to: 'root', foreignExpiry: true },
  };
  const scope = { kind: 'all', except: new Set<string>(), unsettled: new Set<string>() } as const;
  const waiting = () =>
    readdirSync(tree.outbox()).map(
      (file) =>
        (JSON.parse(readFileSync(join(tree.outbox(), file), 'utf8')) as { message: OutgoingMessage }).message,
    );
  return {
    tree,
    host,
    scope,
    waiting,
    tell: (findings: Parameters<typeof tellFindings>[0]) => tellFindings(findings, scope, host),
  };
}

const deferral = aFinding('notify_autossl_expiry_coverage', { names: [aName('a.shop.test')], daysLeft: 60 });

test('on disk: owner, reseller and root are told once, then that it is over, and nothing else', async () => {
  const { tell, waiting, tree } = aServer();
  expect(await tell([deferral])).toMatchObject([{ code: 'NOTICES_QUEUED', data: { count: 3 } }]);
  expect(
    waiting()
      .map(({ to }) => to)
      .sort(),
  ).toEqual(['alice@shop.test', 'r@ress.test', 'root']);
  expect(await tell([deferral])).toEqual([]);
  expect(waiting()).toHaveLength(3);
  expect(await tell([])).toMatchObject([{ code: 'NOTICES_QUEUED', data: { count: 3 } }]);
  expect(await tell([])).toEqual([]);
  expect(readdirSync(tree.toldNotices())).toEqual(['alice.json']);
});

test('killed after the outbox and before the memory: the next run makes the same messages, and none waits twice', async () => {
  const { tell, waiting, tree } = aServer();
  await tell([deferral]);
  rmSync(tree.toldNotices(), { recursive: true });
  expect(await tell([deferral])).toEqual([]);
  expect(waiting()).toHaveLength(3);
  expect(readdirSync(tree.toldNotices())).toEqual(['alice.json']);
});

test('two runs at the same time tell it once', async () => {
  const { tell, waiting } = aServer();
  await Promise.all([tell([deferral]), tell([deferral])]);
  expect(waiting()).toHaveLength(3);
});

test('an owner’s preference holds until the administrator chooses', async () => {
  const renewal = (serial: string) =>
    aFinding('notify_autossl_renewal', {
      certificate: {
        serial,
        notBefore: new Date(NOON),
        notAfter: new Date('2026-09-13'),
        isSelfSigned: false,
      },
    });
  const { tell, waiting, host } = aServer();
  await tell([renewal('01')]);
  expect(waiting().map(({ audience }) => audience)).toEqual(['administrator', 'administrator']);
  await (host.metadata as FileMetadata).set('notify_autossl_renewal_user', true);
  await tell([renewal('02')]);
  expect(waiting().filter(({ audience }) => audience === 'user')).toHaveLength(1);
});

test('an administrator’s template is used when it is root’s, and told of when it is not', async () => {
  const { tell, waiting, tree } = aServer();
  const path = join(tree.noticeTemplates(), 'user.subject');
  mkdirSync(tree.noticeTemplates(), { recursive: true });
  writeFileSync(path, 'For {{account}}: {{summary}}\n', { mode: 0o644 });
  await tell([deferral]);
  expect(waiting().find(({ audience }) => audience === 'user')?.subject).toBe('For alice: 1 renewal waits');
  chmodSync(path, 0o666);
  expect(await tell([])).toContainEqual(expect.objectContaining({ code: 'NOTICE_TEMPLATE_REFUSED' }));
});

test('a memory that a newer version wrote is left alone, and costs that account its notices alone', async () => {
  const { tell, waiting, tree } = aServer();
  mkdirSync(tree.toldNotices(), { recursive: true });
  writeFileSync(join(tree.toldNotices(), 'alice.json'), '{"schemaVersion":9}');
  const ress = { ...deferral, account: 'ress', vhost: 'ress.test' };
  const events = await tell([deferral, ress]);
  expect(events).toContainEqual(
    expect.objectContaining({ code: 'NOTICES_FAILED', account: 'alice', type: 'warn' }),
  );
  expect(
    waiting()
      .map(({ to }) => to)
      .sort(),
  ).toEqual(['r@ress.test', 'root']);
  expect(readFileSync(join(tree.toldNotices(), 'alice.json'), 'utf8')).toBe('{"schemaVersion":9}');
});
