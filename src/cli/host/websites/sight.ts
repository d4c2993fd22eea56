import { DnsClient } from '../../../adapters/dns/dns-client.js';
import { SocketHttpProbe } from '../../../adapters/probe/http-probe.js';
import { DnsResolver } from '../../../adapters/probe/resolver.js';
import { AddressRanges } from '../../../core/dcv/address-ranges.js';
import type { DcvPolicy } from '../../../core/dcv/private-view.js';
import type { Settings } from '../../../runs/ports/settings.js';

/** With what this server looks at names, as the settings have it: one for a run, since lookups are remembered. */
export interface Sight extends Omit<DcvPolicy, 'maxRedirects'> {
  readonly resolver: DnsResolver;
  readonly probe: SocketHttpProbe;
}

export function openSight(
  settings: Pick<Settings, 'resolvers' | 'concurrency' | 'http'>,
  own: Pick<DcvPolicy, 'ownAddresses' | 'addressMap'>,
): Sight {
  const dns = { servers: settings.resolvers, queries: settings.concurrency.lookups };
  const client = new DnsClient(dns);
  const resolver = new DnsResolver({
    ...dns,
    isAnsweredUnchecked: async (name) => {
      const reply = await client.query(name, 'A', { checkingDisabled: true });
      return reply.state === 'answered' && (reply.rcode === 'NOERROR' || reply.rcode === 'NXDOMAIN');
    },
  });
  const policy = { ...own, privateNetworks: new AddressRanges(settings.http.privateNetworks) };
  const probe = new SocketHttpProbe(resolver, {
    httpPort: settings.http.port,
    httpsPort: settings.http.httpsPort,
    sockets: settings.concurrency.probes,
    policy,
  });
  return { resolver, probe, ...policy };
}
