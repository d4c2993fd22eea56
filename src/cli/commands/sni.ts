import type { RunEvent } from '../../core/report/events/event.js';
import { renderSni } from '../../core/report/sni/sni-report.js';
import { offerNames } from '../../runs/sni/offer-names.js';
import { showNames } from '../../runs/sni/show-names.js';
import { openOwnSni } from '../host/sni.js';
import { stopSignal } from '../stop-signal.js';

export interface SniFlags {
  readonly update?: boolean;
  readonly json?: boolean;
}

/** `autossl sni [--update] [--json]`: which names mail and FTP answer for, and what their configurations lack. */
export async function sniCommand(flags: SniFlags): Promise<number> {
  const { host, ownFile } = await openOwnSni(process.env, process.getuid?.() ?? 0);
  const signal = stopSignal();
  const events: RunEvent[] = [];
  if (flags.update === true) await offerNames(host, (...some) => events.push(...some), signal);
  const report = await showNames(host, ownFile, events, signal);
  process.stdout.write(flags.json === true ? `${JSON.stringify(report, null, 2)}\n` : renderSni(report));
  return report.exitCode;
}
