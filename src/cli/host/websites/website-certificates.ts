import { createAccountDirectory } from '../../../adapters/accounts/account-directory.js';
import { readServerPolicy } from '../../../adapters/accounts/server-policy.js';
import { FileUserFiles } from '../../../adapters/accounts/user-files.js';
import { openRunLog } from '../../../adapters/journal/run-log.js';
import { SystemMaterial } from '../../../adapters/material/system-material.js';
import { issuersOnDisk } from '../../../adapters/offer/issuers-on-disk.js';
import { openExclusions } from '../../../adapters/store/choices/exclusions.js';
import { readActiveProvider } from '../../../adapters/store/choices/provider-choice.js';
import { FileOrphanSets } from '../../../adapters/store/orphans/orphan-sets.js';
import { systemClock } from '../../../adapters/system/clock.js';
import { isThere, readTextFile } from '../../../adapters/system/files/files.js';
import { generateKey } from '../../../adapters/system/files/private-key.js';
import { FileLockKeeper } from '../../../adapters/system/locks/locks.js';
import { systemRandom } from '../../../adapters/system/random.js';
import type { Tree } from '../../../adapters/system/tree.js';
import { detectWebServers } from '../../../adapters/webserver/detection.js';
import type { CertificatesHost } from '../../../api/whm/host.js';
import { createPlaceholder } from '../../../core/certificate/placeholder.js';
import { ipVersion } from '../../../core/domain/name/ip-version.js';
import { parseHostName } from '../../../core/domain/name/names.js';
import { LETS_ENCRYPT } from '../../../core/provider/known/lets-encrypt.js';
import type { WebsiteAddress } from '../../../runs/ports/accounts.js';
import { openBase } from '../base.js';
import { leafOf } from '../check/check.js';
import { openAnchors, openJudgement, openRecords } from '../check/evaluation.js';
import { openInstallHost } from '../check/install.js';
import { wildcardAbilityBySettings } from '../check/wildcard-ability.js';
import { ProviderCatalogue } from '../manage/provider-catalogue.js';

/**
 * What giving websites certificates by hand, and looking at them, needs. Opening it touches nothing.
 * @throws ConfigurationError as `openBase` and `openJudgement`
 */
export async function openCertificatesHost(
  environment: NodeJS.ProcessEnv,
  uid: number,
): Promise<CertificatesHost> {
  const base = await openBase(environment, uid);
  const { tree, settings } = base;
  const { certificates, orders, issued } = openRecords(base);
  const active = readActiveProvider(tree);
  const chosen = active.state === 'chosen' ? [active.name] : [];
  const [inUse] = await new ProviderCatalogue(tree, settings).findAll(chosen);
  const provider = inUse ?? LETS_ENCRYPT;
  const judgement = await openJudgement(base, provider, inUse !== undefined);
  const accounts = createAccountDirectory(tree, {
    exclusionsOf: openExclusions(tree).of,
    includesSkipped: true,
  });
  return {
    clock: systemClock,
    random: systemRandom,
    accounts: (await isThere(tree.users())) ? accounts : null,
    certificates,
    copies: new FileOrphanSets({ tree, clock: systemClock, sets: certificates, issued }),
    issued,
    orders,
    locks: new FileLockKeeper(tree),
    material: new SystemMaterial(tree),
    keyType: readServerPolicy(tree).keyType,
    root: tree.isPrivate ? tree.root : null,
    evaluate: judgement.evaluate,
    wildcardAbility: async (names) => wildcardAbilityBySettings(provider, settings.dns, names),
    settings: { clobberExternallySigned: judgement.clobberExternallySigned },
    anchors: () => openAnchors(base),
    issuersOnDisk: () => issuersOnDisk(tree),
    openInstall: () => openInstallHost(base, certificates),
    openJournal: (facts) => openRunLog(tree, { ...facts, clock: systemClock }),
    webServers: () => detectWebServers(settings.webServers, tree),
    addressOf: openAddresses(tree),
    describeLeaf: leafOf,
    makeKey: generateKey,
    makePlaceholder: async (names) => {
      const keyPem = await generateKey('ecdsa-prime256v1');
      const facts = { names: names.map(parseHostName), now: systemClock.now() };
      const chainPem = await createPlaceholder({ ...facts, serial: systemRandom.bytes(16), keyPem });
      return { keyPem, chainPem };
    },
  };
}

/** The address in an account's users file, else the server's main one. */
function openAddresses(tree: Tree): CertificatesHost['addressOf'] {
  const files = new FileUserFiles(tree);
  let main: Promise<string | null> | undefined;
  return async (account): Promise<WebsiteAddress> => {
    main ??= readMainAddress(tree);
    const own = addressIn((await files.read(account))?.get('IP'));
    const shared = await main;
    return { ip: own ?? shared, isDedicated: own !== null && shared !== null && own !== shared };
  };
}

async function readMainAddress(tree: Tree): Promise<string | null> {
  return addressIn(await readTextFile(tree.mainIp()).catch(() => undefined));
}

function addressIn(text: string | undefined): string | null {
  const address = text?.trim() ?? '';
  return ipVersion(address) === 0 ? null : address;
}
