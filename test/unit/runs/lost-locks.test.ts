import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { updateAutosslJson } from '../../../src/adapters/store/choices/autossl-json.js';
import { openExclusions } from '../../../src/adapters/store/choices/exclusions.js';
import { FileRenewalInfo } from '../../../src/adapters/store/renewal/renewal-info-store.js';
import { parseAccountName } from '../../../src/core/domain/account/account-name.js';
import { StateError } from '../../../src/core/domain/autossl-error.js';
import { parseHostName } from '../../../src/core/domain/name/names.js';
import { LETS_ENCRYPT_LIMITS } from '../../../src/core/order/limits/published-limits.js';
import { changeDue } from '../../../src/runs/check/note-due.js';
import { fencedOrders } from '../../../src/runs/order/fenced-orders.js';
import { createOrderBrake } from '../../../src/runs/order/order-brake.js';
import type { OrderStore } from '../../../src/runs/ports/orders.js';
import { hostWithCa, runCheck } from '../../support/check-run.js';
import { fixedClock } from '../../support/fixed-clock.js';
import { MemoryDueIndex, MemoryLedger, MemoryLocks } from '../../support/memory-stores.js';
import { aFinding, noticeRig } from '../../support/notice-rig.js';
import { aTree, type BuiltTree } from '../../support/tree-builder.js';

const LOST = { code: 'LOCK_LOST' };
const NOW = '2026-06-01T00:00:00.000Z';
const lost = async (): Promise<void> => {
  throw new StateError('LOCK_LOST', 'the lock was taken from this run');
};
const locksWithout = (name: string): MemoryLocks => {
  const locks = new MemoryLocks();
  locks.lose(name);
  return locks;
};

describe('whose lock is gone writes nothing more', () => {
  test.each<keyof OrderStore>(['create', 'update', 'stageChain', 'remove'])(
    'to the order journal: %s',
    async (name) => {
      const orders = new Proxy({} as OrderStore, {
        get: () => {
          throw new Error(`not expected: ${name}`);
        },
      });
      const fenced = fencedOrders(orders, { assertHeld: lost });
      const call = fenced[name] as (...words: unknown[]) => Promise<unknown>;
      await expect(call('x', 'x')).rejects.toMatchObject(LOST);
    },
  );

  test('to the ledger', async () => {
    const ledger = new MemoryLedger();
    const limits = { newOrders: 5, published: LETS_ENCRYPT_LIMITS };
    const brake = createOrderBrake(ledger, 'LetsEncrypt', fixedClock(NOW), limits, (task) => task(lost));
    const order = {
      names: ['a.test'],
      isReplacing: false,
      wasCertified: false,
      hasFailedBefore: false,
      isEmergency: false,
    };
    await expect(brake.admit(order)).rejects.toMatchObject(LOST);
    await expect(brake.noteDown('no answer')).rejects.toMatchObject(LOST);
    await expect(brake.noteFailed('a.test')).rejects.toMatchObject(LOST);
    expect(ledger.records.size).toBe(0);
  });

  test('to the index of what is due', async () => {
    const due = new MemoryDueIndex();
    const website = { account: 'alice', vhost: 'a.test', dueAt: NOW, emergencyAt: null, logStartedAt: null };
    const change = changeDue({ due, locks: locksWithout('due-index') }, () => ({
      until: NOW,
      websites: [website],
    }));
    await expect(change).rejects.toMatchObject(LOST);
    expect(due.read().websites).toEqual([]);
  });

  test('of what people were told, and sends them nothing', async () => {
    const rig = noticeRig();
    (rig.host.locks as MemoryLocks).lose('telling');
    expect(await rig.run([aFinding('notify_autossl_expiry')])).toEqual([]);
    expect(rig.events.map(({ code }) => code)).toEqual(['NOTICES_FAILED']);
    expect(rig.memory.records.size).toBe(0);
  });
});

describe('whose lock is broken while it reads leaves the file as it was', () => {
  let built: BuiltTree;
  beforeEach(() => {
    built = aTree()
      .account('alice', { domain: 'a.test' })
      .file('/var/cpanel/autossl.json', '{"provider":"LocalCA"}', 0o600)
      .file('/var/cpanel/ssl/autossl/excludes/alice.json', '{"excluded_domains":[]}', 0o600)
      .build();
  });
  afterEach(() => built.cleanUp());
  const breakLocks = (): void => rmSync(join(built.tree.locks()), { recursive: true });
  const read = (documented: string): string => readFileSync(built.path(documented), 'utf8');

  test('autossl.json', async () => {
    const change = updateAutosslJson(built.tree, (json) => {
      breakLocks();
      json['x'] = 1;
    });
    await expect(change).rejects.toMatchObject(LOST);
    expect(read('/var/cpanel/autossl.json')).toBe('{"provider":"LocalCA"}');
  });

  test('a list of exclusions', async () => {
    const change = openExclusions(built.tree).change(
      parseAccountName('alice'),
      'user',
      new Date(NOW),
      (names) => {
        breakLocks();
        return [...names, parseHostName('www.a.test')];
      },
    );
    await expect(change).rejects.toMatchObject(LOST);
    expect(read('/var/cpanel/ssl/autossl/excludes/alice.json')).toBe('{"excluded_domains":[]}');
  });

  test('renewal information', async () => {
    const store = new FileRenewalInfo(built.tree, fixedClock(NOW), locksWithout('renewal-info'));
    const record = {
      account: 'alice',
      vhost: 'a.test',
      certificateId: 'AAAA.a',
      provider: 'CustomACME',
      directoryUrl: 'https://ca.test/dir',
      notBefore: new Date(NOW),
      notAfter: new Date(Date.parse(NOW) + 86_400_000),
      askAt: new Date(NOW),
      saidAt: null,
      failures: 0,
      info: null,
    };
    await expect(store.keep([record])).rejects.toMatchObject(LOST);
    expect(store.of('a.test', 'AAAA.a')).toBeNull();
  });
});

describe('a run whose own lock is taken from it', () => {
  test('orders nothing more, clears no problems and notes nothing that is due', async () => {
    const { host, ca } = hostWithCa();
    host.account('alice', [['a.test'], ['b.test']]);
    host.settings = { ...host.settings, concurrentOrders: 1 };
    const tidy = host.tidy.bind(host);
    host.tidy = async () => {
      await tidy();
      host.locks.lose('run');
    };
    await expect(runCheck(host)).rejects.toMatchObject(LOST);
    expect(ca.ordered).toEqual([]);
    expect(host.problems.records.size).toBe(0);
    expect(host.due.read().websites).toEqual([]);
    expect(host.logged.at(-1)).toMatchObject({ code: 'RUN_ENDED' });
  });
});
