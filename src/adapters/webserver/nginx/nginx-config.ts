import type { ServerSite } from '../../../core/plan/served/server-site.js';
import { NginxConfiguration, splitNginxDump } from './nginx-files.js';
import { readNginxSites } from './nginx-sites.js';

/**
 * The sites of an `nginx -T` output. `prefix`: what `-p` says (relative document roots count from there). Never throws.
 */
export function readNginxDump(
  dump: string,
  prefix: string,
): readonly ServerSite[] | { readonly fault: string } {
  const files = splitNginxDump(dump);
  if (files.length === 0) return { fault: 'the server did not print its configuration' };
  const configuration = new NginxConfiguration(files);
  const sites = readNginxSites(configuration, prefix);
  return configuration.isCut ? { fault: 'the configuration is too large to be read' } : sites;
}
