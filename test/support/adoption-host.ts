import { findFolderOwner } from '../../src/adapters/accounts/folder-owner.js';
import { FileReloadDebt } from '../../src/adapters/install/reload-debt.js';
import { FileIssuedStore } from '../../src/adapters/store/orders/issued.js';
import { FileCertificateStore, type PublishStep } from '../../src/adapters/store/publication/certificates.js';
import type { Tree } from '../../src/adapters/system/tree.js';
import { managerOfPair, readSitePair } from '../../src/adapters/webserver/site-pair-files.js';
import { TrustAnchors } from '../../src/core/certificate/chain/trust-anchors.js';
import type { DocumentRootFinding } from '../../src/core/plan/adoption/adoption-placement.js';
import type { ServerSite } from '../../src/core/plan/served/server-site.js';
import type { AdoptionHost } from '../../src/runs/adopt-websites.js';
import { aCertificate, aRoot, PKI_NOW } from './pki.js';
import { websitesHost } from './websites-host.js';

/** Everything real but the web server and the time; folders belong to whom `owners` says, else to root. */
export function adoptionHost(
  tree: Tree,
  sites: readonly ServerSite[] | { readonly fault: string },
  options: {
    readonly owners?: Readonly<Record<string, DocumentRootFinding>>;
    readonly afterStep?: (step: PublishStep) => void;
  } = {},
): AdoptionHost {
  const { owners, afterStep } = options;
  const clock = { now: () => PKI_NOW, sleep: async () => undefined };
  const editing = websitesHost(tree);
  const certificates = new FileCertificateStore({
    tree,
    clock,
    ...(afterStep === undefined ? {} : { afterStep }),
  });
  const debt = new FileReloadDebt(tree);
  return {
    clock,
    servers: [{ describe: () => 'nginx', readSites: async () => sites }],
    accounts: editing.accounts,
    editing,
    certificates,
    issued: new FileIssuedStore(tree, clock),
    oweReload: () => debt.owe(),
    placePlaceholder: (website, names) => {
      const { keyPem, chainPem } = aCertificate({ names, issuer: 'self' });
      return certificates.placeIfAbsent({ website, keyPem, chainPem });
    },
    policy: { anchors: new TrustAnchors([aRoot().certPem]), keyType: 'rsa-2048' },
    readPair: (pair) => readSitePair(pair, tree),
    managerOf: (pair, names) => managerOfPair(pair, names, tree),
    findOwner: async (path) => owners?.[path] ?? findFolderOwner(path, tree),
    challengeFolder: tree.challenges(),
  };
}
