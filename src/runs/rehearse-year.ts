import { isOursToRenew } from '../core/rehearsal/own-websites.js';
import type { RehearsedWebsite } from '../core/rehearsal/scenario.js';
import { faultFrom, type ListFault } from '../core/report/status/website-list.js';
import { type JudgingHost, judgeWebsite } from './judging/judge-website.js';
import type { AccountDirectory } from './ports/accounts.js';

/** What finding this server's own websites reads. */
export interface OwnWebsitesHost extends JudgingHost {
  /** Null on a server that has no accounts yet. */
  readonly accounts: AccountDirectory | null;
}

/** This server's websites as a rehearsal begins with them. */
export interface OwnWebsites {
  readonly websites: readonly RehearsedWebsite[];
  /** Left out: AutoSSL does not renew their certificates. */
  readonly foreign: number;
  readonly faults: readonly ListFault[];
}

/** The websites with the certificates that lie there. Locks and writes nothing. @throws StateError TREE_UNREADABLE */
export async function readOwnWebsites(host: OwnWebsitesHost): Promise<OwnWebsites> {
  const websites: RehearsedWebsite[] = [];
  const faults: ListFault[] = [];
  let foreign = 0;
  for await (const inventory of host.accounts?.readAll() ?? []) {
    if (inventory.state !== 'ready') continue;
    for (const website of inventory.websites) {
      try {
        const options = { isReissueAsked: false, pending: new Map() };
        const { evaluation, evidence } = await judgeWebsite(website, options, host);
        const leaf = evidence.kind === 'present' ? evidence.leaf : null;
        if (!isOursToRenew(evaluation)) foreign += 1;
        else {
          const isUsable = leaf !== null && evaluation.tlsStatus !== 'defective';
          websites.push({
            account: website.account,
            vhost: website.vhost,
            notBefore: isUsable ? leaf.notBefore.getTime() : null,
            notAfter: isUsable ? leaf.notAfter.getTime() : null,
          });
        }
      } catch (error) {
        faults.push(faultFrom(error));
      }
    }
  }
  return { websites, foreign, faults };
}
