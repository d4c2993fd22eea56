import { EXIT } from '../../../core/report/exit-code.js';
import { renderJsonDocument } from '../../../core/report/json-lines.js';
import { renderOptions } from '../../../core/report/tables/options-table.js';
import { readOptions, setOption } from '../../../runs/manage/options.js';
import { openWhmHost } from '../../host/whm.js';
import { printLines, terminalWidth } from '../../table-output.js';

/** `autossl options`. */
export async function showOptionsCommand(isJson: boolean): Promise<number> {
  const host = await openWhmHost(process.env, process.getuid?.() ?? 0);
  const options = await readOptions(await host.openMetadata());
  await printLines(isJson ? renderJsonDocument(options) : renderOptions(options, terminalWidth()));
  return EXIT.done;
}

/** `autossl options set`: changes one, and shows all. */
export async function setOptionCommand(name: string, value: string, isJson: boolean): Promise<number> {
  const host = await openWhmHost(process.env, process.getuid?.() ?? 0);
  await setOption(name, value, await host.openMetadata());
  return showOptionsCommand(isJson);
}
