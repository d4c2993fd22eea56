import { accountingOf } from './ca-accounting.js';
import type { CaSite } from './ca-site.js';
import { faultsOfDerivedSet } from './derived-set.js';
import type { HostedWebsites } from './hosted-websites.js';
import { faultsOf } from './installed-set.js';
import { leftoversIn } from './leftovers.js';
import type { BuiltTree } from './tree-builder.js';

/**
 * What a server that was killed so often lacks after the next run, in sentences: each website's pair and what follows
 * from it, every certificate that the CA issued on record, at most one order wasted by each kill, nothing left over.
 */
export function faultsAfterKills(
  site: Pick<CaSite, 'proxy'>,
  hosted: Pick<HostedWebsites, 'names' | 'suffix'> & BuiltTree,
  kills: number,
): string[] {
  const root = hosted.path('/etc/ssl/roots.pem');
  const faults = [...hosted.names].flatMap(([vhost, names]) => [
    ...faultsOf(hosted, vhost, names, root),
    ...faultsOfDerivedSet(hosted, vhost, names),
  ]);
  for (const path of leftoversIn(hosted)) faults.push(`left over: ${path}`);
  const { placed, finalized, wasted, recorded } = accountingOf(site.proxy.requests, hosted.suffix, hosted);
  if (finalized.join() !== recorded.join())
    faults.push(`issued ${finalized.length}, recorded ${recorded.length}`);
  if (wasted.length > kills) faults.push(`${wasted.length} orders wasted by ${kills} kills`);
  if (placed.length > hosted.names.size + kills) faults.push(`${placed.length} orders placed`);
  return faults;
}
