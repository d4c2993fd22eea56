import { DnsResolver } from '../../../adapters/probe/resolver.js';
import { SocketTlsProbe } from '../../../adapters/probe/tls-probe.js';
import { FileServedStore } from '../../../adapters/store/records/served.js';
import { systemClock } from '../../../adapters/system/clock.js';
import { isThere } from '../../../adapters/system/files/files.js';
import { readOwnAddresses, readTranslatedAddresses } from '../../../adapters/system/own-addresses.js';
import { detectWebServers } from '../../../adapters/webserver/detection.js';
import type { VerifyHost } from '../../../runs/verify-websites.js';
import { openBase } from '../base.js';
import { openRecords } from '../check/evaluation.js';

/** What asking the web servers for websites needs. @throws ConfigurationError */
export async function openVerifyHost(environment: NodeJS.ProcessEnv, uid: number): Promise<VerifyHost> {
  const base = await openBase(environment, uid);
  const { tree, settings } = base;
  const { accounts, certificates, issued } = openRecords(base);
  return {
    clock: systemClock,
    accounts: (await isThere(tree.users())) ? accounts : null,
    certificates,
    issued,
    served: new FileServedStore(tree),
    tls: new SocketTlsProbe(),
    resolver: new DnsResolver({ servers: settings.resolvers, queries: settings.concurrency.lookups }),
    ownAddresses: await readOwnAddresses(tree),
    addressMap: new Map([...(await readTranslatedAddresses(tree)), ...settings.addressMap]),
    webServers: () => detectWebServers(settings.webServers, tree),
    certificatePath: (vhost) => tree.combined(vhost),
  };
}
