import { afterEach, describe, expect, test } from '@jest/globals';
import { FileReloadDebt } from '../../src/adapters/install/reload-debt.js';
import { FileIssuedStore } from '../../src/adapters/store/orders/issued.js';
import { FileLedger } from '../../src/adapters/store/orders/ledger.js';
import { FileOrderStore } from '../../src/adapters/store/orders/orders.js';
import { FileCertificateStore } from '../../src/adapters/store/publication/certificates.js';
import { FileDueIndex } from '../../src/adapters/store/records/due-index.js';
import { FileNameMemory } from '../../src/adapters/store/records/names.js';
import { FileProblemStore } from '../../src/adapters/store/records/problems.js';
import { FileServedStore } from '../../src/adapters/store/records/served.js';
import { openServiceCertificates } from '../../src/adapters/store/services/service-certificates.js';
import { FileLockKeeper } from '../../src/adapters/system/locks/locks.js';
import { StateError } from '../../src/core/domain/autossl-error.js';
import { parseHostName } from '../../src/core/domain/name/names.js';
import { SERVICE_NAMES } from '../../src/core/domain/service/service-name.js';
import type { NameRecord } from '../../src/core/order/name-record.js';
import type { OrderRecord } from '../../src/core/order/record.js';
import type { ServedRecord } from '../../src/core/plan/served/served-record.js';
import type { CertificateStore, FormerSets } from '../../src/runs/ports/certificates.js';
import type { ReloadDebt } from '../../src/runs/ports/installation.js';
import type { LockKeeper } from '../../src/runs/ports/locks.js';
import type { DueIndexStore, IssuedRecord, IssuedStore, OrderStore } from '../../src/runs/ports/orders.js';
import type {
  Ledger,
  NameMemory,
  ProblemRecord,
  ProblemStore,
  ServedStore,
} from '../../src/runs/ports/records.js';
import { fakeKeyMatches, fakePair, takeFakeApart, websiteRef } from '../support/fake-pairs.js';
import { fixedClock } from '../support/fixed-clock.js';
import { MemoryCertificateStore } from '../support/memory-certificates.js';
import { MemoryOrderStore } from '../support/memory-order-store.js';
import {
  MemoryDueIndex,
  MemoryIssuedStore,
  MemoryLedger,
  MemoryLocks,
  MemoryNameMemory,
  MemoryProblemStore,
  MemoryReloadDebt,
  MemoryServedStore,
} from '../support/memory-stores.js';
import { scratchTree } from '../support/scratch.js';

const NOW = '2026-06-01T00:00:00.000Z';
const removals: (() => void)[] = [];
afterEach(() => {
  for (const remove of removals.splice(0)) remove();
});
const aTree = () => {
  const { tree, remove } = scratchTree();
  removals.push(remove);
  return tree;
};

/** What runs rely on holds for the stores on disk and for those in memory that stand for them in unit tests. */
describe.each<[string, () => IssuedStore]>([
  ['on disk', () => new FileIssuedStore(aTree(), fixedClock(NOW))],
  ['in memory', () => new MemoryIssuedStore()],
])('certificates issued, %s', (_, make) => {
  const issued = (number: number): IssuedRecord => ({
    fingerprint: String(number).padStart(64, '0'),
    account: 'alice',
    vhost: 'a.test',
    provider: 'LocalCA',
    directoryUrl: '',
    acmeAccountUrl: null,
    orderUrl: null,
    orderId: 'x',
    names: ['a.test'],
    because: [],
    ariCertificateId: null,
    serial: '01',
    notBefore: NOW,
    notAfter: '2026-09-01T00:00:00.000Z',
    issuedAt: new Date(Date.parse(NOW) + number).toISOString(),
  });

  test('none of a website that never got one', async () => {
    expect(await make().read('a.test')).toEqual([]);
  });

  test('newest first, each fingerprint once, by website', async () => {
    const store = make();
    for (const number of [1, 3, 2, 3]) await store.add(issued(number));
    expect((await store.read('a.test')).map(({ issuedAt }) => issuedAt.at(-2))).toEqual(['3', '2', '1']);
    expect(await store.read('b.test')).toEqual([]);
  });

  test('what is not fit is kept beside them, and is none of them', async () => {
    const store = make();
    const { account, provider, directoryUrl, orderUrl, names } = issued(1);
    const unfit = {
      account,
      provider,
      directoryUrl,
      orderUrl,
      names,
      code: 'WRONG_KEY',
      why: 'x',
      chainPem: 'y',
    };
    for (const orderId of ['1', '2', '2'])
      await store.addUnfit({ ...unfit, vhost: 'c.test', orderId, at: NOW });
    expect(await store.read('c.test')).toEqual([]);
    await store.add({ ...issued(1), vhost: 'c.test' });
    await store.addUnfit({ ...unfit, vhost: 'c.test', orderId: '3', at: NOW });
    expect(await store.read('c.test')).toHaveLength(1);
  });
});

