import { AcmeProtocolError } from '../../core/domain/autossl-error.js';
import { classifyProblem } from '../../core/order/classification.js';
import { holdsOrdersBack, shortStopMs } from '../../core/order/limits/account-stop.js';
import { limitedNames } from '../../core/order/limits/rate-limit-scope.js';
import { namesToDrop } from '../../core/order/names-to-drop.js';
import { problemCode } from '../../core/order/problem-type.js';
import type { OrderRecord } from '../../core/order/record.js';
import { mayBeForReplaces } from '../../core/order/replaced-certificate.js';
import { type AcmeOrder, identifierOf } from '../../core/order/resources.js';
import { counted, quoted } from '../../core/report/text/wording.js';
import type { AcmeRefusal } from '../ports/authority.js';
import { type Admission, type LimitedOrder, loadDomainOf } from './order-brake.js';
import { type OrderEventCode, orderEvent, problemPhrase } from './order-events.js';
import type { AssertHeld, OrderPorts, OrderRequest, OrderResult } from './order-ports.js';

/** 8 bytes tell the orders of one millisecond apart. */
const ID_BYTES = 8;
const ID_MS_DIGITS = 13;

/** Times that a newOrder is sent again whose answer was lost, or was no answer of a CA. */
const MOST_REPEATS = 2;
const REPEAT_PAUSE_MS = 500;
/** The connection broke, or something on the way answered. A CA that is silent for the whole time limit is not asked again. */
const LOST_ANSWERS: ReadonlySet<string> = new Set(['UNREACHABLE', 'ANSWER_TOO_LARGE', 'BAD_ANSWER']);

/** A journalled order with its URL, as the CA just described it. */
export interface PlacedOrder {
  readonly outcome: 'placed';
  readonly record: OrderRecord;
  readonly order: AcmeOrder;
}

/**
 * Journals an order, places it, and journals its URL, as one task of the server-wide queue. Where the CA does not take what it
 * says to replace (409 above all), it is placed once more without. @throws AcmeProtocolError when the CA cannot be talked to: nothing
 * of the order is kept then, and should it exist at the CA it expires there
 */
export async function placeOrder(
  request: OrderRequest,
  ports: OrderPorts,
): Promise<PlacedOrder | OrderResult> {
  const staged = await ports.makeKeyAndCsr(request.keyType, request.names, request.reusedKeyPem);
  return ports.placeOrderQueue(async (assertHeld) => {
    ports.signal?.throwIfAborted();
    // What waited for its turn does not go out after what the turns before it met.
    if (ports.isStopped())
      return { outcome: 'abandoned', record: null, why: 'RUN_ORDERS_NO_MORE', retryAt: null };
    const verdict = await admit(limitedOrderOf(request, request.replaces), ports);
    if (!verdict.mayOrder)
      return { outcome: 'abandoned', record: null, why: verdict.because, retryAt: verdict.until };
    const record = { ...newRecord(request, ports), taken: verdict.taken };
    await ports.orders.create(record, staged);
    try {
      const result = await askForOrder(record, request, ports, assertHeld);
      if (result.outcome === 'refused') await ports.noteNotPlaced(result);
      else ports.notePlaced();
      return result;
    } catch (error) {
      if (error instanceof AcmeProtocolError) await ports.noteNotPlaced(error);
      // Our lock may be gone: then the record is somebody else's to remove.
      if (!ports.signal?.aborted) {
        await ports.orders.remove(record.id);
        await ports.brake.release(record.taken);
      }
      throw error;
    }
  });
}

/** In this turn nobody else orders: a stop of some seconds is waited out. */
async function admit(order: LimitedOrder, { brake, clock, signal }: OrderPorts): Promise<Admission> {
  const verdict = await brake.admit(order);
  const waitMs = shortStopMs(verdict, clock.now());
  if (waitMs === null) return verdict;
  await clock.sleep(waitMs, signal);
  return brake.admit(order);
}

async function askForOrder(
  journalled: OrderRecord,
  request: OrderRequest,
  ports: OrderPorts,
  assertHeld: AssertHeld,
): Promise<PlacedOrder | OrderResult> {
  let record = journalled;
  let answer = await postOrder(record, request, ports, assertHeld);
  // Once without what it said to replace, and once without the profile.
  for (let lesser = lesserOrder(record, answer); lesser !== null; lesser = lesserOrder(record, answer)) {
    // One certificate comes of it, however often it is asked for.
    await ports.brake.release(record.taken ?? []);
    record = { ...record, taken: [] };
    const verdict = await ports.brake.admit(limitedOrderOf(request, lesser.record.replaces));
    if (!verdict.mayOrder) break;
    record = { ...lesser.record, taken: verdict.taken };
    await ports.orders.update(record);
    ports.onEvent(orderEvent(record, lesser.code, lesser.words));
    answer = await postOrder(record, request, ports, assertHeld);
  }
  if ('refused' in answer) {
    const problem = answer.refused;
    const classification = classifyProblem(problem);
    const about = { names: record.names, isReplacing: record.replaces !== null };
    const cover = holdsOrdersBack(problem) ? await ports.brake.stop(problem, about) : null;
    await ports.orders.remove(record.id);
    await ports.brake.release(record.taken ?? []);
    return {
      outcome: 'refused',
      record: { ...record, phase: 'failed' },
      problem,
      classification,
      failedNames:
        cover === null
          ? namesToDrop(problem, record.names)
          : limitedNames(cover, record.names, await loadDomainOf(), problem),
      ...(cover?.covers === 'parts' ? { stops: cover.stops } : {}),
    };
  }
  record = {
    ...record,
    phase: 'placed',
    orderUrl: answer.url,
    expiresAt: answer.expiresAt?.toISOString() ?? null,
  };
  await ports.orders.update(record);
  ports.onEvent(
    orderEvent(record, 'ORDER_PLACED', `Ordered a certificate for ${counted(record.names.length, 'name')}.`),
  );
  return { outcome: 'placed', record, order: answer };
}

