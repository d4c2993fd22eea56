import { isServersOwn } from '../../core/domain/account/hostname-owner.js';
import type { FaultSide } from '../../core/domain/fault-side.js';
import { parseWantedName, printable, type WantedName } from '../../core/domain/name/names.js';
import type { WebsiteRef } from '../../core/domain/website/website.js';
import { UNNAMED_RATE_LIMIT_MS } from '../../core/order/backoff.js';
import { LIMITED_BY_CA } from '../../core/order/limits/rate-limit-scope.js';
import type { OrderRecord } from '../../core/order/record.js';
import { type GivenUp, orderGivenUp } from '../../core/report/events/order-end-events.js';
import { namePaused } from '../../core/report/events/pause-events.js';
import { refusalWords } from '../../core/report/events/refusal-words.js';
import {
  nameHeldBack,
  nameRefused,
  orderAbandoned,
  orderPending,
  type PassingTrouble,
  websiteFailed,
  websiteWaits,
} from '../../core/report/events/work-events.js';
import type { CheckHost } from '../check/check-host.js';
import type { RunRecorder } from '../check/run-recorder.js';
import { handIssuedPair, type PairTaker } from '../install/issued-pair.js';
import type { WebsiteLock } from '../install/website-lock.js';
import type { OrderDesk } from './order-desk.js';
import type { OrderResult, RefusedOrder } from './order-ports.js';

/** Where the work on websites of one run meets. */
export interface Desks {
  readonly orders: OrderDesk;
  readonly installs: PairTaker;
}

/** A name that the CA refused, with its words made printable. */
export interface RefusedName {
  readonly name: WantedName;
  readonly message: string;
  /** Who can mend it; absent = the name's owner. */
  readonly fault?: FaultSide;
}

/**
 * Does what an order's result asks for: hand over for installation (with the lock), remember, say. Gives the names that
 * the CA refused; another order without them may be made. `wanted`: the website's names where they are known.
 * @throws StateError
 */
export async function concludeOrder(
  website: WebsiteRef,
  result: OrderResult,
  wanted: readonly string[] | null,
  { orders: desk, installs }: Desks,
  host: CheckHost,
  recorder: RunRecorder,
  lock: WebsiteLock,
): Promise<readonly RefusedName[]> {
  switch (result.outcome) {
    case 'issued':
      await handIssuedPair(website, result, wanted, installs, host, recorder, lock);
      desk.noteAnswered();
      await desk.rememberPassed(result.record.names);
      return [];
    case 'pending':
      if (result.trouble === null) desk.noteAnswered();
      else desk.noteTrouble(result.trouble.message);
      recorder.record(orderPending(website, result.pollAt, troubleOf(result)));
      return [];
    case 'abandoned':
      if (result.why === 'ORDER_GONE' || result.why === 'CERTIFICATE_UNFIT') {
        await giveUp(website, result.record, result.why, desk, recorder);
        return [];
      }
      recorder.record(orderAbandoned(website, result.why, result.retryAt));
      return [];
    case 'refused':
      return concludeRefusal(website, result, desk, recorder, host.clock.now());
  }
}

/** It cost the CA an order, and is held against the website as one that failed: else each run would make another. */
async function giveUp(
  website: WebsiteRef,
  record: OrderRecord | null,
  why: GivenUp,
  desk: OrderDesk,
  recorder: RunRecorder,
): Promise<void> {
  await desk.noteFailedOrder(website.vhost);
  const held = await desk.websiteWait(website.vhost, false);
  const by = isServersOwn(website) ? 'checkallsslcerts' : 'autossl_check';
  if (record !== null)
    recorder.record(orderGivenUp(website, record, why, { by, notBefore: held?.until ?? null }));
}

/** The CA's own trouble, or its limit of our account, both of which end without anybody's doing. */
function passingTroubleOf({ problem, classification }: RefusedOrder, now: Date): PassingTrouble | null {
  if (classification === 'transient') return { notBefore: problem.retryAt };
  if (classification !== 'rate-limited') return null;
  return { notBefore: problem.retryAt ?? new Date(now.getTime() + UNNAMED_RATE_LIMIT_MS) };
}

/** What makes it wait, when that is more than the CA's own pace. */
function troubleOf({
  record,
  trouble,
  problem,
}: Extract<OrderResult, { outcome: 'pending' }>): string | null {
  if (trouble !== null) return printable(trouble.message);
  if (problem !== null) return refusalWords('the provider refuses to go on', problem);
  return record.doubt?.words ?? null;
}

async function concludeRefusal(
  website: WebsiteRef,
  result: RefusedOrder,
  desk: OrderDesk,
  recorder: RunRecorder,
  now: Date,
): Promise<readonly RefusedName[]> {
  // One that was never placed was noted before the next order went out.
  if (result.record.orderUrl !== null) {
    const isForAll = await desk.noteRefusal(result);
    // The CA's own trouble is no website's, nor is a refusal of our account.
    if (!isForAll && (result.failedNames.length > 0 || result.classification === 'fix-your-input'))
      await desk.noteFailedOrder(website.vhost);
  }
  const refused: RefusedName[] = [];
  for (const failed of result.failedNames) {
    const name = parseWantedName(failed.name);
    if (failed.code === LIMITED_BY_CA) {
      // Nothing is wrong with the name: the ledger knows until when it is held back.
      const stops = result.stops ?? [];
      const stop = stops.find(({ key }) => key === failed.name) ?? stops[0];
      const until = new Date(stop?.until ?? 0);
      const why = refusalWords('the provider takes no orders for it', result.problem);
      if (stop?.unpauseUrl == null) recorder.record(nameHeldBack(website, name, until, why));
      else recorder.record(...namePaused(website, name, until, stop.unpauseUrl));
      refused.push({ name, message: why });
      continue;
    }
    const message = failed.detail.trim() === '' ? 'it gave no reason' : printable(failed.detail);
    const retryAt = await desk.rememberRefused(name, failed.code, message);
    recorder.record(...nameRefused(website, { ...failed, name, message }, retryAt));
    refused.push({ name, message, ...(failed.fault === undefined ? {} : { fault: failed.fault }) });
  }
  const [stop] = result.stops ?? [];
  if (refused.length === 0 && stop !== undefined) {
    const why = `${refusalWords('the provider takes no orders for just these names', result.problem)}.`;
    recorder.record(websiteWaits(website, 'LIMITED_BY_CA', why, new Date(stop.until)));
  } else if (refused.length === 0) {
    const { problem, classification } = result;
    const code = classification === 'rate-limited' ? 'RATE_LIMITED' : 'ORDER_REFUSED';
    const words = refusalWords('the provider refused the order', problem);
    recorder.record(websiteFailed(website, code, words, null, passingTroubleOf(result, now)));
  }
  return refused;
}