describe.each<[string, () => NameMemory]>([
  ['on disk', () => new FileNameMemory(aTree())],
  ['in memory', () => new MemoryNameMemory()],
])('the memory of names, %s', (_, make) => {
  const [name, other] = [parseHostName('*.a.test'), parseHostName('a.test')];
  const record: NameRecord = {
    schemaVersion: 1,
    name,
    lastPassedAt: null,
    consecutiveFailures: 1,
    caFailures: [{ at: NOW, provider: 'LocalCA', code: 'dns' }],
    lastFailure: { at: NOW, code: 'dns', message: 'no', source: 'ca' },
    nextAttemptAt: NOW,
  };

  test('gives back what was written, by name, until it is told to forget', async () => {
    const memory = make();
    expect(await memory.read(name)).toBeUndefined();
    await memory.write(record);
    await memory.write({ ...record, consecutiveFailures: 2 });
    expect(await memory.read(name)).toEqual({ ...record, consecutiveFailures: 2 });
    expect(await memory.read(other)).toBeUndefined();
    await memory.forget(name);
    await memory.forget(name);
    expect(await memory.read(name)).toBeUndefined();
  });
});

describe.each<[string, () => Ledger]>([
  ['on disk', () => new FileLedger(aTree())],
  ['in memory', () => new MemoryLedger()],
])('the ledger, %s', (_, make) => {
  const nothing = { schemaVersion: 1, newOrders: [], stoppedUntil: null, stoppedBecause: null } as const;

  test('an account never used has spent nothing', async () => {
    expect(await make().read('LocalCA')).toEqual({ ...nothing, provider: 'LocalCA' });
  });

  test('each provider has its own, the health of websites beside them', async () => {
    const ledger = make();
    await ledger.write({ ...nothing, provider: 'LocalCA', newOrders: [NOW], stoppedUntil: NOW });
    const health = { schemaVersion: 1, at: NOW, oursCount: 3, unhealthy: ['a.test'] } as const;
    expect(await ledger.readHealth()).toBeUndefined();
    await ledger.writeHealth(health);
    expect(await ledger.readHealth()).toEqual(health);
    expect((await ledger.read('LocalCA')).newOrders).toEqual([NOW]);
    expect((await ledger.read('LetsEncrypt')).newOrders).toEqual([]);
  });
});

describe.each<[string, () => ProblemStore]>([
  ['on disk', () => new FileProblemStore(aTree())],
  ['in memory', () => new MemoryProblemStore()],
])('problems, %s', (_, make) => {
  const problem: ProblemRecord = {
    domain: 'a.test',
    vhost: 'a.test',
    code: 'NXDOMAIN',
    message: 'no',
    advice: null,
    fault: 'owner',
    at: NOW,
    logStartedAt: null,
  };

  test('an account’s list is replaced as a whole; an empty one is none', async () => {
    const store = make();
    expect(await store.read('alice')).toEqual([]);
    await store.write('alice', []);
    await store.write('alice', [problem, { ...problem, domain: 'b.test' }]);
    await store.write('alice', [problem]);
    expect(await store.read('alice')).toEqual([problem]);
    expect(await store.read('bob')).toEqual([]);
    const unpauseUrl = 'https://portal.ca.test/unpause?jwt=abc';
    for (const more of [{ pointsElsewhere: true as const }, { unpauseUrl }]) {
      await store.write('alice', [{ ...problem, ...more }]);
      expect(await store.read('alice')).toEqual([{ ...problem, ...more }]);
    }
    await store.write('alice', []);
    expect(await store.read('alice')).toEqual([]);
  });
});

