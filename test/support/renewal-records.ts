import { FileIssuedStore } from '../../src/adapters/store/orders/issued.js';
import { FileRenewalInfo } from '../../src/adapters/store/renewal/renewal-info-store.js';
import type { RenewalRecord } from '../../src/core/renewal/information/renewal-record.js';
import type { IssuedRecord } from '../../src/runs/ports/orders.js';
import { fixedClock } from './fixed-clock.js';
import { MemoryLocks } from './memory-stores.js';
import type { BuiltTree } from './tree-builder.js';

/** What was issued for a website, newest first. */
export function issuedTo({ tree }: BuiltTree, vhost: string): Promise<readonly IssuedRecord[]> {
  return new FileIssuedStore(tree, fixedClock(new Date().toISOString())).read(vhost);
}

/** What is kept of when its CA wants the newest one replaced. */
export async function renewalInfoOf(built: BuiltTree, vhost: string): Promise<RenewalRecord | null> {
  const [newest] = await issuedTo(built, vhost);
  const store = new FileRenewalInfo(built.tree, fixedClock(new Date().toISOString()), new MemoryLocks());
  return store.of(vhost, newest?.ariCertificateId ?? '');
}
