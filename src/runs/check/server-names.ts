import { type NamedPlaces, namedPlacesOf } from '../../core/plan/served/named-places.js';
import type { ServerSite } from '../../core/plan/served/server-site.js';
import type { WebServer } from '../ports/installation.js';

/** What the configurations of all web servers name; `unknown`: why nobody can tell, one clause. */
export async function readNamedPlaces(
  servers: readonly WebServer[],
): Promise<NamedPlaces | { readonly unknown: string }> {
  if (servers.length === 0) return { unknown: 'no web server is known whose configuration could name them' };
  const sites: ServerSite[] = [];
  const texts: string[] = [];
  for (const server of servers) {
    const configuration = await server.readConfiguration?.();
    if (server.kind === 'command' || configuration === undefined)
      return { unknown: `nobody knows which files ${server.describe()} names` };
    const found = await server.readSites();
    for (const reading of [configuration, found]) {
      if ('fault' in reading)
        return { unknown: `the configuration of ${server.describe()} cannot be read: ${reading.fault}` };
    }
    sites.push(...(found as readonly ServerSite[]));
    texts.push(...(configuration as readonly string[]));
  }
  return namedPlacesOf(sites, texts);
}
