import { parseAccountName } from '../../src/core/domain/account/account-name.js';
import type { CheckReport } from '../../src/core/report/check/check-report.js';
import { checkWebsites } from '../../src/runs/check/check-websites.js';
import { FakeCa } from './fake-ca.js';
import { FakeHost } from './fake-host.js';

export interface CheckWords {
  readonly user?: string;
  readonly reissue?: boolean;
  readonly yesReally?: boolean;
  readonly signal?: AbortSignal;
}

/** One run of autossl_check on a host. */
export function runCheck(host: FakeHost, words: CheckWords = {}): Promise<CheckReport> {
  const scope = {
    user: words.user === undefined ? null : parseAccountName(words.user),
    isReissueAsked: words.reissue === true,
    isBrakeOverridden: words.yesReally === true,
    signal: words.signal ?? new AbortController().signal,
  };
  return checkWebsites(scope, host, () => undefined);
}

/** A host whose CA issues whatever is asked for. */
export function hostWithCa(): { readonly host: FakeHost; readonly ca: FakeCa } {
  const host = new FakeHost();
  const ca = new FakeCa(() => host.clock.now());
  host.ca = ca;
  return { host, ca };
}

/** `s0.test`, `s1.test` …: one name each. */
export function manySites(count: number): (readonly string[])[] {
  return Array.from({ length: count }, (_, index) => [`s${String(index).padStart(4, '0')}.test`]);
}