describe.each<[string, () => ServedStore]>([
  ['on disk', () => new FileServedStore(aTree())],
  ['in memory', () => new MemoryServedStore()],
])('what is served, %s', (_, make) => {
  const seen = (vhost: string, state: ServedRecord['served']['state']): ServedRecord => ({
    account: 'alice',
    vhost,
    wanted: [vhost],
    issued: { fingerprint: 'ab', names: [vhost], notAfter: NOW },
    served: {
      at: NOW,
      state,
      code: state === 'not-served' ? 'OTHER_CERTIFICATE' : null,
      message: 'somebody else answers',
      advice: null,
      places: [
        { name: vhost, address: '::1', port: 443, fingerprint: null, names: [], error: 'ECONNREFUSED' },
      ],
      namesWithoutSite: ['mail.a.test'],
    },
  });

  test('nothing of a website that nobody looked at', async () => {
    expect(await make().read('a.test')).toBeUndefined();
    expect(await make().listUnproved()).toEqual([]);
  });

  test('gives back the newest, and lists the websites that are not known to be served', async () => {
    const store = make();
    for (const vhost of ['*.a.test', 'b.test', 'c.test', 'd.test'])
      await store.write(seen(vhost, 'not-served'));
    await store.write(seen('b.test', 'served'));
    await store.write(seen('c.test', 'unknown'));
    await store.write(seen('b.test', 'not-served'));
    await store.write(seen('d.test', 'served'));
    expect(await store.listUnproved()).toEqual(['*.a.test', 'b.test', 'c.test']);
    expect(await store.read('b.test')).toEqual(seen('b.test', 'not-served'));
    expect(await store.read('c.test')).toEqual(seen('c.test', 'unknown'));
  });

  test('names a website again whose name is longer than a file’s may be', async () => {
    const store = make();
    const label = 'x'.repeat(63);
    const long = [label, label, label, 'y'.repeat(40), 'test'].join('.');
    await store.write(seen(long, 'not-served'));
    expect(await store.listUnproved()).toEqual([long]);
  });

  test('forgets a website, and one that it never knew', async () => {
    const store = make();
    await store.write(seen('a.test', 'not-served'));
    await store.forget('a.test');
    await store.forget('a.test');
    expect([await store.read('a.test'), await store.listUnproved()]).toEqual([undefined, []]);
  });
});

describe.each<[string, () => ReloadDebt]>([
  ['on disk', () => new FileReloadDebt(aTree())],
  ['in memory', () => new MemoryReloadDebt()],
])('the debt of reloads, %s', (_, make) => {
  test('is settled by what began after it was noted, and only when told so', async () => {
    const debt = make();
    expect(await debt.isOwed()).toBe(false);
    await debt.owe();
    await debt.owe();
    const begun = await debt.begin();
    expect(await debt.isOwed()).toBe(true);
    await debt.owe();
    await begun.settle();
    expect(await debt.isOwed()).toBe(true);
    await (await debt.begin()).settle();
    expect(await debt.isOwed()).toBe(false);
  });
});

/** A clock that goes on by a second at each look: archived sets have an order. */
function movingClock() {
  const clock = fixedClock(NOW);
  let looks = 0;
  return { ...clock, now: () => new Date(Date.parse(NOW) + 1000 * ++looks) };
}

