import type { OrderDoubt } from '../../order/doubt.js';
import type { AcmeProblem } from '../../order/resources.js';
import { quoted } from '../text/wording.js';
import type { RunEvent } from './event.js';
import { refusalWords } from './refusal-words.js';

/** Ends of an order that the CA had taken and did not finish. */
export type GivenUp = 'ORDER_EXPIRED' | 'ORDER_GONE' | 'CERTIFICATE_UNFIT';

/**
 * An order that the CA had taken is given up. `again`: the program that orders anew, and, where something holds that back,
 * from when on. Times are ISO 8601.
 */
export function orderGivenUp(
  website: { readonly account: string; readonly vhost: string },
  order: {
    readonly createdAt: string;
    readonly expiresAt: string | null;
    readonly doubt?: OrderDoubt | null;
  },
  why: GivenUp,
  again: { readonly by: string; readonly notBefore: Date | null },
): RunEvent {
  return {
    type: 'error',
    code: why,
    indent: 1,
    account: website.account,
    vhost: website.vhost,
    fault: 'ours',
    contents: `${quoted(website.vhost)}: the order of ${order.createdAt} is given up: ${endOf(order, why)}. ${againWords(again)}`,
    data: { createdAt: order.createdAt, expiresAt: order.expiresAt },
  };
}

function endOf(
  { expiresAt, doubt }: Pick<Parameters<typeof orderGivenUp>[1], 'expiresAt' | 'doubt'>,
  why: GivenUp,
): string {
  if (why === 'ORDER_EXPIRED')
    return `the provider did not finish it in its time${expiresAt === null ? '' : `, which ended ${expiresAt}`}`;
  if (why === 'ORDER_GONE') return `${doubt?.words ?? 'the CA no longer knows the order'}${readWords(doubt)}`;
  return `what the CA issued cannot be put in place: ${doubt?.words ?? 'its certificate is unfit'}${readWords(doubt)}. Nothing was replaced`;
}

function readWords(doubt: OrderDoubt | null | undefined): string {
  return doubt == null || doubt.reads < 2 ? '' : `, which was read ${doubt.reads} times since ${doubt.since}`;
}

function againWords({ by, notBefore }: { readonly by: string; readonly notBefore: Date | null }): string {
  return notBefore === null
    ? `The next run of ${by} orders again.`
    : `${by} orders again from ${notBefore.toISOString()} on, since several of its orders failed.`;
}

/** The provider does not take the key that a certificate was to keep: the order is over, and another is made. */
export function keyNotKept(
  { account, vhost }: { readonly account: string; readonly vhost: string },
  problem: AcmeProblem,
): RunEvent {
  return {
    type: 'warn',
    code: 'KEY_NOT_KEPT',
    indent: 1,
    account,
    vhost,
    contents: `${quoted(vhost)}: ${refusalWords('the provider does not take the key in use', problem)}; it is ordered for a new one.`,
  };
}
