import { findFolderOwner } from '../../adapters/accounts/folder-owner.js';
import { ReloadDebt } from '../../adapters/install/reload-debt.js';
import { FileCertificateStore } from '../../adapters/store/certificates.js';
import { FileIssuedStore } from '../../adapters/store/issued.js';
import { systemClock } from '../../adapters/system/clock.js';
import { readTrustAnchors } from '../../adapters/system/trust-anchors.js';
import { detectWebServers } from '../../adapters/webserver/detection.js';
import { managerOfPair, readSitePair } from '../../adapters/webserver/site-pair-files.js';
import { InternalError } from '../../core/domain/autossl-error.js';
import { DEFAULT_KEY_TYPE } from '../../core/domain/key-type.js';
import type { ServerSite } from '../../core/plan/server-site.js';
import type { AdoptionHost } from '../../runs/adopt-websites.js';
import { openBase } from './base.js';
import { websitesHostOf } from './websites.js';

/** What adopting the websites of a web server needs. */
export async function openAdoptionHost(
  environment: NodeJS.ProcessEnv,
  uid: number,
  from: ServerSite['server'],
): Promise<AdoptionHost> {
  const { tree, settings } = await openBase(environment, uid);
  const [server] = detectWebServers({ ...settings.webServer, kind: from }, tree);
  if (server === undefined) throw new InternalError('BUG', `no ${from} was made of its settings`);
  const editing = await websitesHostOf(tree);
  const anchors = await readTrustAnchors({
    storePath: settings.trustAnchors,
    extraFiles: [tree.localCaRoot()],
  });
  const debt = new ReloadDebt(tree, { reload: async () => undefined });
  return {
    clock: systemClock,
    server,
    accounts: editing.list.accounts,
    editing,
    certificates: new FileCertificateStore({ tree, clock: systemClock }),
    issued: new FileIssuedStore(tree, systemClock),
    oweReload: () => debt.oweReload(),
    policy: { anchors, keyType: DEFAULT_KEY_TYPE },
    readPair: (pair) => readSitePair(pair, tree),
    managerOf: (pair, names) => managerOfPair(pair, names, tree),
    findOwner: (path) => findFolderOwner(path, tree),
    challengeFolder: settings.challenges.method === 'shared-folder' ? tree.challenges() : null,
  };
}
