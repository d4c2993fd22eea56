import { CommandHooks } from '../../../adapters/install/install-hooks.js';
import { FileReloadDebt } from '../../../adapters/install/reload-debt.js';
import { SocketTlsProbe } from '../../../adapters/probe/tls-probe.js';
import type { FileCertificateStore } from '../../../adapters/store/publication/certificates.js';
import { FileServedStore } from '../../../adapters/store/records/served.js';
import { systemClock } from '../../../adapters/system/clock.js';
import { generateKey } from '../../../adapters/system/files/private-key.js';
import { FileLockKeeper } from '../../../adapters/system/locks/locks.js';
import { readOwnAddresses } from '../../../adapters/system/own-addresses.js';
import { systemRandom } from '../../../adapters/system/random.js';
import { detectWebServers } from '../../../adapters/webserver/detection.js';
import { createPlaceholder } from '../../../core/certificate/placeholder.js';
import { parseHostName } from '../../../core/domain/name/names.js';
import type { InstallHost } from '../../../runs/install/install-ports.js';
import type { PlaceholderHost } from '../../../runs/install/placeholder.js';
import type { Settings } from '../../../runs/ports/settings.js';
import type { Base } from '../base.js';
import { openSniHost } from '../sni.js';

/** What installing certificates needs; opening it touches nothing. */
export async function openInstallHost(base: Base, certificates: FileCertificateStore): Promise<InstallHost> {
  const { tree, settings } = base;
  return {
    clock: systemClock,
    locks: new FileLockKeeper(tree),
    lockName: 'install:web',
    certificates,
    debt: new FileReloadDebt(tree),
    served: new FileServedStore(tree),
    tls: new SocketTlsProbe(),
    hooks: new CommandHooks(settings.hooks),
    webServers: () => detectWebServers(settings.webServers, tree),
    expectsServer: !tree.isPrivate && settings.webServers.some(({ kind }) => kind === 'auto'),
    ownAddresses: await readOwnAddresses(tree),
    sni: openSniHost(base),
  };
}

/** How placeholders are made, where the setting wants them. */
export function openPlaceholders(certificates: FileCertificateStore, settings: Settings): PlaceholderHost {
  return {
    certificates,
    makePlaceholder: settings.placeholders
      ? async (names) => {
          const keyPem = await generateKey('ecdsa-prime256v1');
          const facts = {
            names: names.map(parseHostName),
            now: systemClock.now(),
            serial: systemRandom.bytes(16),
          };
          return { keyPem, chainPem: await createPlaceholder({ ...facts, keyPem }) };
        }
      : null,
  };
}
