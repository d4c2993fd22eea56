import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createAccountFiles } from '../../src/adapters/acme/account-files.js';
import { type AcmeAuthorityOptions, createAcmeAuthority } from '../../src/adapters/acme/authority.js';
import { Tree } from '../../src/adapters/system/tree.js';
import { parseAccountName } from '../../src/core/domain/account/account-name.js';
import { parseDomainName, parseHostName, type WantedName } from '../../src/core/domain/name/names.js';
import type { Website } from '../../src/core/domain/website/website.js';
import type { LedgerRecord } from '../../src/core/order/ledger-record.js';
import type { ProviderDescription } from '../../src/core/provider/description.js';
import { CUSTOM_ACME } from '../../src/core/provider/known/custom-acme.js';
import type { RunEvent } from '../../src/core/report/events/event.js';
import { createOrderBrake } from '../../src/runs/order/order-brake.js';
import type { OrderPorts, OrderRequest } from '../../src/runs/order/order-ports.js';
import type { CaAccount, CertificateAuthority } from '../../src/runs/ports/authority.js';
import type { UnfitRecord } from '../../src/runs/ports/orders.js';
import { makeTestKeyAndCsr } from './certificate-request.js';
import { MemoryOrderStore } from './memory-order-store.js';
import type { MemorySolver } from './memory-solver.js';

/** Like CustomACME, polling as fast as a CA on the same machine allows. */
export const TEST_PROVIDER: ProviderDescription = {
  ...CUSTOM_ACME,
  patienceMs: 60_000,
  minPollMs: 20,
  maxPollMs: 200,
};

export type TestAuthority = CertificateAuthority & { close(): void };

/** A tree with an ACME account's files; `open` makes clients of it, one after the other or beside each other. */
export interface AccountBench {
  readonly tree: Tree;
  open(over?: Partial<AcmeAuthorityOptions>): TestAuthority;
  remove(): Promise<void>;
}

export async function createAccountBench(
  defaults: Pick<AcmeAuthorityOptions, 'directoryUrl' | 'caBundlePem'>,
): Promise<AccountBench> {
  const root = await mkdtemp(join(tmpdir(), 'acme-account-'));
  const tree = new Tree(root);
  const opened: TestAuthority[] = [];
  return {
    tree,
    open: (over = {}) => {
      const authority = createAcmeAuthority({
        provider: TEST_PROVIDER.name,
        accountFiles: createAccountFiles(tree, TEST_PROVIDER.name),
        termsAccepted: PEBBLE_TERMS,
        eab: null,
        contact: [],
        accountKeyType: 'ecdsa-prime256v1',
        timeoutMs: 10_000,
        userAgent: 'autossl-test/0',
        ...defaults,
        ...over,
      });
      opened.push(authority);
      return authority;
    },
    remove: async () => {
      for (const one of opened) one.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** What Pebble names as its terms. */
export const PEBBLE_TERMS = 'data:text/plain,Do%20what%20thou%20wilt';

/** Memory and real time around one authority: all that an order needs. */
export interface OrderBench {
  readonly ports: OrderPorts;
  readonly orders: MemoryOrderStore;
  readonly events: RunEvent[];
  readonly unfit: UnfitRecord[];
  ledger(): LedgerRecord;
}

export function createOrderBench(
  authority: CertificateAuthority,
  account: CaAccount,
  solver: MemorySolver,
  over: Partial<OrderPorts> = {},
): OrderBench {
  const orders = new MemoryOrderStore();
  const events: RunEvent[] = [];
  const unfit: UnfitRecord[] = [];
  let ledger: LedgerRecord = {
    schemaVersion: 1,
    provider: TEST_PROVIDER.name,
    newOrders: [],
    stoppedUntil: null,
    stoppedBecause: null,
  };
  const clock = {
    now: () => new Date(),
    sleep: async (ms: number, signal?: AbortSignal) => {
      await pause(ms, undefined, signal === undefined ? {} : { signal });
    },
  };
  let turn: Promise<unknown> = Promise.resolve();
  const ports: OrderPorts = {
    authority,
    account,
    orders,
    solver,
    dns: null,
    isClockVouched: true,
    clock,
    random: { bytes: (length) => randomBytes(length) },
    brake: createOrderBrake(
      {
        read: async () => ledger,
        write: async (record) => {
          ledger = record;
        },
      },
      TEST_PROVIDER.name,
      clock,
      { newOrders: 150, published: TEST_PROVIDER.limits },
    ),
    keepUnfit: async (record) => {
      unfit.push(record);
    },
    placeOrderQueue: (task) => {
      const mine = turn.then(() => task(async () => undefined));
      turn = mine.catch(() => undefined);
      return mine;
    },
    isStopped: () => false,
    notePlaced: () => undefined,
    noteNotPlaced: () => undefined,
    makeKeyAndCsr: (_keyType, names) => makeTestKeyAndCsr(names),
    onEvent: (event) => {
      events.push(event);
    },
    ...over,
  };
  return { ports, orders, events, unfit, ledger: () => ledger };
}

/** A website of one account with these names, the first being its own. */
export function websiteOf(names: readonly string[]): Website {
  const wanted = names.map((name): WantedName => parseHostName(name));
  return {
    account: parseAccountName('alice'),
    vhost: parseDomainName((names[0] ?? '').replace('*.', '')),
    candidates: wanted.map((name) => ({ name, standing: 'other', isService: false })),
    excluded: [],
    documentRoot: '/home/alice/public_html',
    keyType: 'ecdsa-prime256v1',
  };
}

export function requestFor(names: readonly string[], over: Partial<OrderRequest> = {}): OrderRequest {
  return {
    website: websiteOf(names),
    names: names.map((name): WantedName => parseHostName(name)),
    keyType: 'ecdsa-prime256v1',
    replaces: null,
    because: ['CERTIFICATE_ABSENT'],
    provider: TEST_PROVIDER,
    directoryUrl: 'https://ca.test/dir',
    logStartedAt: null,
    ...over,
  };
}
