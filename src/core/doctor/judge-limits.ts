import type { AccountLimits, Limits } from '../report/tables/limits-table.js';
import { counted } from '../report/text/wording.js';
import { type Finding, ok } from './finding.js';

/** A stop that lies further ahead is named with the way out of it. */
const LONG_STOP_MS = 24 * 60 * 60_000;
const SEE_LIMITS = 'See: autossl limits';

/** What cannot be read of the limits, and what providers stopped: the account whenever, parts of it where that takes long. */
export function judgeLimits({
  at,
  accounts,
  faults,
}: Pick<Limits, 'at' | 'accounts' | 'faults'>): readonly Finding[] {
  const unread = faults.map(
    ({ message, advice }): Finding => ({
      code: 'LIMITS',
      health: 'fault',
      message,
      advice: advice ?? SEE_LIMITS,
      isFixable: false,
    }),
  );
  const tomorrow = new Date(Date.parse(at) + LONG_STOP_MS).toISOString();
  const stopped = accounts.flatMap((account) => stopsOf(account, tomorrow));
  if (unread.length + stopped.length > 0) return [...unread, ...stopped];
  return [ok('LIMITS', 'no provider has stopped our account')];
}

/** ISO instants of one form sort by time. */
function stopsOf(
  { provider, stoppedUntil, stoppedBecause, stops }: AccountLimits,
  tomorrow: string,
): readonly Finding[] {
  const forget = `If that was a mistake, or is over: autossl limits --forget ${provider}`;
  const finding = (what: string, until: string, because: string | null): Finding => ({
    code: 'LIMITS',
    health: 'warning',
    message: `${provider} stopped ${what} until ${until}: ${because ?? 'it gave no reason'}`,
    advice: until > tomorrow ? forget : SEE_LIMITS,
    isFixable: false,
  });
  const long = stops.filter(({ until }) => until > tomorrow);
  const [first] = long;
  const others = long.length > 1 ? ` and ${counted(long.length - 1, 'other')}` : '';
  return [
    ...(stoppedUntil === null ? [] : [finding('our account', stoppedUntil, stoppedBecause)]),
    ...(first === undefined ? [] : [finding(`${first.key}${others}`, first.until, first.because)]),
  ];
}
