import { readActiveProvider } from '../../../adapters/store/choices/provider-choice.js';
import { systemClock } from '../../../adapters/system/clock.js';
import { isThere } from '../../../adapters/system/files/files.js';
import { FileLockKeeper } from '../../../adapters/system/locks/locks.js';
import { takeCombinedApart } from '../../../core/certificate/pem/combined.js';
import { LETS_ENCRYPT } from '../../../core/provider/known/lets-encrypt.js';
import type { RollbackHost } from '../../../runs/rollback-website.js';
import { openBase } from '../base.js';
import { openJudgement, openRecords } from '../check/evaluation.js';
import { openInstallHost } from '../check/install.js';
import { wildcardAbilityBySettings } from '../check/wildcard-ability.js';
import { ProviderCatalogue } from '../manage/provider-catalogue.js';

/** What going back to a former certificate needs. @throws ConfigurationError as `openBase` and `openJudgement` */
export async function openRollbackHost(environment: NodeJS.ProcessEnv, uid: number): Promise<RollbackHost> {
  const base = await openBase(environment, uid);
  const { tree } = base;
  const { accounts, certificates, orders, issued } = openRecords(base);
  const active = readActiveProvider(tree);
  const chosen = active.state === 'chosen' ? [active.name] : [];
  const [inUse] = await new ProviderCatalogue(tree, base.settings).findAll(chosen);
  const provider = inUse ?? LETS_ENCRYPT;
  const judgement = await openJudgement(base, provider, inUse !== undefined);
  return {
    clock: systemClock,
    accounts: (await isThere(tree.users())) ? accounts : null,
    certificates,
    locks: new FileLockKeeper(tree),
    orders,
    issued,
    evaluate: judgement.evaluate,
    wildcardAbility: async (names) => wildcardAbilityBySettings(provider, base.settings.dns, names),
    settings: { clobberExternallySigned: judgement.clobberExternallySigned },
    evidenceOf: ({ keyPem, chainPem, fingerprint }) => takeCombinedApart(keyPem + chainPem, fingerprint),
    openInstall: () => openInstallHost(base, certificates),
  };
}
