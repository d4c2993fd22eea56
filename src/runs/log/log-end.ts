import { EXIT } from '../../core/report/check/exit-code.js';
import type { RunFault } from '../../core/report/check/tally.js';
import type { RunRecorder } from '../check/run-recorder.js';

/**
 * Ends the log of a run that was carried out. What of the log could not be written makes the run a failed one, whose
 * report stands nevertheless.
 */
export async function endLog<
  Report extends { readonly exitCode: number; readonly faults: readonly RunFault[] },
>(report: Report, recorder: Pick<RunRecorder, 'end'>): Promise<Report> {
  const loss = await recorder.end();
  return loss === null ? report : { ...report, exitCode: EXIT.failed, faults: [...report.faults, loss] };
}
