import { parseAccountName } from '../../core/domain/account/account-name.js';
import { AutosslError, StateError, UsageError } from '../../core/domain/autossl-error.js';
import { parseHostName, printable } from '../../core/domain/name/names.js';
import type { Website, WebsiteRef } from '../../core/domain/website/website.js';
import { isWebsiteOrder } from '../../core/order/order-kind.js';
import { isPollInstantDue } from '../../core/order/polling.js';
import type { OrderRecord } from '../../core/order/record.js';
import type { ProviderDescription } from '../../core/provider/description.js';
import { orderGivenUp } from '../../core/report/events/order-end-events.js';
import { orderKeyLost } from '../../core/report/events/revocation-events.js';
import {
  orderAbandoned,
  orderPending,
  runFailed,
  websiteFailed,
} from '../../core/report/events/work-events.js';
import type { CheckHost } from '../check/check-host.js';
import { changeDue, instantsOf } from '../check/note-due.js';
import type { RunRecorder } from '../check/run-recorder.js';
import type { InstallDesk } from '../install/install-desk.js';
import { WebsiteLock } from '../install/website-lock.js';
import type { HeldLock } from '../ports/locks.js';
import { concludeOrder } from './conclude-order.js';
import { discardOrder, dropOrder } from './drop-order.js';
import { isForLostKey } from './lost-key.js';
import { moveOrder } from './move-order.js';
import { resumeOrder } from './obtain-certificate.js';
import { OrderDesk } from './order-desk.js';
import type { OrderKeeper } from './order-keeper.js';
import type { OrderOwners } from './order-owner.js';
import type { OrderResult } from './order-ports.js';
import { STRANGENESS, type Strangeness, strangenessOf } from './order-strangeness.js';

/**
 * Goes on with orders of websites that an earlier process left, each under its website's lock: an issued certificate is
 * always fetched, and handed over for installation; one whose website is gone is dropped.
 */
export class WebsiteOrders implements OrderKeeper {
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

  owns(record: OrderRecord): boolean {
    return isWebsiteOrder(record);
  }

  lockNameOf(record: OrderRecord): string | null {
    const ref = refOf(record);
    return ref === null ? null : `website:${ref.vhost}`;
  }

