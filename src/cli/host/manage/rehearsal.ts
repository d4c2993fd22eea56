import { assertPlotFile, writePlotFile } from '../../../adapters/plot/plot-file.js';
import { readActiveProvider } from '../../../adapters/store/choices/provider-choice.js';
import { systemClock } from '../../../adapters/system/clock.js';
import { LETS_ENCRYPT } from '../../../core/provider/known/lets-encrypt.js';
import { accountLimitsOf } from '../../../runs/order/account-limits.js';
import type { Clock } from '../../../runs/ports/clock.js';
import type { OwnWebsitesHost } from '../../../runs/rehearse-year.js';
import { openBase } from '../base.js';
import { openStatusHostOn } from '../websites/status.js';
import { ProviderCatalogue } from './provider-catalogue.js';

/** What a rehearsal takes from this server. */
export interface RehearsalHost {
  readonly clock: Clock;
  readonly provider: string;
  readonly daysToReplace: number;
  readonly runIntervalMs: number;
  readonly newOrdersCap: number;
  readonly hasRenewalInfo: boolean;
  openWebsites(): Promise<OwnWebsitesHost>;
  /** @throws UsageError BAD_ARGUMENT where such a file cannot be made */
  assertPlot(path: string): Promise<void>;
  writePlot(path: string, text: string): Promise<void>;
}

/** @throws ConfigurationError */
export async function openRehearsalHost(environment: NodeJS.ProcessEnv, uid: number): Promise<RehearsalHost> {
  const base = await openBase(environment, uid);
  const { settings } = base;
  const active = readActiveProvider(base.tree);
  const chosen = active.state === 'chosen' ? [active.name] : [];
  // Without a provider the most usual one stands for it.
  const [provider = LETS_ENCRYPT] = await new ProviderCatalogue(base.tree, settings).findAll(chosen);
  return {
    clock: systemClock,
    provider: provider.displayName,
    daysToReplace: provider.daysToReplace,
    runIntervalMs: settings.run.intervalMs,
    newOrdersCap: accountLimitsOf(provider, { settings: settings.limits }).newOrders,
    hasRenewalInfo: provider.hasRenewalInfo ?? provider.name === LETS_ENCRYPT.name,
    openWebsites: () => openStatusHostOn(base),
    assertPlot: assertPlotFile,
    writePlot: writePlotFile,
  };
}
