import { EXIT } from '../../../core/report/check/exit-code.js';
import { renderOptions } from '../../../core/report/tables/options-table.js';
import { renderJsonDocument } from '../../../core/report/text/json-lines.js';
import { readOptions, setOption } from '../../../runs/manage/options.js';
import { openMetadata } from '../../host/manage/metadata.js';
import { printLines, terminalWidth } from '../../table-output.js';

/** `autossl options`. */
export async function showOptionsCommand(isJson: boolean): Promise<number> {
  const options = await readOptions(openMetadata(process.env, process.getuid?.() ?? 0));
  await printLines(isJson ? renderJsonDocument(options) : renderOptions(options, terminalWidth()));
  return EXIT.done;
}

/** `autossl options set`: changes one, and shows all. */
export async function setOptionCommand(name: string, value: string, isJson: boolean): Promise<number> {
  await setOption(name, value, openMetadata(process.env, process.getuid?.() ?? 0));
  return showOptionsCommand(isJson);
}