describe.each<[string, () => CertificateStore & FormerSets, RegExp?]>([
  ...SERVICE_NAMES.map((service): [string, () => CertificateStore & FormerSets, RegExp] => [
    `of the service ${service}`,
    () =>
      openServiceCertificates({
        tree: aTree(),
        service,
        clock: movingClock(),
        takeApart: takeFakeApart,
        keyMatchesCertificate: fakeKeyMatches,
      }),
    new RegExp(`/var/cpanel/ssl/${service}/combined$`),
  ]),
  [
    'on disk',
    () =>
      new FileCertificateStore({
        tree: aTree(),
        clock: movingClock(),
        takeApart: takeFakeApart,
        keyMatchesCertificate: fakeKeyMatches,
      }),
  ],
  [
    'in memory',
    () =>
      new MemoryCertificateStore(movingClock(), (chainPem) => {
        const found = takeFakeApart(chainPem, 'chain');
        if (found.kind !== 'present') throw new Error('no fake chain');
        const { fingerprint, dnsNames, notAfter, isSelfSigned } = found.leaf;
        return { fingerprint, names: dnsNames, notAfter, isSelfSigned };
      }),
  ],
])('former sets, %s', (_, make, path = /apache_tls\/_wildcard_\.a\.test\/combined$/) => {
  const website = websiteRef('a.test');
  const LATER = '2027-01-01T00:00:00Z';
  const set = (pair: string, notAfter = LATER, isSelfSigned = false) => ({
    website,
    ...fakePair(pair, ['a.test'], notAfter, isSelfSigned),
  });
  const textOf = ({ keyPem, chainPem }: { keyPem: string; chainPem: string }) => keyPem + chainPem;
  const fingerprintOf = (pair: string) => Buffer.from(pair).toString('hex').padEnd(64, '0');
  const there = async (store: CertificateStore) => {
    const found = await store.gatherEvidence(website);
    return found.kind === 'present' ? found.leaf.fingerprint : found.kind;
  };

  test('nothing lay where nothing lies, nor before the first set', async () => {
    const store = make();
    expect(await store.readFormer(set('1'))).toBeNull();
    await store.publish(set('1'));
    expect(await store.readFormer(set('1'))).toBeNull();
    expect(await store.listArchived(website)).toEqual([]);
  });

  test('what lies there is the former of another set; once that is published, it still is', async () => {
    const store = make();
    const former = { text: textOf(set('1')), fingerprint: fingerprintOf('1') };
    await store.publish(set('1'));
    expect(await store.readFormer(set('2'))).toEqual(former);
    await store.publish(set('2'));
    expect(await store.readFormer(set('2'))).toEqual(former);
  });

  test('the former of a set is what it replaced last, though it replaced others before', async () => {
    const store = make();
    for (const pair of ['1', '2', '1', '3']) await store.publish(set(pair));
    expect((await store.readFormer(set('3')))?.fingerprint).toBe(fingerprintOf('1'));
    await store.publish(set('2'));
    expect((await store.readFormer(set('2')))?.fingerprint).toBe(fingerprintOf('3'));
  });

  test('an expired set is what lay there, though nobody is offered it', async () => {
    const store = make();
    await store.publish(set('1', '2026-01-01T00:00:00Z'));
    await store.publish(set('2'));
    expect((await store.readFormer(set('2')))?.fingerprint).toBe(fingerprintOf('1'));
    expect(await store.listArchived(website)).toEqual([]);
  });

  test('restoring puts it back, twice as once; the set that was withdrawn is not archived', async () => {
    const store = make();
    await store.publish(set('1'));
    const former = await store.readFormer(set('2'));
    await store.publish(set('2'));
    await store.restore(website, former);
    await store.restore(website, former);
    expect(await there(store)).toBe(fingerprintOf('1'));
    expect(await store.readKey(website)).toBe(set('1').keyPem);
    expect(await store.listArchived(website)).toEqual([]);
  });

  test('restoring nothing removes what lies there, twice as once', async () => {
    const store = make();
    await store.publish(set('1'));
    await store.restore(website, null);
    await store.restore(website, null);
    expect(await there(store)).toBe('absent');
  });

  test('a lock that was lost stops a restoration', async () => {
    const store = make();
    await store.publish(set('1'));
    const former = await store.readFormer(set('2'));
    await store.publish(set('2'));
    const lost = () => Promise.reject(new StateError('LOCK_LOST', 'lost'));
    await expect(store.restore(website, former, lost)).rejects.toMatchObject({ code: 'LOCK_LOST' });
    await expect(store.restore(website, null, lost)).rejects.toMatchObject({ code: 'LOCK_LOST' });
    expect(await there(store)).toBe(fingerprintOf('2'));
  });

  test('places a first set where nothing lies, and never over anything', async () => {
    const store = make();
    expect(await store.placeIfAbsent(set('1', LATER, true))).toBe(true);
    expect(await store.placeIfAbsent(set('2'))).toBe(false);
    expect(await there(store)).toBe(fingerprintOf('1'));
    await store.publish(set('2'));
    expect((await store.readFormer(set('2')))?.fingerprint).toBe(fingerprintOf('1'));
  });

  test('offers former sets newest first: whole ones of a CA that have not expired, and not the one in use', async () => {
    const store = make();
    await store.publish(set('1', LATER, true));
    await store.publish(set('2'));
    await store.publish(set('4'));
    await store.publish(set('5'));
    const offered = await store.listArchived(website);
    expect(offered.map(({ fingerprint }) => fingerprint)).toEqual([fingerprintOf('4'), fingerprintOf('2')]);
    const { website: _website, ...pair } = set('4');
    expect(offered[0]).toEqual({
      ...pair,
      fingerprint: fingerprintOf('4'),
      names: ['a.test'],
      notAfter: new Date(LATER),
      archivedAt: expect.any(Date),
    });
    await store.publish(set('4'));
    expect((await store.listArchived(website))[0]?.fingerprint).toBe(fingerprintOf('5'));
  });

  test('says where the website’s file lies', () => {
    expect(make().pathOf(websiteRef('*.a.test'))).toMatch(path);
  });
});