  /** Goes on with it unless another process works on its website; before its instant only its owner is looked up. */
  async recover(record: OrderRecord): Promise<void> {
    const ref = refOf(record);
    if (ref === null || this.#host.providerNamed(record.provider) === undefined) {
      return this.#recorder.record(runFailed('ORDER_RECORD_BROKEN', brokenWords(record), null));
    }
    if (this.#signal.aborted) return this.#recorder.record(orderPending(ref, null));
    const lock = await this.#host.locks.tryAcquire(`website:${ref.vhost}`, 'autossl_check (recovery)');
    if ('heldBy' in lock) return;
    const websiteLock = new WebsiteLock(lock);
    try {
      // Under the lock the record is read again: its own run may have ended meanwhile.
      await this.#attempt(ref, async () => {
        const present = await this.#host.orders.read(record.id);
        if (present !== undefined) await this.#takeFurther(present, ref, websiteLock, false);
      });
    } finally {
      await websiteLock.release();
    }
  }

  async goOn(record: OrderRecord, lock: WebsiteLock): Promise<void> {
    const ref = refOf(record);
    if (ref !== null) await this.#attempt(ref, () => this.#takeFurther(record, ref, lock, true));
  }

  async #attempt(ref: WebsiteRef, task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      // Told to stop: the record stays, and the next run takes it up.
      if (this.#signal.aborted) return this.#recorder.record(orderPending(ref, null));
      if (!(error instanceof AutosslError)) throw error;
      this.#recorder.record(websiteFailed(ref, error.code, printable(error.message), error.advice));
    }
  }

  async #takeFurther(
    record: OrderRecord,
    ref: WebsiteRef,
    lock: WebsiteLock,
    byPoller: boolean,
  ): Promise<void> {
    const provider = this.#host.providerNamed(record.provider);
    if (provider === undefined) throw unknownProvider(record);
    await lock.held.assertHeld();
    const owner = isAtCa(record) ? await this.#owners.ownerOf(ref) : null;
    if (owner?.state === 'gone') {
      const solvers = await this.#deskOf(provider).solvers();
      return dropOrder(record, ref, solvers, this.#host, this.#recorder);
    }
    const website = owner?.state === 'found' ? owner.website : null;
    const isMoved = website !== null && website.account !== record.account;
    const present = isMoved ? await moveOrder(record, website, this.#host.orders, this.#recorder) : record;
    const now = isMoved ? website : ref;
    const pollAt = present.pollAt === null ? null : new Date(present.pollAt);
    if (await isForLostKey(present, this.#host)) return this.#dropLostKey(present, now, provider);
    // What lies staged is put in place, by a run at any time; nothing is asked for a website that nobody can tell about.
    if (present.phase !== 'downloaded') {
      if (owner?.state === 'unsure') return this.#recorder.record(orderPending(now, pollAt, owner.why));
      if (!byPoller && !isPollInstantDue(present.pollAt, this.#host.clock.now())) {
        return this.#recorder.record(orderPending(now, pollAt, present.doubt?.words ?? null));
      }
      const stranger = isAtCa(present) ? await strangenessOf(present, provider, this.#host) : null;
      if (stranger !== null) return this.#dropStranger(present, now, stranger);
    }
    const desk = this.#deskOf(provider);
    const result = await this.#resume(present, website, provider, desk, lock.held);
    // Unlike a run, the poller orders no other at once.
    if (byPoller && result.outcome === 'abandoned' && result.why === 'ORDER_EXPIRED') {
      const again = { by: 'autossl_check', notBefore: null };
      return this.#recorder.record(orderGivenUp(now, present, result.why, again));
    }
    const wanted = website?.candidates.map(({ name }) => name) ?? null;
    const desks = { orders: desk, installs: this.#installs };
    await concludeOrder(now, result, wanted, desks, this.#host, this.#recorder, lock);
  }

  async #resume(
    record: OrderRecord,
    website: Website | null,
    provider: ProviderDescription,
    desk: OrderDesk,
    lock: HeldLock,
  ): Promise<OrderResult> {
    if (record.phase === 'downloaded') {
      // All that is needed lies staged: the CA may be down, or gone.
      const { keyPem, chainPem } = await this.#host.orders.readStaged(record.id);
      if (chainPem !== null) return { outcome: 'issued', record, keyPem, chainPem };
    }
    return resumeOrder(
      record,
      { website, provider },
      await desk.resumePorts(isAtCa(record), lock, this.#signal),
    );
  }

  /** Neither asked for nor put in place: the website is judged anew at once. */
  async #dropLostKey(record: OrderRecord, ref: WebsiteRef, provider: ProviderDescription): Promise<void> {
    await discardOrder(record, await this.#deskOf(provider).solvers(), this.#host);
    this.#recorder.record(orderKeyLost(ref, record.id));
    const dueAt = this.#host.clock.now();
    const { account, vhost } = ref;
    const due = { account, vhost, ...instantsOf(dueAt, dueAt), logStartedAt: record.logStartedAt };
    await changeDue(this.#host, (index) => ({
      ...index,
      websites: [due, ...index.websites.filter((one) => one.vhost !== vhost)],
    }));
  }

  /** The administrator chose another directory meanwhile, or registered anew: the account now is none there. */
  async #dropStranger(record: OrderRecord, ref: WebsiteRef, why: Strangeness): Promise<void> {
    await this.#host.orders.remove(record.id);
    // Whoever registers anew was told so, and nothing is wrong.
    if (why === 'ORDER_ACCOUNT_CHANGED') return this.#recorder.record(orderAbandoned(ref, why, null));
    const message = `its order at ${printable(record.directoryUrl)} is dropped: ${STRANGENESS[why]}.`;
    this.#recorder.record(websiteFailed(ref, why, message, null));
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

function brokenWords({ id }: OrderRecord): string {
  return `The order ${printable(id)} names no valid website or provider.`;
}

function unknownProvider(record: OrderRecord): StateError {
  return new StateError('CORRUPT_RECORD', brokenWords(record));
}

function isAtCa({ phase }: OrderRecord): boolean {
  return phase === 'placed' || phase === 'finalized' || phase === 'downloaded';
}
