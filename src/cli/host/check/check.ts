import { createAccountFiles } from '../../../adapters/acme/account-files.js';
import { tidyRunLogs } from '../../../adapters/journal/log-tidying.js';
import { openRunLog } from '../../../adapters/journal/run-log.js';
import { createChallengeSolver } from '../../../adapters/solvers/create-solver.js';
import { readActiveProvider, readFallbacks } from '../../../adapters/store/choices/provider-choice.js';
import { FileLedger } from '../../../adapters/store/orders/ledger.js';
import { FileOrphanNotes } from '../../../adapters/store/orphans/orphan-notes.js';
import { FileOrphanSets } from '../../../adapters/store/orphans/orphan-sets.js';
import { sweepTemporaryFiles } from '../../../adapters/store/orphans/store-sweeping.js';
import { shareCopies } from '../../../adapters/store/publication/shared-copies.js';
import { FileDueIndex } from '../../../adapters/store/records/due-index.js';
import { FileNameMemory } from '../../../adapters/store/records/names.js';
import { readFreeRoom } from '../../../adapters/store/room/free-room.js';
import { StateMark } from '../../../adapters/store/state-mark.js';
import { systemClock } from '../../../adapters/system/clock.js';
import { generateKey } from '../../../adapters/system/files/private-key.js';
import { FileLockKeeper } from '../../../adapters/system/locks/locks.js';
import { readTranslatedAddresses } from '../../../adapters/system/own-addresses.js';
import { systemRandom } from '../../../adapters/system/random.js';
import { createCsr } from '../../../core/certificate/csr.js';
import { readCertificate } from '../../../core/certificate/parse.js';
import { decodePem, splitPem } from '../../../core/certificate/pem/pem.js';
import { ConfigurationError, InternalError } from '../../../core/domain/autossl-error.js';
import type { ProviderDescription } from '../../../core/provider/description.js';
import { unfitFallback } from '../../../core/provider/failover.js';
import { withProfile } from '../../../core/provider/profiles.js';
import { PROVIDERS } from '../../../core/provider/registry.js';
import type { CheckHost } from '../../../runs/check/check-host.js';
import { type Base, openBase } from '../base.js';
import { ProviderCatalogue } from '../manage/provider-catalogue.js';
import { choiceOf } from '../manage/provider-choice.js';
import { openSight } from '../websites/sight.js';
import { AuthorityOpener } from './authorities.js';
import { openCaaHost } from './caa.js';
import { openZones } from './dns.js';
import { openJudgement, openRecords } from './evaluation.js';
import { openInstallHost, openPlaceholders } from './install.js';
import { openNoticeDesk } from './notice-desk.js';
import { openRevocation } from './revocation.js';
import { wildcardAbilityBySettings } from './wildcard-ability.js';

/** Websites worked on for each that may order: while a few wait for dead servers, others have names that pass. */
const WEBSITES_PER_ORDER = 4;

/** A check's world; what was opened is closed with it. */
export interface OpenCheckHost extends CheckHost {
  close(): Promise<void>;
}

/** Null when AutoSSL is disabled. @throws ConfigurationError */
export async function openCheckHost(
  environment: NodeJS.ProcessEnv,
  uid: number,
): Promise<OpenCheckHost | null> {
  return await openCheckHostOn(await openBase(environment, uid));
}

