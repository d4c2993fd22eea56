import { servicesNews } from '../../core/notice/services/services-news.js';
import { mailNotNoted, mailNotSent } from '../../core/report/events/service-events.js';
import type { ServicesReport } from '../../core/report/services/services-report.js';
import type { RunRecorder } from '../check/run-recorder.js';
import type { ServicesHost } from './services-host.js';

/**
 * Tells what went wrong, and what is about to expire, in one mail, unless that was told already; a mail that cannot be sent
 * is a warning.
 */
export async function mailAdministrator(
  report: ServicesReport,
  host: Pick<ServicesHost, 'notifier' | 'told' | 'clock' | 'settings'>,
  recorder: RunRecorder,
): Promise<void> {
  const { notifier, told, clock, settings } = host;
  const before = await told.read();
  const news = servicesNews(report, before, settings.repeatMails, clock.now());
  if (news.mail !== null) {
    const sent = await notifier.tell(news.mail);
    if (!sent.ok) {
      recorder.record(mailNotSent(sent.why));
      // What is gone is news at the next run.
      if (!sent.isQueued) return;
    }
  }
  if (before === null && news.told === null) return;
  const noted = await told.write(news.told);
  if (!noted.ok) recorder.record(mailNotNoted(noted.why));
}
