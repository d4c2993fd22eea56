import type { DomainName } from '../../core/domain/name/names.js';
import type {
  ServerSite,
  SiteListen,
  SitePair,
  StartTlsProtocol,
} from '../../core/plan/served/server-site.js';
import type { ServiceEndpoint } from '../../runs/ports/settings.js';

/** The one site of a service: it answers every name, and is called after the server. */
export function serviceSite(
  hostname: DomainName,
  listens: readonly SiteListen[],
  certificates: readonly SitePair[],
  file: string,
): ServerSite {
  return {
    server: 'service',
    names: [hostname],
    isDefault: true,
    listens,
    certificates,
    documentRoot: null,
    file,
    line: 1,
  };
}

/** A socket of a service, and how TLS begins there. */
export function listenOf(address: string, port: number, begins: 'tls' | StartTlsProtocol): SiteListen {
  return {
    address,
    port,
    isTls: true,
    ...(begins === 'tls' ? {} : { startTls: begins }),
    isDefault: true,
    wantsProxyHeader: false,
  };
}

/** The sockets that an administrator names. */
export function endpointListens(endpoints: readonly ServiceEndpoint[]): readonly SiteListen[] {
  return endpoints.map(({ address, port, startTls }) => listenOf(address, port, startTls ?? 'tls'));
}