/** The same of a tree whose settings were read already. */
export async function openCheckHostOn({ tree, settings }: Base): Promise<OpenCheckHost | null> {
  const active = readActiveProvider(tree);
  if (active.state === 'disabled') return null;
  if (active.state !== 'chosen') {
    throw new ConfigurationError('UNKNOWN_PROVIDER', 'no provider is chosen yet', {
      advice: 'Run: autossl provider list, then: autossl provider use NAME --accept-terms URL',
    });
  }
  const catalogue = new ProviderCatalogue(tree, settings);
  const described = await catalogue.find(active.name);
  const choice = choiceOf(tree, settings, described.name);
  const directoryUrl = choice.directoryUrl ?? described.directoryUrl;
  if (described.kind === 'acme' && directoryUrl === null) {
    throw new ConfigurationError('BAD_SETTING', `${described.name} is chosen, but no ACME directory of it`, {
      advice: `Run: autossl provider use ${described.name} --directory URL`,
    });
  }
  const provider: ProviderDescription = {
    ...withProfile(described, choice.profile),
    directoryUrl,
    patienceMs: settings.run.patienceMs ?? described.patienceMs,
  };
  const { accounts, certificates, orders, issued, problems } = openRecords({ tree, settings });
  const atWork = (await orders.list()).flatMap((entry) =>
    entry.state === 'ok' ? [entry.record.provider] : [],
  );
  const others = await catalogue.findAll(atWork);
  const named = await catalogue.findAll(readFallbacks(tree));
  const unfitFor = (one: ProviderDescription) => {
    const chosenUrl = choiceOf(tree, settings, one.name).directoryUrl;
    return unfitFallback({ ...one, directoryUrl: chosenUrl ?? one.directoryUrl }, provider);
  };
  const fallbacks = named
    .filter((one) => unfitFor(one) === null)
    .map((one) => withProfile(one, choiceOf(tree, settings, one.name).profile))
    .map((one) => ({ ...one, patienceMs: settings.run.patienceMs ?? one.patienceMs }));
  const judgement = await openJudgement({ tree, settings }, provider);
  const solver = () =>
    createChallengeSolver({
      tree,
      clock: systemClock,
      place: settings.challenges.method,
      homeDirectoryOf: async (account) => {
        const inventory = await accounts.read(account);
        return inventory?.state === 'ready' ? inventory.account.homeDirectory : null;
      },
    });
  const install = await openInstallHost({ tree, settings }, certificates);
  const sight = openSight(settings, {
    ownAddresses: install.ownAddresses,
    addressMap: new Map([...(await readTranslatedAddresses(tree)), ...settings.addressMap]),
  });
  const authorities = new AuthorityOpener(tree, settings, sight, (one, facts) => catalogue.note(one, facts));
  const locks = new FileLockKeeper(tree);
  const zones = openZones({ tree, settings }, { ...sight, locks });

  return {
    clock: systemClock,
    random: systemRandom,
    accounts,
    certificates,
    orders,
    issued,
    names: new FileNameMemory(tree),
    ledger: new FileLedger(tree),
    problems,
    due: new FileDueIndex(tree),
    locks,
    stateMark: new StateMark(tree),
    freeRoom: () => readFreeRoom(tree),
    install,
    placeholders: openPlaceholders(certificates, settings),
    orphans: {
      notes: new FileOrphanNotes(tree),
      sets: new FileOrphanSets({ tree, clock: systemClock, sets: certificates, issued }),
    },
    openSolver: async () => solver(),
    openDnsSolver: async () => zones?.openSolver() ?? null,
    wildcardAbility: async (names) => {
      const bySettings = wildcardAbilityBySettings(provider, settings.dns, names);
      return bySettings === 'unsure' && (await zones?.mayValidate(names)) === true ? 'yes' : bySettings;
    },
    preflight: {
      ...sight,
      random: systemRandom,
      maxRedirects: provider.httpMaxRedirects,
      concurrency: settings.concurrency.probes,
    },
    caa: openCaaHost({ tree, settings }, zones),
    openAuthority: (wanted) => authorities.open(wanted, choiceOf(tree, settings, wanted.name)),
    openJournal: (facts) => openRunLog(tree, { ...facts, clock: systemClock }),
    tidy: async () => {
      sweepTemporaryFiles(tree, { everywhere: false });
      await orders.sweep();
      await certificates.finishHalfDonePublishes();
      if (settings.keyGroup !== null) await shareCopies(tree, settings.keyGroup);
      await tidyRunLogs(tree, systemClock.now());
    },
    sweepChallenges: async () => {
      const unfinished = (await orders.list()).filter((entry) => entry.state === 'ok');
      const wanted = unfinished.flatMap(({ record }) =>
        record.challenges.map((placed) => (placed.method === 'http-01' ? placed.token : placed.value)),
      );
      const sweeper = solver();
      await sweeper.sweep(new Set(wanted));
      await sweeper.close();
      return (await zones?.openSolver().sweep(new Set(wanted))) ?? [];
    },
    makeKeyAndCsr: async (keyType, names, reusedKeyPem) => {
      const keyPem = reusedKeyPem ?? (await generateKey(keyType));
      return { keyPem, csrDer: await createCsr({ names, keyPem }) };
    },
    evaluate: judgement.evaluate,
    renewalInfo: judgement.renewalInfo,
    lostKeys: judgement.known,
    revocation: openRevocation({ tree, settings }, judgement.known),
    describeLeaf: leafOf,
    provider,
    notices: await openNoticeDesk({ tree, settings }),
    fallbacks,
    untrustedFallbacks: named.filter((one) => unfitFor(one) === 'UNTRUSTED').map(({ name }) => name),
    providerHooks: await authorities.openHooks(provider, choice),
    providerNamed: (name) =>
      [...others, ...fallbacks, ...PROVIDERS, described].find((one) => one.name === name),
    directoryUrl: provider.directoryUrl ?? '',
    directoryUrlOf: (one) => choiceOf(tree, settings, one.name).directoryUrl ?? one.directoryUrl ?? '',
    accountUrlOf: async (one) => (await createAccountFiles(tree, one.name).readAccount())?.url ?? null,
    root: tree.isPrivate ? tree.root : null,
    settings: {
      preflight: settings.preflight,
      concurrentOrders: settings.concurrency.orders,
      concurrentWebsites: settings.concurrency.orders * WEBSITES_PER_ORDER,
      newOrdersPer3Hours: settings.limits.newOrdersPer3Hours,
      outageMs: settings.run.outageMs,
      deadlineMs: settings.run.deadlineMs,
      intervalMs: settings.run.intervalMs,
      clobberExternallySigned: judgement.clobberExternallySigned,
      reuseKey: settings.reuseKey,
      wildcardReduction: settings.wildcardReduction,
    },
    close: async () => authorities.close(),
  };
}

/** Facts of the leaf of a PEM chain. */
export function leafOf(chainPem: string) {
  const [first] = splitPem(chainPem).filter(({ label }) => label === 'CERTIFICATE');
  if (first === undefined)
    throw new InternalError('BUG', 'a chain without a certificate was to be published');
  return readCertificate(decodePem(first));
}
