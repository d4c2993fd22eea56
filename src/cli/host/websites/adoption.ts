import { findFolderOwner } from '../../../adapters/accounts/folder-owner.js';
import { FileReloadDebt } from '../../../adapters/install/reload-debt.js';
import { FileIssuedStore } from '../../../adapters/store/orders/issued.js';
import { systemClock } from '../../../adapters/system/clock.js';
import type { Tree } from '../../../adapters/system/tree.js';
import { readTrustAnchors } from '../../../adapters/system/trust-anchors.js';
import { detectWebServers } from '../../../adapters/webserver/detection.js';
import { managerOfPair, readSitePair } from '../../../adapters/webserver/site-pair-files.js';
import { DEFAULT_KEY_TYPE } from '../../../core/domain/key-type.js';
import type { WebServerKind } from '../../../core/plan/served/server-site.js';
import type { AdoptionHost } from '../../../runs/adopt-websites.js';
import { placePlaceholder } from '../../../runs/install/placeholder.js';
import type { WebServer } from '../../../runs/ports/installation.js';
import type { WebServerSettings } from '../../../runs/ports/settings.js';
import { openBase } from '../base.js';
import { openPlaceholders } from '../check/install.js';
import { openCertificates } from './certificates.js';
import { websitesHostOf } from './websites.js';

/** As the settings have it. */
const DEFAULT_TIMEOUT_MS = 60_000;
const NO_COMMANDS = {
  testCommand: null,
  reloadCommand: null,
  startCommand: null,
  aliveCommand: null,
  pidFile: null,
} as const;

/** What adopting the websites of a web server needs. */
export async function openAdoptionHost(
  environment: NodeJS.ProcessEnv,
  uid: number,
  from: WebServerKind,
): Promise<AdoptionHost> {
  const { tree, settings } = await openBase(environment, uid);
  const editing = await websitesHostOf(tree);
  const anchors = await readTrustAnchors({
    storePath: settings.trustAnchors,
    extraFiles: [tree.localCaRoot()],
  });
  const certificates = openCertificates({ tree, settings });
  const placeholders = openPlaceholders(certificates, settings);
  const debt = new FileReloadDebt(tree);
  return {
    clock: systemClock,
    servers: serversOf(settings.webServers, from, tree),
    accounts: editing.list.accounts,
    editing,
    certificates,
    placePlaceholder: (website, names) => placePlaceholder(website, names, placeholders),
    issued: new FileIssuedStore(tree, systemClock),
    oweReload: () => debt.owe(),
    policy: { anchors, keyType: DEFAULT_KEY_TYPE },
    readPair: (pair) => readSitePair(pair, tree),
    managerOf: (pair, names) => managerOfPair(pair, names, tree),
    findOwner: (path) => findFolderOwner(path, tree),
    challengeFolder: settings.challenges.method === 'shared-folder' ? tree.challenges() : null,
  };
}

/** Those of that kind that the settings name, else those that run, else the one that would run. */
function serversOf(
  settings: readonly WebServerSettings[],
  kind: WebServerKind,
  tree: Tree,
): readonly WebServer[] {
  const named = settings.filter((server) => server.kind === kind);
  if (named.length > 0) return detectWebServers(named, tree);
  const running = detectWebServers(settings, tree).filter((server) => server.kind === kind);
  if (running.length > 0) return running;
  const [first] = settings;
  const rest =
    first?.kind === 'auto' ? first : { program: null, arguments: [], timeoutMs: DEFAULT_TIMEOUT_MS };
  return detectWebServers([{ ...NO_COMMANDS, ...rest, kind }], tree);
}