/** The order without what the CA does not take; null: that is not what it refuses. */
function lesserOrder(
  record: OrderRecord,
  answer: Awaited<ReturnType<OrderPorts['authority']['newOrder']>>,
): { readonly record: OrderRecord; readonly code: OrderEventCode; readonly words: string } | null {
  if (!('refused' in answer)) return null;
  const { refused } = answer;
  if (record.profile != null && problemCode(refused) === 'invalidProfile') {
    const words = `The CA does not take the profile ${quoted(record.profile)} (${problemPhrase(refused)}); ordering without one.`;
    return { record: { ...record, profile: null }, code: 'ORDER_PLACED_WITHOUT_PROFILE', words };
  }
  if (record.replaces !== null && mayBeForReplaces(refused)) {
    const words = `The CA does not take the certificate that is to be replaced (${problemPhrase(refused)}); ordering without naming it.`;
    return { record: { ...record, replaces: null }, code: 'ORDER_PLACED_WITHOUT_REPLACES', words };
  }
  return null;
}

/** Asked again, and counted again, where the answer was lost on its way: a CA gives the same order to the same question. */
async function postOrder(
  record: OrderRecord,
  request: OrderRequest,
  ports: OrderPorts,
  assertHeld: AssertHeld,
): Promise<AcmeOrder | AcmeRefusal> {
  const options = {
    ...(record.replaces === null ? {} : { replaces: record.replaces }),
    ...(record.profile == null ? {} : { profile: record.profile }),
  };
  for (let repeat = 1; ; repeat += 1) {
    try {
      // Whoever has the website now may be ordering, too.
      await assertHeld();
      const identifiers = request.names.map(identifierOf);
      return await ports.authority.newOrder(identifiers, options, ports.signal, assertHeld);
    } catch (error) {
      if (!isLostAnswer(error) || repeat > MOST_REPEATS) throw error;
      const verdict = await ports.brake.admit(limitedOrderOf(request, record.replaces));
      if (!verdict.mayOrder) throw error;
      // However often it is asked for, one certificate comes of it.
      await ports.brake.release(verdict.taken);
      await ports.clock.sleep(repeat * REPEAT_PAUSE_MS, ports.signal);
    }
  }
}

function isLostAnswer(error: unknown): boolean {
  return error instanceof AcmeProtocolError && LOST_ANSWERS.has(error.code);
}

/** What the limits look at in a request. */
function limitedOrderOf(request: OrderRequest, replaces: string | null): LimitedOrder {
  return {
    names: request.names,
    isReplacing: replaces !== null,
    wasCertified: request.wasCertified ?? false,
    hasFailedBefore: request.hasFailedBefore ?? false,
    isEmergency: request.isEmergency ?? false,
    isCalledBack: request.because.includes('CALLED_BACK'),
  };
}

function newRecord(request: OrderRequest, ports: OrderPorts): OrderRecord {
  const now = ports.clock.now();
  const suffix = Buffer.from(ports.random.bytes(ID_BYTES)).toString('hex');
  return {
    schemaVersion: 1,
    id: `${String(now.getTime()).padStart(ID_MS_DIGITS, '0')}-${suffix}`,
    account: request.website.account,
    vhost: request.website.vhost,
    provider: request.provider.name,
    directoryUrl: request.directoryUrl,
    acmeAccountUrl: ports.account.url,
    names: request.names,
    ...(request.byDns === undefined || request.byDns.length === 0 ? {} : { byDns: request.byDns }),
    ...(request.insteadOf === undefined ? {} : { insteadOf: request.insteadOf }),
    ...(request.neededBy === undefined ? {} : { neededBy: request.neededBy ?? now.toISOString() }),
    keyType: request.keyType,
    replaces: request.replaces,
    ...(request.profile == null ? {} : { profile: request.profile }),
    createdAt: now.toISOString(),
    phase: 'journalled',
    orderUrl: null,
    expiresAt: null,
    challenges: [],
    pollAt: null,
    lastPolledAt: null,
    diedOf: null,
    logStartedAt: request.logStartedAt,
    because: request.because,
  };
}
