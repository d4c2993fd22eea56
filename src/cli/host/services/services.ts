import { FileReloadDebt } from '../../../adapters/install/reload-debt.js';
import { SocketTlsProbe } from '../../../adapters/probe/tls-probe.js';
import { detectService } from '../../../adapters/services/service-detection.js';
import { sweepTemporaryFiles } from '../../../adapters/store/orphans/store-sweeping.js';
import { FileServedStore } from '../../../adapters/store/records/served.js';
import {
  openServiceCertificates,
  serviceFilePaths,
} from '../../../adapters/store/services/service-certificates.js';
import { systemClock } from '../../../adapters/system/clock.js';
import { FileLockKeeper } from '../../../adapters/system/locks/locks.js';
import { readOwnAddresses } from '../../../adapters/system/own-addresses.js';
import { detectWebServers } from '../../../adapters/webserver/detection.js';
import type { DomainName } from '../../../core/domain/name/names.js';
import type { ServiceName } from '../../../core/domain/service/service-name.js';
import type { InstallHooks } from '../../../runs/ports/installation.js';
import type { OpenedService } from '../../../runs/services/opened-service.js';
import type { Base } from '../base.js';

/** What administrators hang on installations of websites says nothing about services. */
const NO_HOOKS: InstallHooks = {
  pre: async () => ({ ok: true }),
  post: async () => ({ ok: true }),
  rebuild: null,
};

/** One of the server's own services, whose certificate is for `hostname`. Opening it touches nothing. */
export async function openService(
  { tree, settings }: Base,
  service: ServiceName,
  hostname: DomainName,
): Promise<OpenedService> {
  const own = settings.services[service];
  const records = tree.ofService(service);
  const certificates = openServiceCertificates({ tree, service, clock: systemClock, keyGroup: own.keyGroup });
  const detection = await detectService(service, own, {
    tree,
    hostname,
    files: serviceFilePaths(tree, service),
    webServers: () => detectWebServers(settings.webServers, tree),
  });
  const finishHalfDone = async (): Promise<void> => {
    sweepTemporaryFiles(records, { everywhere: false });
    await certificates.finishHalfDonePublishes();
  };
  if (detection.state === 'absent') return { service, certificates, presence: detection, finishHalfDone };
  const { servers, lockName } = detection;
  return {
    service,
    certificates,
    finishHalfDone,
    presence: {
      state: 'found',
      describe: servers.map((server) => server.describe()).join(', '),
      install: {
        clock: systemClock,
        locks: new FileLockKeeper(tree),
        lockName,
        certificates,
        debt: new FileReloadDebt(records),
        served: new FileServedStore(records),
        tls: new SocketTlsProbe(),
        hooks: NO_HOOKS,
        webServers: () => servers,
        expectsServer: false,
        ownAddresses: await readOwnAddresses(tree),
        sni: null,
      },
    },
  };
}
