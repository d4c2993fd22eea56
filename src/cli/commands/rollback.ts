import { UsageError } from '../../core/domain/autossl-error.js';
import { parseHostName, printable } from '../../core/domain/name/names.js';
import { parseFingerprintPrefix } from '../../core/plan/former-choice.js';
import { EXIT } from '../../core/report/check/exit-code.js';
import type { RunEvent } from '../../core/report/events/event.js';
import { renderFormerList, renderRollback } from '../../core/report/rollback/rollback-report.js';
import { listFormerSets, rollBackWebsite } from '../../runs/rollback-website.js';
import { openRollbackHost } from '../host/websites/rollback.js';
import { stopSignal } from '../stop-signal.js';

export interface RollbackFlags {
  readonly to?: string;
  readonly list?: boolean;
  readonly json?: boolean;
}

/** `autossl rollback WEBSITE [--to FINGERPRINT-PREFIX] [--list] [--json]`. */
export async function rollbackCommand(name: string, flags: RollbackFlags): Promise<number> {
  const vhost = parseHostName(name);
  const to = flags.to === undefined ? null : parseFingerprintPrefix(flags.to);
  const isJson = flags.json === true;
  if (flags.list === true && to !== null) {
    throw new UsageError('BAD_ARGUMENT', '--list and --to contradict each other');
  }
  const host = await openRollbackHost(process.env, process.getuid?.() ?? 0);
  if (flags.list === true) {
    const list = await listFormerSets(vhost, host);
    process.stdout.write(isJson ? `${JSON.stringify(list, null, 2)}\n` : renderFormerList(list));
    return EXIT.done;
  }
  const report = await rollBackWebsite({ vhost, to }, host, warn, tell, stopSignal());
  process.stdout.write(isJson ? `${JSON.stringify(report, null, 2)}\n` : renderRollback(report));
  return report.exitCode;
}

function warn(warning: string): void {
  process.stderr.write(`autossl: warning: ${printable(warning)}\n`);
}

/** What the administrator must know of the servers; that they were reloaded is what was asked for. */
function tell(...events: readonly RunEvent[]): void {
  for (const { type, contents } of events) {
    if (type === 'warn' || type === 'error') process.stderr.write(`autossl: ${printable(contents)}\n`);
  }
}
