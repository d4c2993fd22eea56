import { readActiveProvider } from '../../../adapters/store/choices/provider-choice.js';
import { FileServedStore } from '../../../adapters/store/records/served.js';
import { systemClock } from '../../../adapters/system/clock.js';
import { isThere } from '../../../adapters/system/files/files.js';
import { LETS_ENCRYPT } from '../../../core/provider/known/lets-encrypt.js';
import type { StatusHost } from '../../../runs/website-status.js';
import { type Base, openBase } from '../base.js';
import { openJudgement, openRecords } from '../check/evaluation.js';
import { wildcardAbilityBySettings } from '../check/wildcard-ability.js';
import { ProviderCatalogue } from '../manage/provider-catalogue.js';

export interface OpenStatusHost extends StatusHost {
  /** Name of the active provider; null = none: nothing is ordered. */
  readonly provider: string | null;
}

/** What telling the state of websites reads. @throws ConfigurationError */
export async function openStatusHost(environment: NodeJS.ProcessEnv, uid: number): Promise<OpenStatusHost> {
  return await openStatusHostOn(await openBase(environment, uid));
}

/** The same of a tree whose settings were read already. */
export async function openStatusHostOn(base: Base): Promise<OpenStatusHost> {
  const { tree } = base;
  const active = readActiveProvider(tree);
  // Without a provider nothing is renewed; what is said of margins is then what the most usual one would have.
  const chosen = active.state === 'chosen' ? [active.name] : [];
  const [provider] = await new ProviderCatalogue(tree, base.settings).findAll(chosen);
  const { evaluate, clobberExternallySigned } = await openJudgement(
    base,
    provider ?? LETS_ENCRYPT,
    provider !== undefined,
  );
  const records = openRecords(base);
  return {
    ...records,
    accounts: (await isThere(tree.users())) ? records.accounts : null,
    clock: systemClock,
    evaluate,
    wildcardAbility: async (names) => wildcardAbilityBySettings(provider ?? null, base.settings.dns, names),
    settings: { clobberExternallySigned },
    served: new FileServedStore(tree),
    certificatePath: (vhost) => tree.combined(vhost),
    provider: provider?.name ?? null,
  };
}
