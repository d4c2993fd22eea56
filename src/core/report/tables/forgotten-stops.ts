import type { StopScope } from '../../order/ledger-record.js';
import { storedRefusalWords } from '../events/refusal-words.js';

/** What a provider had stopped and is no longer held back here. */
export interface ForgottenStop {
  readonly provider: string;
  readonly scope: 'account' | StopScope;
  /** The domain, the name, or the names of the set; null: the account. */
  readonly key: string | null;
  /** Until when it would have held, ISO. */
  readonly until: string;
  /** The provider's code and words. */
  readonly because: string;
}

/** What was lifted, line by line, and when orders go out again. */
export function* renderForgottenStops(stops: readonly ForgottenStop[]): Generator<string> {
  if (stops.length === 0) {
    yield 'Nothing was stopped.';
    return;
  }
  for (const { provider, scope, key, until, because } of stops) {
    const what = key === null ? 'our account' : scope === 'exact-set' ? `just ${key}` : key;
    yield `${storedRefusalWords(`${provider}: ${what} was stopped until ${until}`, because)}; lifted.`;
  }
  yield 'What is still meant will be said again. The next run orders; at once: autossl_check --all';
}
