import type { AccountName } from '../../core/domain/account/account-name.js';
import type { WantedName } from '../../core/domain/name/names.js';
import type { Website } from '../../core/domain/website/website.js';
import type { ServerCheck } from '../../core/plan/install/install-liveness.js';
import type { WeighedName } from '../../core/plan/unsure-names.js';
import type { AccountChange } from '../../core/provider/account-changes.js';
import { nameDeclined, providerHookFailed } from '../../core/report/events/provider-events.js';
import type { CheckHost } from '../check/check-host.js';
import type { RunRecorder } from '../check/run-recorder.js';
import type { ProviderHooks } from '../ports/authority.js';

/** Tells the active provider of a run's beginning or end, where it wants to know. */
export async function tellOfRun(
  when: 'startCheck' | 'finishCheck',
  user: AccountName | null,
  host: Pick<CheckHost, 'providerHooks'>,
  recorder: RunRecorder,
): Promise<void> {
  if (host.providerHooks !== null) note(await host.providerHooks[when](user), recorder);
}

/** Tells it of accounts that are gone or called otherwise since the last full run, each once. */
export async function tellOfAccounts(
  changes: readonly AccountChange[],
  hooks: ProviderHooks,
  recorder: RunRecorder,
): Promise<void> {
  for (const change of changes) {
    const told =
      change.kind === 'renamed'
        ? hooks.accountRenamed(change.former, change.present)
        : hooks.accountTerminated(change.former);
    note(await told, recorder);
  }
}

/** Asks it about names that this server validated: what it has errors of is left out. Without its word all stay. */
export async function askProvider(
  website: Website,
  weighed: readonly WeighedName[],
  host: Pick<CheckHost, 'providerHooks'>,
  recorder: RunRecorder,
  releaseUnsure: (count: number) => void,
): Promise<WeighedName[]> {
  const hooks = host.providerHooks;
  const passed = weighed
    .filter((one) => one.passed)
    .map(({ name, method = 'http-01' as const }) => ({ name, method }));
  if (hooks === null || passed.length === 0) return [...weighed];
  const errors = await hooks.dcvErrors(website.account, passed);
  if ('fault' in errors) {
    recorder.record(providerHookFailed(errors.fault));
    return [...weighed];
  }
  return weighed.map((one) => decline(one, errors.byName, website, recorder, releaseUnsure));
}

function decline(
  one: WeighedName,
  errors: ReadonlyMap<WantedName, readonly string[]>,
  website: Website,
  recorder: RunRecorder,
  releaseUnsure: (count: number) => void,
): WeighedName {
  const said = errors.get(one.name) ?? [];
  if (said.length === 0) return one;
  recorder.record(nameDeclined(website, one.name, said));
  if (one.isUnsure) releaseUnsure(1);
  return { name: one.name, passed: false, isUnsure: false, fault: 'owner' };
}

function note(told: ServerCheck, recorder: RunRecorder): void {
  if (!told.ok) recorder.record(providerHookFailed(told.why));
}
