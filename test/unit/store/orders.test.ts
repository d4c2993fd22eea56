import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readJsonSync } from 'fs-extra/esm';
import { FileOrderStore } from '../../../src/adapters/store/orders/orders.js';
import { sweepTemporaryFiles } from '../../../src/adapters/store/orphans/store-sweeping.js';
import { ownIdentity } from '../../../src/adapters/system/process/process-identity.js';
import type { OrderRecord } from '../../../src/core/order/record.js';
import { everythingBelow } from '../../support/folder-listing.js';
import { scratchTree } from '../../support/scratch.js';

let scratch: ReturnType<typeof scratchTree>;
let store: FileOrderStore;
beforeEach(() => {
  scratch = scratchTree();
  store = new FileOrderStore(scratch.tree);
});
afterEach(() => scratch.remove());

const idOf = (number: number): string =>
  `${1_700_000_000_000 + number}-${number.toString(16).padStart(16, '0')}`;
const anOrder = (number: number, part: Partial<OrderRecord> = {}): OrderRecord => ({
  schemaVersion: 1,
  id: idOf(number),
  account: 'alice',
  vhost: 'example.com',
  provider: 'LetsEncrypt',
  directoryUrl: 'https://ca.example/dir',
  acmeAccountUrl: null,
  names: ['example.com'],
  keyType: 'ecdsa-prime256v1',
  replaces: null,
  createdAt: '2026-06-01T00:00:00.000Z',
  phase: 'journalled',
  orderUrl: null,
  expiresAt: null,
  challenges: [{ name: 'example.com', method: 'http-01', token: 'abc', documentRoot: '/home/alice/www' }],
  pollAt: null,
  lastPolledAt: null,
  diedOf: null,
  logStartedAt: null,
  because: ['CERTIFICATE_ABSENT'],
  ...part,
});
const staged = { keyPem: 'key', csrDer: new Uint8Array([0, 255, 10]) };
const recordPath = (number: number): string => join(scratch.tree.orders(), `${idOf(number)}.json`);
const stagingPath = (number: number): string => join(scratch.tree.staging(), idOf(number));
/** The identity of a process that has ended. */
const deadIdentity = (): object => ({ ...ownIdentity(), pid: spawnSync('true').pid, startTicks: 1 });

