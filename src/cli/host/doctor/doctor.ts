import { join } from 'node:path';
import { OwnTreeState } from '../../../adapters/doctor/own-tree.js';
import { FileOrderStore } from '../../../adapters/store/orders/orders.js';
import { sweepTemporaryFiles } from '../../../adapters/store/orphans/store-sweeping.js';
import { staleCopies } from '../../../adapters/store/publication/derived-state.js';
import { PublishJournal } from '../../../adapters/store/publication/publish-journal.js';
import { readFreeRoom } from '../../../adapters/store/room/free-room.js';
import { openServiceCertificates } from '../../../adapters/store/services/service-certificates.js';
import { systemClock } from '../../../adapters/system/clock.js';
import { listFolder } from '../../../adapters/system/files/files.js';
import { FileLockKeeper } from '../../../adapters/system/locks/locks.js';
import { isWordAlive } from '../../../adapters/system/process/process-identity.js';
import { SERVER_OWNER } from '../../../core/domain/account/hostname-owner.js';
import { parseDomainName } from '../../../core/domain/name/names.js';
import { SERVICE_NAMES } from '../../../core/domain/service/service-name.js';
import type { DoctorHost } from '../../../runs/doctor/doctor-host.js';
import { setUp } from '../../../runs/set-up.js';
import { type Base, openBase } from '../base.js';
import { AuthorityOpener } from '../check/authorities.js';
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
    freeRoom: () => readFreeRoom(tree),
    orphanedStaging: () => new FileOrderStore(tree).orphanedStaging(),
    sweep: async () => {
      const swept = sweepTemporaryFiles(tree, { everywhere: true });
      return swept + (await new FileOrderStore(tree).sweep());
    },
    servicePairs: () => servicePairs(base),
    halfDone: async () =>
      (await new PublishJournal(tree).list()).flatMap((entry) => {
        if (entry.state === 'broken') return [`${entry.path} cannot be read: ${entry.why}`];
        const { website, isUnderWay } = entry.publication;
        return isUnderWay ? [] : [`the publication for ${website.vhost} is half done`];
      }),
    leftChallenges: async () => {
      const left: string[] = [];
      for (const folder of [tree.placed(), tree.placedRecords()]) {
        for (const name of await listFolder(folder)) {
          const [, word] = /^(.+)\.jsonl$/.exec(name) ?? [];
          if (word !== undefined && !isWordAlive(word)) left.push(join(folder, name));
        }
      }
      return left;
    },
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
