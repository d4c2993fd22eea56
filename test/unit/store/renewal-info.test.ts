import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { FileRenewalInfo } from '../../../src/adapters/store/renewal/renewal-info-store.js';
import type { RenewalRecord } from '../../../src/core/renewal/information/renewal-record.js';
import { fixedClock } from '../../support/fixed-clock.js';
import { MemoryLocks } from '../../support/memory-stores.js';
import { scratchTree } from '../../support/scratch.js';

const NOW = '2026-06-01T00:00:00.000Z';
const minutes = (count: number): Date => new Date(Date.parse(NOW) + count * 60_000);
const DAY = 24 * 60;

function aRecord(vhost: string, over: Partial<RenewalRecord> = {}): RenewalRecord {
  return {
    account: 'alice',
    vhost,
    certificateId: `AAAA.${vhost}`,
    provider: 'CustomACME',
    directoryUrl: 'https://ca.test/dir',
    notBefore: minutes(-DAY),
    notAfter: minutes(89 * DAY),
    askAt: minutes(360),
    saidAt: minutes(-120),
    failures: 0,
    info: {
      selectedAt: minutes(50 * DAY),
      windowStartAt: minutes(50 * DAY),
      windowEndAt: minutes(52 * DAY),
      firstSeenAt: minutes(0),
      explanationUrl: null,
    },
    ...over,
  };
}

