import { UsageError } from '../../../core/domain/autossl-error.js';
import { printable } from '../../../core/domain/name/names.js';
import { EXIT } from '../../../core/report/check/exit-code.js';
import type { ListFault } from '../../../core/report/status/website-list.js';
import { type ListedExclusion, renderExclusions } from '../../../core/report/tables/exclusions-table.js';
import { renderJsonDocument } from '../../../core/report/text/json-lines.js';
import { withAdvice } from '../../../core/report/text/wording.js';
import {
  changeExclusions,
  type ExclusionChange,
  listAllExclusions,
  listExclusions,
  listedExclusions,
  notExcluded,
} from '../../../runs/manage/exclusions.js';
import { openExclusionsHost } from '../../host/manage/exclusions.js';
import { printLines, terminalWidth } from '../../table-output.js';

/** Who asks: the command is root's. */
const ROOT = 'root';

/** `autossl exclude`. Gives 1 when a list could not be understood. */
export async function listExclusionsCommand(user: string | undefined, isJson: boolean): Promise<number> {
  const host = openHost();
  const exclusions: ListedExclusion[] = [];
  const faults: ListFault[] = [];
  if (user !== undefined) exclusions.push(...listedExclusions(user, await listExclusions(user, host)));
  else {
    for await (const item of listAllExclusions(host)) {
      if (item.kind === 'exclusion') exclusions.push(item.exclusion);
      else faults.push(item.fault);
    }
  }
  if (isJson) await printLines(renderJsonDocument({ schemaVersion: 1, exclusions, faults }));
  else {
    await printLines(renderExclusions(exclusions, terminalWidth()));
    await printLines(faults.map(({ message, advice }) => `fault: ${printable(withAdvice(message, advice))}`));
  }
  return faults.length === 0 ? EXIT.done : EXIT.failed;
}

export interface ExclusionFlags {
  /** Of `set`: no name at all is meant. */
  readonly none?: boolean;
  readonly json?: boolean;
}

/** `autossl exclude add`, `remove` and `set`. */
export async function changeExclusionsCommand(
  change: ExclusionChange,
  user: string,
  names: readonly string[],
  flags: ExclusionFlags,
): Promise<number> {
  if ((names.length === 0) !== (flags.none === true)) {
    throw new UsageError('BAD_ARGUMENT', 'give either names or --none, which clears the list');
  }
  const host = openHost();
  const { exclusions, unknown, absent } = await changeExclusions(user, change, names, ROOT, host);
  const listed = listedExclusions(user, exclusions);
  if (flags.json === true)
    await printLines(renderJsonDocument({ schemaVersion: 1, exclusions: listed, unknown, absent }));
  else {
    await printLines(renderExclusions(listed, terminalWidth()));
    await printLines(unknown.map((name) => `note: no website of ${user} is called ${name}`));
    await printLines(absent.map((name) => `note: ${notExcluded(name)}`));
  }
  return EXIT.done;
}

function openHost() {
  return openExclusionsHost(process.env, process.getuid?.() ?? 0);
}
