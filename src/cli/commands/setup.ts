import { InternalError, UsageError } from '../../core/domain/autossl-error.js';
import { printable } from '../../core/domain/name/names.js';
import { SETUP_PARTS, type SetupPart, USUAL_PARTS } from '../../core/plan/setup/setup-steps.js';
import { renderSetupSteps } from '../../core/report/setup-report.js';
import { type SetUpReport, setUp } from '../../runs/set-up.js';
import { openSetUpHost } from '../host/manage/setup.js';

export interface SetUpFlags {
  readonly cron?: boolean;
  readonly cpanelPaths?: boolean;
  readonly sudoers?: boolean;
  readonly undo?: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** `autossl setup`: shows what it would do; with a part, `--yes` or `--undo` it says so first and does it. */
export async function setUpCommand(flags: SetUpFlags): Promise<number> {
  const isUndo = flags.undo === true;
  if (flags.dryRun === true && flags.yes === true) {
    throw new UsageError('BAD_ARGUMENT', '--dry-run and --yes contradict each other');
  }
  const named: readonly SetupPart[] = [
    ...(flags.cron === true ? (['cron'] as const) : []),
    ...(flags.cpanelPaths === true ? (['cpanel-paths'] as const) : []),
    ...(flags.sudoers === true ? (['sudoers'] as const) : []),
  ];
  const parts = named.length > 0 ? named : isUndo ? SETUP_PARTS : USUAL_PARTS;
  const isAsked = named.length > 0 || isUndo || flags.yes === true;
  const isDryRun = flags.dryRun === true || !isAsked;
  const [, program] = process.argv;
  if (program === undefined) throw new InternalError('BUG', 'the program does not know where it lies');
  const host = await openSetUpHost(process.env, process.getuid?.() ?? 0, program);
  const isJson = flags.json === true;
  const report = await setUp({ parts, isUndo, isDryRun }, host, (planned) => {
    for (const warning of planned.warnings) process.stderr.write(`autossl: warning: ${printable(warning)}\n`);
    if (!isJson) process.stdout.write(renderSetupSteps(planned));
  });
  process.stdout.write(isJson ? `${JSON.stringify(report, null, 2)}\n` : lastLine(report, isUndo));
  return report.exitCode;
}

function lastLine({ isDone, steps, exitCode, nightly }: SetUpReport, isUndo: boolean): string {
  if (steps.length === 0) return '';
  const isOpen = steps.some(({ action }) => action === 'make' || action === 'replace' || action === 'remove');
  if (!isDone) {
    if (!isOpen) return 'Nothing is to be done.\n';
    return `Nothing was changed. To do it: autossl setup ${isUndo ? '--undo' : '--cron, --cpanel-paths, or --yes for both'}\n`;
  }
  if (exitCode !== 0) return 'Done, but for what is said above.\n';
  if (!isOpen) return 'Everything is so already; nothing was changed.\n';
  if (isUndo || nightly === null) return 'Done.\n';
  return 'Done. To take it away again: autossl setup --undo\n';
}