describe.each<[string, () => OrderStore]>([
  ['on disk', () => new FileOrderStore(aTree())],
  ['in memory', () => new MemoryOrderStore()],
])('the journal of orders, %s', (_, make) => {
  const order = (number: number, over: Partial<OrderRecord> = {}): OrderRecord => ({
    schemaVersion: 1,
    id: `178000000000${number}-${'0'.repeat(16)}`,
    account: 'alice',
    vhost: 'a.test',
    provider: 'LocalCA',
    directoryUrl: '',
    acmeAccountUrl: null,
    names: ['a.test'],
    keyType: 'rsa-2048',
    replaces: null,
    createdAt: NOW,
    phase: 'journalled',
    orderUrl: null,
    expiresAt: null,
    challenges: [],
    pollAt: null,
    lastPolledAt: null,
    diedOf: null,
    logStartedAt: null,
    because: ['CERTIFICATE_ABSENT'],
    ...over,
  });
  const staged = { keyPem: 'key', csrDer: new Uint8Array([1, 2]) };

  test('lists unfinished orders oldest first, as they were last journalled', async () => {
    const store = make();
    expect(await store.list()).toEqual([]);
    await store.create(order(2), staged);
    await store.create(order(1), staged);
    await store.update(order(2, { phase: 'placed', orderUrl: 'https://ca.test/1' }));
    const entries = await store.list();
    expect(entries.map((entry) => (entry.state === 'ok' ? entry.record.phase : entry.why))).toEqual([
      'journalled',
      'placed',
    ]);
    expect(await store.read(order(1).id)).toEqual(order(1));
  });

  test('keeps what is staged until the order is removed; removing twice is no error', async () => {
    const store = make();
    await store.create(order(1), staged);
    const found = await store.readStaged(order(1).id);
    expect([found.keyPem, [...found.csrDer], found.chainPem]).toEqual(['key', [1, 2], null]);
    await store.stageChain(order(1).id, 'chain');
    expect((await store.readStaged(order(1).id)).chainPem).toBe('chain');
    await store.remove(order(1).id);
    await store.remove(order(1).id);
    expect(await store.read(order(1).id)).toBeUndefined();
    await expect(store.readStaged(order(1).id)).rejects.toThrow();
  });

  test('refuses the same order twice, and news of one that is gone', async () => {
    const store = make();
    await store.create(order(1), staged);
    await expect(store.create(order(1), staged)).rejects.toThrow();
    await expect(store.update(order(2))).rejects.toThrow();
  });
});

describe.each<[string, () => LockKeeper]>([
  ['on disk', () => new FileLockKeeper(aTree())],
  ['in memory', () => new MemoryLocks()],
])('locks, %s', (_, make) => {
  const held = async (locks: LockKeeper, name: string) => {
    const lock = await locks.tryAcquire(name, 'a note');
    if ('heldBy' in lock) throw new Error(`${name} is held`);
    return lock;
  };

  test('one holder at a time for each name; the other is told who holds it', async () => {
    const locks = make();
    const lock = await held(locks, 'website:a.test');
    expect(await locks.tryAcquire('website:a.test', 'other')).toMatchObject({
      heldBy: { pid: process.pid, note: 'a note' },
    });
    await (await held(locks, 'website:b.test')).release();
    await lock.assertHeld();
    expect(lock.signal.aborted).toBe(false);
    await lock.release();
    await (await held(locks, 'website:a.test')).release();
  });

  test('who waits gets it when it is released', async () => {
    const locks = make();
    const lock = await held(locks, 'install:web');
    let isFree = false;
    const waiting = locks.acquire('install:web', 'second').then((second) => {
      expect(isFree).toBe(true);
      return second.release();
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    isFree = true;
    await lock.release();
    await waiting;
  });

  test('who waits no longer is let go', async () => {
    const locks = make();
    const lock = await held(locks, 'install:web');
    const controller = new AbortController();
    const waiting = locks.acquire('install:web', 'second', controller.signal);
    controller.abort(new Error('stopped'));
    await expect(waiting).rejects.toThrow('stopped');
    await lock.release();
  });
});

describe.each<[string, () => DueIndexStore]>([
  ['on disk', () => new FileDueIndex(aTree())],
  ['in memory', () => new MemoryDueIndex()],
])('what is due between two runs, %s', (_, make) => {
  const website = (vhost: string) => ({
    ...{ account: 'alice', vhost, dueAt: NOW },
    ...{ emergencyAt: null, logStartedAt: '2026-06-01T00:00:00Z' },
  });

  test('nothing, before the first run', () => {
    expect(make().read()).toEqual({ until: null, websites: [] });
  });

  test('is read as it was written last, in its order', async () => {
    const store = make();
    await store.write({ until: NOW, websites: [website('z.test')] });
    const index = { until: NOW, websites: [website('b.test'), { ...website('a.test'), emergencyAt: NOW }] };
    await store.write(index);
    expect(store.read()).toEqual(index);
  });
});
