import { UsageError } from '../../core/domain/autossl-error.js';
import { EXIT } from '../../core/report/check/exit-code.js';
import { renderAdditions, renderForgotten, renderTakenBack } from '../../core/report/zone-additions.js';
import { forgetAdditions, listAdditions, undoAdditions } from '../../runs/zone-additions.js';
import { openZoneAdditionsHost } from '../host/check/caa.js';
import { stopSignal } from '../stop-signal.js';

/** `autossl caa list [--json]`. */
export async function listCaaCommand(isJson: boolean): Promise<number> {
  const additions = await listAdditions(await openHost());
  process.stdout.write(isJson ? json({ schemaVersion: 1, additions }) : renderAdditions(additions));
  return EXIT.done;
}

export interface UndoFlags {
  readonly all?: boolean;
  readonly json?: boolean;
}

/** `autossl caa undo [--all | ID …] [--json]`. */
export async function undoCaaCommand(wanted: readonly string[], flags: UndoFlags): Promise<number> {
  if ((wanted.length === 0) !== (flags.all === true)) {
    throw new UsageError('BAD_ARGUMENT', 'name what to take back, or give --all', {
      advice: 'See "autossl caa list".',
    });
  }
  const report = await undoAdditions(flags.all === true ? null : wanted, await openHost(), stopSignal());
  process.stdout.write(flags.json === true ? json(report) : renderTakenBack(report));
  return report.exitCode;
}

/** `autossl caa forget ID …`. */
export async function forgetCaaCommand(wanted: readonly string[], isJson: boolean): Promise<number> {
  const additions = await forgetAdditions(wanted, await openHost());
  process.stdout.write(isJson ? json({ schemaVersion: 1, additions }) : renderForgotten(additions));
  return EXIT.done;
}

const openHost = () => openZoneAdditionsHost(process.env, process.getuid?.() ?? 0);
const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
