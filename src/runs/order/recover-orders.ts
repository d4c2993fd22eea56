import { type AccountName, parseAccountName } from '../../core/domain/account-name.js';
import { AutosslError, UsageError } from '../../core/domain/autossl-error.js';
import { parseHostName, printable } from '../../core/domain/names.js';
import type { Website, WebsiteRef } from '../../core/domain/website.js';
import type { OrderRecord } from '../../core/order/record.js';
import type { ProviderDescription } from '../../core/provider/description.js';
import { PROVIDERS } from '../../core/provider/registry.js';
import { orderPending, runFailed, websiteFailed } from '../../core/report/work-events.js';
import type { CheckHost } from '../check/check-host.js';
import type { RunRecorder } from '../check/run-recorder.js';
import type { InstallDesk } from '../install/install-desk.js';
import { WebsiteLock } from '../install/website-lock.js';
import { concludeOrder } from './conclude-order.js';
import { dropOrder } from './drop-order.js';
import { moveOrder } from './move-order.js';
import { resumeOrder } from './obtain-certificate.js';
import { OrderDesk } from './order-desk.js';
import { OrderOwners } from './order-owner.js';
import type { OrderResult } from './order-ports.js';

/**
 * Takes up every order that an earlier run left unfinished, before anything new is planned: an issued certificate is
 * always fetched and published, whatever ended that run (design 5.8).
 */
export async function recoverOrders(
  user: AccountName | null,
  host: CheckHost,
  recorder: RunRecorder,
  installs: InstallDesk,
  signal: AbortSignal,
): Promise<void> {
  const records: OrderRecord[] = [];
  for (const entry of await host.orders.list()) {
    if (entry.state === 'broken') {
      const message = `The order record ${printable(entry.path)} is damaged: ${printable(entry.why)}.`;
      recorder.record(
        runFailed('ORDER_RECORD_BROKEN', message, 'It is left as it is; move it away when it is not needed.'),
      );
    } else if (user === null || entry.record.account === user) {
      records.push(entry.record);
    }
  }
  if (records.length === 0) return;
  const owners = new OrderOwners(
    host.accounts,
    records.map(({ vhost }) => vhost),
  );
  const recovery = new Recovery(host, owners, recorder, installs, signal);
  try {
    const { default: PQueue } = await import('p-queue');
    const queue = new PQueue({ concurrency: host.settings.concurrentOrders });
    await Promise.all(records.map((record) => queue.add(() => recovery.recover(record))));
  } finally {
    await recovery.close();
  }
}

class Recovery {
  readonly #host: CheckHost;
  readonly #owners: OrderOwners;
  readonly #recorder: RunRecorder;
  readonly #installs: InstallDesk;
  readonly #signal: AbortSignal;
  readonly #desks = new Map<string, OrderDesk>();

  constructor(
    host: CheckHost,
    owners: OrderOwners,
    recorder: RunRecorder,
    installs: InstallDesk,
    signal: AbortSignal,
  ) {
    this.#host = host;
    this.#owners = owners;
    this.#recorder = recorder;
    this.#installs = installs;
    this.#signal = signal;
  }

  async close(): Promise<void> {
    for (const desk of this.#desks.values()) await desk.close();
  }

  async recover(record: OrderRecord): Promise<void> {
    let ref = refOf(record);
    const provider = PROVIDERS.find(({ name }) => name === record.provider);
    if (ref === null || provider === undefined) {
      const message = `The order ${printable(record.id)} names no valid website or provider.`;
      this.#recorder.record(runFailed('ORDER_RECORD_BROKEN', message, null));
      return;
    }
    if (this.#signal.aborted) return this.#recorder.record(orderPending(ref, null));
    const lock = await this.#host.locks.tryAcquire(`website:${ref.vhost}`, 'autossl_check (recovery)');
    if ('heldBy' in lock) return;
    const websiteLock = new WebsiteLock(lock);
    try {
      // Under the lock the record is read again: its own run may have ended meanwhile.
      let present = await this.#host.orders.read(record.id);
      if (present === undefined) return;
      const owner = isAtCa(present) ? await this.#owners.ownerOf(ref) : null;
      if (owner?.state === 'gone') {
        const solver = await this.#deskOf(provider).solver();
        return await dropOrder(present, ref, solver, this.#host, this.#recorder);
      }
      const website = owner?.state === 'found' ? owner.website : null;
      if (website !== null && website.account !== present.account) {
        present = await moveOrder(present, website, this.#host.orders, this.#recorder);
        ref = website;
      }
      const pollAt = present.pollAt === null ? null : new Date(present.pollAt);
      // What lies staged is put in place; nothing is asked for a website that nobody can tell about.
      if (owner?.state === 'unsure' && present.phase !== 'downloaded') {
        this.#recorder.record(orderPending(ref, pollAt, owner.why));
        return;
      }
      if (pollAt !== null && pollAt > this.#host.clock.now()) {
        this.#recorder.record(orderPending(ref, pollAt));
        return;
      }
      if (
        present.phase !== 'downloaded' &&
        isAtCa(present) &&
        present.directoryUrl !== this.#host.directoryUrlOf(provider)
      ) {
        await this.#dropStranger(present, ref);
        return;
      }
      const desk = this.#deskOf(provider);
      const result = await this.#resume(present, website, provider, desk);
      const wanted = website?.candidates.map(({ name }) => name) ?? null;
      const desks = { orders: desk, installs: this.#installs };
      await concludeOrder(ref, result, wanted, desks, this.#host, this.#recorder, websiteLock);
    } catch (error) {
      // Told to stop: the record stays, and the next run takes it up.
      if (this.#signal.aborted) return this.#recorder.record(orderPending(ref, null));
      if (!(error instanceof AutosslError)) throw error;
      this.#recorder.record(websiteFailed(ref, error.code, printable(error.message), error.advice));
    } finally {
      await websiteLock.release();
    }
  }

  async #resume(
    record: OrderRecord,
    website: Website | null,
    provider: ProviderDescription,
    desk: OrderDesk,
  ): Promise<OrderResult> {
    if (record.phase === 'downloaded') {
      // All that is needed lies staged: the CA may be down, or gone.
      const { keyPem, chainPem } = await this.#host.orders.readStaged(record.id);
      if (chainPem !== null) return { outcome: 'issued', record, keyPem, chainPem };
    }
    return resumeOrder(record, { website, provider }, await desk.resumePorts(isAtCa(record), this.#signal));
  }

  /** The administrator chose another directory meanwhile: our account there is none here. */
  async #dropStranger(record: OrderRecord, ref: WebsiteRef): Promise<void> {
    await this.#host.orders.remove(record.id);
    const message = `its order at ${printable(record.directoryUrl)} is dropped: another directory was chosen since.`;
    this.#recorder.record(websiteFailed(ref, 'ORDER_DIRECTORY_CHANGED', message, null));
  }

  #deskOf(provider: ProviderDescription): OrderDesk {
    const known = this.#desks.get(provider.name);
    if (known !== undefined) return known;
    const desk = new OrderDesk(provider, this.#host, this.#recorder, this.#signal);
    this.#desks.set(provider.name, desk);
    return desk;
  }
}

/** Null when the record's names are not such as we write. */
function refOf(record: OrderRecord): WebsiteRef | null {
  try {
    return { account: parseAccountName(record.account), vhost: parseHostName(record.vhost) };
  } catch (error) {
    if (error instanceof UsageError) return null;
    throw error;
  }
}

function isAtCa({ phase }: OrderRecord): boolean {
  return phase === 'placed' || phase === 'finalized' || phase === 'downloaded';
}