describe('the order journal', () => {
  test('gives back what was put in, key and CSR only for root', async () => {
    await store.create(anOrder(1), staged);
    expect(await store.read(idOf(1))).toEqual(anOrder(1));
    expect(await store.readStaged(idOf(1))).toEqual({
      keyPem: 'key',
      csrDer: Buffer.from(staged.csrDer),
      chainPem: null,
    });
    await store.stageChain(idOf(1), 'chain');
    expect((await store.readStaged(idOf(1))).chainPem).toBe('chain');
    for (const file of ['key.pem', 'csr.der', 'chain.pem']) {
      expect(statSync(join(stagingPath(1), file)).mode & 0o777).toBe(0o600);
    }
    for (const folder of [scratch.tree.own(), scratch.tree.orders(), stagingPath(1)]) {
      expect(statSync(folder).mode & 0o777).toBe(0o700);
    }
  });

  test('lists the oldest first and reports what it cannot use without losing the rest', async () => {
    await store.create(anOrder(2), staged);
    await store.create(anOrder(1), staged);
    writeFileSync(recordPath(3), '{"schemaVersion":1,');
    writeFileSync(recordPath(4), JSON.stringify({ ...anOrder(4), schemaVersion: 2 }));
    writeFileSync(recordPath(5), JSON.stringify(anOrder(6)));
    writeFileSync(recordPath(7), JSON.stringify({ ...anOrder(7), names: 'example.com' }));
    mkdirSync(recordPath(8));
    symlinkSync('nowhere', recordPath(9));
    writeFileSync(join(scratch.tree.orders(), 'README'), 'not a record');
    const entries = await store.list();
    expect(
      entries.map((entry) => (entry.state === 'ok' ? entry.record.id : `${entry.path}: ${entry.why}`)),
    ).toEqual([
      idOf(1),
      idOf(2),
      expect.stringContaining('it is not JSON'),
      expect.stringContaining('its schemaVersion is 2, and this program knows 1'),
      expect.stringContaining(`it says that it is the order “${idOf(6)}”`),
      expect.stringContaining('its key “names” is not a list'),
      expect.stringContaining('not a regular file'),
      expect.stringContaining('it is a link to nothing'),
    ]);
  });

  test('keeps keys that it does not know over a rewrite', async () => {
    await store.create(anOrder(1), staged);
    const withMore = { ...anOrder(1), note: 'by a person', __proto__: { x: 1 } };
    writeFileSync(recordPath(1), JSON.stringify(withMore));
    await store.update(anOrder(1, { phase: 'placed', orderUrl: 'https://ca.example/order/1' }));
    expect(readJsonSync(recordPath(1))).toMatchObject({
      phase: 'placed',
      note: 'by a person',
    });
  });

  test('never overwrites the record of a newer version', async () => {
    await store.create(anOrder(1), staged);
    const newer = JSON.stringify({ schemaVersion: 2, secretOfTheFuture: true });
    writeFileSync(recordPath(1), newer);
    await expect(store.update(anOrder(1))).rejects.toMatchObject({
      code: 'CORRUPT_RECORD',
      message: expect.stringContaining(recordPath(1)),
    });
    expect(readFileSync(recordPath(1), 'utf8')).toBe(newer);
  });

  test('sets aside what holds no record, and writes what it knows', async () => {
    await store.create(anOrder(1), staged);
    writeFileSync(recordPath(1), '\0\0\0\0');
    await store.update(anOrder(1, { phase: 'placed' }));
    expect(await store.read(idOf(1))).toMatchObject({ phase: 'placed' });
    expect(readFileSync(`${recordPath(1)}.damaged`, 'utf8')).toBe('\0\0\0\0');
  });

  test('does not bring a removed order back, and removing twice is no fault', async () => {
    await store.create(anOrder(1), staged);
    await store.remove(idOf(1));
    await store.remove(idOf(1));
    await expect(store.update(anOrder(1))).rejects.toMatchObject({ code: 'WRITE_FAILED' });
    expect(everythingBelow(scratch.tree.own())).toEqual(['orders/', 'staging/']);
  });

  test('says that a key is gone rather than give an order without it', async () => {
    await store.create(anOrder(1), staged);
    mkdirSync(stagingPath(2));
    await expect(store.readStaged(idOf(2))).rejects.toMatchObject({ code: 'CORRUPT_RECORD' });
  });

  test.each(['../../x', '', 'x\0', '1700000000001-000000000000000G', `${idOf(1)}/..`])(
    'an id that we did not make, %j, reaches no path',
    async (id) => {
      await expect(store.read(id)).rejects.toMatchObject({ code: 'BUG' });
      await expect(store.create(anOrder(1, { id }), staged)).rejects.toMatchObject({ code: 'BUG' });
      await expect(store.remove(id)).rejects.toMatchObject({ code: 'BUG' });
      await expect(store.stageChain(id, '')).rejects.toMatchObject({ code: 'BUG' });
    },
  );
});

describe('sweep', () => {
  const stage = (number: number, maker: object | undefined): void => {
    mkdirSync(stagingPath(number), { recursive: true });
    writeFileSync(join(stagingPath(number), 'key.pem'), 'key');
    if (maker !== undefined) writeFileSync(join(stagingPath(number), 'made-by.json'), JSON.stringify(maker));
  };

  test('takes the staging of a dead process that has no record, and nothing else', async () => {
    await store.create(anOrder(1), staged);
    stage(2, deadIdentity());
    stage(3, ownIdentity());
    stage(4, undefined);
    stage(5, undefined);
    const old = new Date(Date.now() - 2 * 3_600_000);
    utimesSync(stagingPath(5), old, old);
    mkdirSync(join(scratch.tree.staging(), 'publishing'));
    await store.sweep();
    expect(readdirSync(scratch.tree.staging())).toEqual([idOf(1), idOf(3), idOf(4), 'publishing']);
  });

  test('keeps the staging of a dead process that has a record', async () => {
    await store.create(anOrder(1), staged);
    writeFileSync(join(stagingPath(1), 'made-by.json'), JSON.stringify(deadIdentity()));
    await store.sweep();
    expect((await store.readStaged(idOf(1))).keyPem).toBe('key');
  });

  test('finds nothing to do in a fresh tree', async () => {
    await store.sweep();
    expect(sweepTemporaryFiles(scratch.tree, { everywhere: true })).toBe(0);
    expect(everythingBelow(scratch.root)).toEqual([]);
  });
});