describe('renewal information on disk', () => {
  let scratch: ReturnType<typeof scratchTree>;
  let clock: ReturnType<typeof fixedClock>;
  const open = (): FileRenewalInfo => new FileRenewalInfo(scratch.tree, clock, new MemoryLocks());
  const folder = (): string => scratch.tree.ari();
  beforeEach(() => {
    scratch = scratchTree();
    clock = fixedClock(NOW);
  });
  afterEach(() => scratch.remove());

  test('is read back by another process as it was kept', async () => {
    const records = [
      aRecord('a.test'),
      aRecord('b.test', { info: null, saidAt: null, failures: 3 }),
      aRecord('c.test', { unoffered: { since: minutes(-30), looks: 2 } }),
    ];
    await open().keep(records);
    const store = open();
    for (const record of records) expect(store.of(record.vhost, record.certificateId)).toEqual(record);
    expect(store.nextAskAt(minutes(0))).toEqual(minutes(360));
  });

  test('of a former certificate is nothing: it was replaced', async () => {
    const store = open();
    await store.keep([aRecord('a.test')]);
    expect(store.of('a.test', 'AAAA.other')).toBeNull();
    await store.keep([aRecord('a.test', { certificateId: 'AAAA.other' })]);
    expect(store.of('a.test', 'AAAA.a.test')).toBeNull();
    await store.forget([aRecord('a.test')]);
    expect(store.of('a.test', 'AAAA.other')).not.toBeNull();
  });

  test('of the server itself stands beside that of a website of the same name', async () => {
    const store = open();
    const own = aRecord('a.test', { account: '@server', certificateId: 'AAAA.own' });
    await store.keep([aRecord('a.test'), own]);
    expect(store.of('a.test', 'AAAA.a.test')).not.toBeNull();
    expect(store.of('@server/AAAA.own', 'AAAA.own')).toEqual(own);
    // Its services may have another one still, of which the CA said more.
    await store.keep([aRecord('a.test', { account: '@server', certificateId: 'AAAA.next' })]);
    expect(store.of('@server/AAAA.own', 'AAAA.own')).toEqual(own);
    expect(store.of('@server/AAAA.next', 'AAAA.next')).not.toBeNull();
  });

  test('is due when its instant has come, the longest waiting first, as many as asked for', async () => {
    await open().keep([
      aRecord('late.test', { askAt: minutes(-5) }),
      aRecord('later.test', { askAt: minutes(-1) }),
      aRecord('next.test', { askAt: minutes(1) }),
    ]);
    const names = (most: number, isForced = false): string[] =>
      open()
        .due(minutes(0), most, isForced)
        .map(({ vhost }) => vhost);
    expect(names(10)).toEqual(['late.test', 'later.test']);
    expect(names(1)).toEqual(['late.test']);
    expect(names(10, true)).toHaveLength(3);
  });

  test('is due, and first, where only a clock that was ahead can have written its instant', async () => {
    await open().keep([
      aRecord('ahead.test', { askAt: minutes(3 * DAY) }),
      aRecord('late.test', { askAt: minutes(-5) }),
      aRecord('next.test', { askAt: minutes(1) }),
    ]);
    const store = open();
    expect(store.nextAskAt(minutes(0))).toEqual(minutes(-5));
    expect(store.due(minutes(0), 10).map(({ vhost }) => vhost)).toEqual(['ahead.test', 'late.test']);
  });

  test('wakes the poller where nothing but such an instant stands', async () => {
    await open().keep([aRecord('ahead.test', { askAt: minutes(3 * DAY) })]);
    expect(open().nextAskAt(minutes(0))).toEqual(minutes(0));
  });

  test('goes when the certificate has expired', async () => {
    await open().keep([aRecord('a.test', { notAfter: minutes(10), askAt: minutes(5) })]);
    clock.set(minutes(20).toISOString());
    const store = open();
    expect(store.due(minutes(20), 10)).toEqual([]);
    await store.keep([aRecord('a.test', { notAfter: minutes(10) })]);
    expect(store.nextAskAt(minutes(0))).toBeNull();
  });

  test('what a process wrote meanwhile stays', async () => {
    const [one, other] = [open(), open()];
    // Websites of one file: both are read, then both written.
    const vhosts = Array.from({ length: 600 }, (_, nth) => `s${nth}.test`);
    await one.keep(vhosts.map((vhost) => aRecord(vhost)));
    other.of('s0.test', 'x');
    await one.keep([aRecord('s0.test', { failures: 1 })]);
    await other.keep(vhosts.slice(1).map((vhost) => aRecord(vhost, { failures: 2 })));
    expect(open().of('s0.test', 'AAAA.s0.test')?.failures).toBe(1);
  });

  test('a damaged file counts as empty, is told of once, and costs no other file', async () => {
    const vhosts = Array.from({ length: 50 }, (_, nth) => `s${nth}.test`);
    await open().keep(vhosts.map((vhost) => aRecord(vhost)));
    const file = readdirSync(folder()).find((name) =>
      readFileSync(join(folder(), name), 'utf8').includes('"s7.test"'),
    );
    writeFileSync(join(folder(), file ?? ''), '{"schemaVersion":1,"certificates":[{"vhost":');
    const store = open();
    const left = vhosts.filter((vhost) => store.of(vhost, `AAAA.${vhost}`) !== null);
    expect(left.length).toBeGreaterThan(40);
    expect(left).not.toContain('s7.test');
    expect(store.damaged()).toEqual([join(folder(), file ?? '')]);
    expect(store.damaged()).toEqual([]);
    await store.keep([aRecord('s7.test')]);
    expect(open().of('s7.test', 'AAAA.s7.test')).not.toBeNull();
  });

  test('the list of instants is made anew from the files where it is gone or damaged', async () => {
    await open().keep([aRecord('a.test', { askAt: minutes(7) }), aRecord('b.test')]);
    writeFileSync(join(folder(), 'next.json'), 'torn');
    expect(open().nextAskAt(minutes(0))).toEqual(minutes(7));
  });

  describe('of certificates that are called back', () => {
    const info = {
      ...{ selectedAt: minutes(-90), windowStartAt: minutes(-120), windowEndAt: minutes(-60) },
      ...{ firstSeenAt: minutes(0), explanationUrl: null },
    };
    const calledBack = (): string[] => {
      const found = open().calledBack(clock.now());
      return found.map(({ vhost }) => vhost).sort();
    };

    test('is found by any process until they are replaced or expire', async () => {
      await open().keep([aRecord('a.test'), aRecord('b.test', { info }), aRecord('c.test', { info })]);
      await open().keep([aRecord('d.test', { info, notAfter: minutes(10) })]);
      expect(calledBack()).toEqual(['b.test', 'c.test', 'd.test']);
      await open().keep([aRecord('b.test', { certificateId: 'AAAA.new', info: null })]);
      clock.set(minutes(20).toISOString());
      expect(calledBack()).toEqual(['c.test']);
    });

    test.each([
      ['gone', (path: string): void => rmSync(path)],
      ['of a former version', (path: string): void => writeFileSync(path, '{"schemaVersion":1,"askAt":{}}')],
    ])('is found where the list of files is %s', async (_, spoil) => {
      await open().keep([aRecord('a.test'), aRecord('b.test', { info })]);
      spoil(join(folder(), 'next.json'));
      expect(calledBack()).toEqual(['b.test']);
    });
  });

  test('of a server that never asked is nothing, and makes no folder', () => {
    expect(open().nextAskAt(minutes(0))).toBeNull();
    expect(open().of('a.test', 'x')).toBeNull();
    expect(existsSync(folder())).toBe(false);
  });

  test('all of a CA that were not asked about lately are asked about within half an hour, and no other CA’s', async () => {
    const vhosts = Array.from({ length: 60 }, (_, nth) => `s${nth}.test`);
    await open().keep(vhosts.map((vhost) => aRecord(vhost)));
    await open().keep([
      aRecord('fresh.test', { saidAt: minutes(-10) }),
      aRecord('ahead.test', { saidAt: minutes(5 * DAY) }),
      aRecord('else.test', { directoryUrl: 'https://other.test/dir' }),
    ]);
    await open().hasten('https://ca.test/dir', minutes(0));
    const store = open();
    const asked = [...vhosts, 'ahead.test'].map(
      (vhost) => store.of(vhost, `AAAA.${vhost}`)?.askAt.getTime() ?? 0,
    );
    expect(Math.max(...asked)).toBeLessThanOrEqual(minutes(30).getTime());
    expect(new Set(asked).size).toBeGreaterThan(30);
    for (const other of ['fresh.test', 'else.test'])
      expect(store.of(other, `AAAA.${other}`)?.askAt).toEqual(minutes(360));
  });
});
