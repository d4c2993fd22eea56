import { mailNotSent } from '../../core/report/events/service-events.js';
import { servicesMail } from '../../core/report/services/services-mail.js';
import type { ServicesReport } from '../../core/report/services/services-report.js';
import type { RunRecorder } from '../check/run-recorder.js';
import type { ServicesHost } from './services-host.js';

/** Tells what went wrong, and what is about to expire, in one mail; a mail that cannot be sent is a warning. */
export async function mailAdministrator(
  report: ServicesReport,
  host: Pick<ServicesHost, 'notifier'>,
  recorder: RunRecorder,
): Promise<void> {
  const mail = servicesMail(report);
  if (mail === null) return;
  const sent = await host.notifier.tell(mail);
  if (!sent.ok) recorder.record(mailNotSent(sent.why));
}
