import { parseAskedName } from '../../core/domain/name/asked-name.js';
import { renderJsonDocument } from '../../core/report/text/json-lines.js';
import { renderWhy } from '../../core/report/why/render-why.js';
import { whyDomain } from '../../runs/why-domain/why-domain.js';
import { openWhyHost } from '../host/websites/why.js';
import { StandardOutput } from '../standard-output.js';
import { stopSignal } from '../stop-signal.js';
import { terminalWidth } from '../table-output.js';

export interface WhyFlags {
  readonly json?: boolean;
  /** False after `--no-look`. */
  readonly look?: boolean;
}

/** `autossl why`. Gives 0 when the name is secured or nobody need do anything, 1 when somebody must, 2 for nobody's name. */
export async function whyCommand(text: string, flags: WhyFlags): Promise<number> {
  const name = parseAskedName(text);
  const host = await openWhyHost(process.env, process.getuid?.() ?? 0);
  const question = { name, isLookAsked: flags.look !== false, signal: stopSignal() };
  const report = await whyDomain(question, host);
  const out = new StandardOutput();
  await out.write(flags.json === true ? renderJsonDocument(report) : renderWhy(report, terminalWidth()));
  await out.flush();
  return report.exitCode;
}
