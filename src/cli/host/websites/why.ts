import { createAccountFiles } from '../../../adapters/acme/account-files.js';
import { readRunSchedule } from '../../../adapters/setup/run-schedule.js';
import { createChallengeSolver } from '../../../adapters/solvers/create-solver.js';
import { openExclusions } from '../../../adapters/store/choices/exclusions.js';
import { type ActiveProvider, readActiveProvider } from '../../../adapters/store/choices/provider-choice.js';
import { FileLedger } from '../../../adapters/store/orders/ledger.js';
import { FileDueIndex } from '../../../adapters/store/records/due-index.js';
import { FileNameMemory } from '../../../adapters/store/records/names.js';
import { FileServedStore } from '../../../adapters/store/records/served.js';
import { systemClock } from '../../../adapters/system/clock.js';
import { entryAt, isThere } from '../../../adapters/system/files/files.js';
import { readHostName } from '../../../adapters/system/host-name.js';
import { FileLockKeeper } from '../../../adapters/system/locks/locks.js';
import { readOwnAddresses, readTranslatedAddresses } from '../../../adapters/system/own-addresses.js';
import { systemRandom } from '../../../adapters/system/random.js';
import type { Tree } from '../../../adapters/system/tree.js';
import type { CaaIssuer } from '../../../core/caa/outcome.js';
import type { DcvOutcome } from '../../../core/dcv/outcome.js';
import type { AccountName } from '../../../core/domain/account/account-name.js';
import { judgeHostname } from '../../../core/domain/name/hostname.js';
import type { WantedName } from '../../../core/domain/name/names.js';
import type { ProviderDescription } from '../../../core/provider/description.js';
import { LETS_ENCRYPT } from '../../../core/provider/known/lets-encrypt.js';
import type { ExcludedBy, UsedProvider } from '../../../core/report/why/why-facts.js';
import { DnsPreflight } from '../../../runs/validation/dns-preflight.js';
import { validateByDns } from '../../../runs/validation/validate-by-dns.js';
import { CaaLook } from '../../../runs/why-domain/caa-view.js';
import type { NameView, WhyHost } from '../../../runs/why-domain/why-host.js';
import { type Base, openBase } from '../base.js';
import { openCaaHost } from '../check/caa.js';
import { openZones, type ZonesHost } from '../check/dns.js';
import { openJudgement, openRecords } from '../check/evaluation.js';
import { wildcardAbilityBySettings } from '../check/wildcard-ability.js';
import { ProviderCatalogue } from '../manage/provider-catalogue.js';
import { readReplacingAccount } from '../manage/replacing-account.js';
import { openRunLogs } from '../manage/run-logs.js';
import { openSight } from './sight.js';

/** What answering why a name is not secured reads, and looks with. Opening it writes nothing. @throws ConfigurationError */
export async function openWhyHost(environment: NodeJS.ProcessEnv, uid: number): Promise<WhyHost> {
  const base = await openBase(environment, uid);
  const { tree, settings } = base;
  const active = readActiveProvider(tree);
  const catalogue = new ProviderCatalogue(tree, settings);
  const provider = active.state === 'chosen' ? await catalogue.find(active.name) : null;
  const used = usedProvider(active, provider);
  // As `autossl status` does where none is active.
  const described = provider ?? LETS_ENCRYPT;
  const { evaluate, clobberExternallySigned } = await openJudgement(base, described, provider !== null);
  const records = openRecords(base);
  const hostname = judgeHostname(await readHostName(tree), { isPublic: false });
  return {
    ...records,
    accounts: (await isThere(tree.users())) ? records.accounts : null,
    clock: systemClock,
    evaluate,
    wildcardAbility: async (names) => wildcardAbilityBySettings(provider, settings.dns, names),
    settings: {
      clobberExternallySigned,
      preflight: settings.preflight,
      newOrdersPer3Hours: settings.limits.newOrdersPer3Hours,
    },
    served: new FileServedStore(tree),
    certificatePath: (vhost) => tree.combined(vhost),
    names: new FileNameMemory(tree),
    ledger: new FileLedger(tree),
    due: new FileDueIndex(tree),
    logs: openRunLogs(tree),
    provider,
    used,
    replacingAccount: async () =>
      provider === null ? null : await readReplacingAccount(tree, settings, provider),
    hostname: hostname.isUsable ? hostname.name : '',
    readSchedule: (now) => readRunSchedule(tree, now),
    readExclusion: (account, name) => readExclusion(account, name, tree),
    view: await openView(base, records, provider, uid),
  };
}

