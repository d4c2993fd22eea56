import { refusalWords } from '../../../core/report/events/refusal-words.js';
import type { OrderResult } from '../order-ports.js';
import type { Leaving } from './provider-bench.js';

/** Why an order is given up before it is placed, that is the CA's word or limit. */
const LIMITS_OF_CA = ['STOPPED_BY_CA', 'LIMITED_BY_CA', 'DOMAIN_LIMIT'] as const;

/** What an order met for which another provider could be asked: a limit that holds all of its names; null: nothing such. */
export function leavingAfter(result: OrderResult): Leaving | null {
  if (result.outcome === 'abandoned') {
    const code = LIMITS_OF_CA.find((one) => one === result.why);
    if (code === undefined) return null;
    return { code, message: 'its limit holds the website back.', until: result.retryAt };
  }
  if (result.outcome !== 'refused' || result.classification !== 'rate-limited') return null;
  if (result.failedNames.length > 0 && result.failedNames.length < result.record.names.length) return null;
  const [stop] = result.stops ?? [];
  const until = stop === undefined ? result.problem.retryAt : new Date(stop.until);
  const message = `${refusalWords('it refused the order', result.problem)}.`;
  return { code: stop === undefined ? 'STOPPED_BY_CA' : 'LIMITED_BY_CA', message, until };
}
