import { renderDoctor } from '../../../core/doctor/doctor-table.js';
import { doctorExitCode } from '../../../core/doctor/judge.js';
import { InternalError } from '../../../core/domain/autossl-error.js';
import { renderJsonDocument } from '../../../core/report/text/json-lines.js';
import { examine } from '../../../runs/doctor/examine.js';
import { examinersOf } from '../../../runs/doctor/examiners.js';
import { openDoctorHost } from '../../host/doctor/doctor.js';
import { printLines, terminalWidth } from '../../table-output.js';

export interface DoctorFlags {
  readonly fix?: boolean;
  readonly json?: boolean;
}

/** `autossl doctor`. Gives 1 when faults remain. */
export async function doctorCommand(flags: DoctorFlags): Promise<number> {
  const [, program] = process.argv;
  if (program === undefined) throw new InternalError('BUG', 'the program does not know where it lies');
  const host = await openDoctorHost(process.env, process.getuid?.() ?? 0, program);
  const report = await examine(examinersOf(host), flags.fix === true, host.why.clock);
  await printLines(flags.json === true ? renderJsonDocument(report) : renderDoctor(report, terminalWidth()));
  return doctorExitCode(report.findings);
}