function usedProvider(active: ActiveProvider, provider: ProviderDescription | null): UsedProvider {
  if (provider !== null) return { state: 'chosen', name: provider.name, displayName: provider.displayName };
  return { state: active.state === 'chosen' ? 'disabled' : active.state };
}

async function readExclusion(account: AccountName, name: WantedName, tree: Tree): Promise<ExcludedBy> {
  const file = tree.exclusionsOf(account);
  const found = (await openExclusions(tree).list(account)).find((one) => one.name === name);
  const changedAt = entryAt(file)?.mtime.toISOString() ?? null;
  return { file, by: found?.by ?? null, at: found?.at ?? null, changedAt };
}

async function openView(
  base: Base,
  { accounts }: Pick<ReturnType<typeof openRecords>, 'accounts'>,
  provider: ProviderDescription | null,
  uid: number,
): Promise<NameView> {
  const { tree, settings } = base;
  const sight = openSight(settings, {
    ownAddresses: await readOwnAddresses(tree),
    addressMap: new Map([...(await readTranslatedAddresses(tree)), ...settings.addressMap]),
  });
  const obstacle = cannotPlace(tree, settings.challenges.method, uid);
  const zones = openZones(base, { ...sight, locks: new FileLockKeeper(tree) });
  const canTryByDns = zones !== null && obstacle === null && provider?.dcvMethods.includes('dns-01') === true;
  const { httpMaxRedirects: maxRedirects } = provider ?? LETS_ENCRYPT;
  return {
    preflight: { ...sight, random: systemRandom, maxRedirects },
    openSolver: async () =>
      createChallengeSolver({
        tree,
        clock: systemClock,
        place: settings.challenges.method,
        homeDirectoryOf: async (account) => {
          const inventory = await accounts.read(account);
          return inventory?.state === 'ready' ? inventory.account.homeDirectory : null;
        },
      }),
    cannotPlace: obstacle,
    ...(canTryByDns ? { tryByDns: (outcomes, signal) => tryByDns(outcomes, zones, signal) } : {}),
    ...(provider === null
      ? {}
      : {
          caa: new CaaLook({
            caa: openCaaHost(base, zones),
            accounts,
            issuer: await caaIssuer(tree, provider),
            canTryByDns,
          }),
        }),
  };
}

/** A test record that cannot be taken away is in the journal of its solver: the next run does it. */
function tryByDns(
  outcomes: readonly DcvOutcome[],
  zones: ZonesHost,
  signal: AbortSignal,
): Promise<readonly DcvOutcome[]> {
  return validateByDns(outcomes, new DnsPreflight(zones.openSolver(), systemRandom, () => undefined), signal);
}

/** As its directory last said, and our account as far as it is recorded: the provider is not asked. */
async function caaIssuer(tree: Tree, { name, kind, caaIdentities }: ProviderDescription): Promise<CaaIssuer> {
  if (kind !== 'acme' || caaIdentities.length === 0) return { identities: caaIdentities, accountUrl: null };
  const account = await createAccountFiles(tree, name).readAccount();
  return { identities: caaIdentities, accountUrl: account?.url ?? null };
}

/** Where the files lie is root's alone, but in a private tree of somebody else's. */
function cannotPlace(
  tree: Tree,
  method: Base['settings']['challenges']['method'],
  uid: number,
): string | null {
  if (uid === 0) return null;
  const facts = entryAt(tree.challenges());
  const isOwn = method === 'shared-folder' && (facts === undefined || facts.uid === uid);
  return isOwn ? null : 'only root may place a test file';
}
