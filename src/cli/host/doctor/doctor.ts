import { OwnTreeState } from '../../../adapters/doctor/own-tree.js';
import { sweepTemporaryFiles } from '../../../adapters/store/orphans/store-sweeping.js';
import { staleCopies } from '../../../adapters/store/publication/derived-state.js';
import { PublishJournal } from '../../../adapters/store/publication/publish-journal.js';
import { openServiceCertificates } from '../../../adapters/store/services/service-certificates.js';
import { systemClock } from '../../../adapters/system/clock.js';
import { FileLockKeeper } from '../../../adapters/system/locks/locks.js';
import { SERVER_OWNER } from '../../../core/domain/account/hostname-owner.js';
import { parseDomainName } from '../../../core/domain/name/names.js';
import { SERVICE_NAMES } from '../../../core/domain/service/service-name.js';
import type { DoctorHost } from '../../../runs/doctor/doctor-host.js';
import { setUp } from '../../../runs/set-up.js';
import { type Base, openBase } from '../base.js';
import { AuthorityOpener } from '../check/authorities.js';
import { openRecords } from '../check/evaluation.js';
import { openLimitsHost } from '../manage/limits.js';
import { choiceOf } from '../manage/provider-choice.js';
import { openSetUpHost } from '../manage/setup.js';
import { unusableWays } from '../notices.js';
import { openCertificates } from '../websites/certificates.js';
import { openSight } from '../websites/sight.js';
import { openWhyHost } from '../websites/why.js';

/** The set of a service lies in the service's folder, whatever the hostname is. */
const ANY_NAME = parseDomainName('service.invalid');

/** What the doctor looks at and mends with. Opening it writes nothing. @throws ConfigurationError */
export async function openDoctorHost(
  environment: NodeJS.ProcessEnv,
  uid: number,
  program: string,
): Promise<DoctorHost> {
  const base = await openBase(environment, uid);
  const { tree, settings } = base;
  const why = await openWhyHost(environment, uid);
  return {
    why,
    limits: await openLimitsHost(environment, uid),
    locks: new FileLockKeeper(tree),
    certificates: openCertificates(base),
    files: new OwnTreeState(tree),
    staleCopies: (website) => staleCopies(tree, website, settings.keyGroup, systemClock.now()),
    sweep: async () => {
      const swept = sweepTemporaryFiles(tree, { everywhere: true });
      await openRecords(base).orders.sweep();
      return swept;
    },
    servicePairs: () => servicePairs(base),
    halfDone: async () =>
      (await new PublishJournal(tree).list()).flatMap((entry) =>
        entry.state === 'ok' && !entry.publication.isUnderWay ? [entry.publication.website.vhost] : [],
      ),
    askAuthority: async (signal) => {
      const { provider } = why;
      if (provider === null || provider.kind !== 'acme') return null;
      const sight = openSight(settings, { ownAddresses: [], addressMap: new Map() });
      const choice = choiceOf(tree, settings, provider.name);
      const directoryUrl = choice.directoryUrl ?? provider.directoryUrl;
      const authority = await new AuthorityOpener(tree, settings, sight).open(
        { ...provider, directoryUrl },
        choice,
      );
      return await authority.readDirectory(signal);
    },
    unusableWays: unusableWays(settings.notices),
    setUpCron: async () => {
      const host = await openSetUpHost(environment, uid, program);
      const request = { parts: ['cron'], isUndo: false, isDryRun: false } as const;
      const { steps } = await setUp(request, host, () => undefined);
      return steps.map(({ action, path }) => `${action}: ${path}`);
    },
  };
}

async function servicePairs({ tree, settings }: Base) {
  const pairs: { service: string; isPair: boolean }[] = [];
  for (const service of SERVICE_NAMES) {
    const { keyGroup } = settings.services[service];
    const certificates = openServiceCertificates({ tree, service, clock: systemClock, keyGroup });
    const website = { account: SERVER_OWNER, vhost: ANY_NAME };
    const evidence = await certificates.gatherEvidence(website);
    if (evidence.kind === 'absent') continue;
    pairs.push({ service, isPair: (await certificates.readKey(website)) !== undefined });
  }
  return pairs;
}
