import { isHostnameDue, withHostnameDue } from '../../core/plan/due-website.js';
import type { WebsiteName } from '../../core/report/queue-report.js';
import { changeDue } from '../check/note-due.js';
import type { QueueSession } from './queue-session.js';

/** Works on the server's own certificates, where their instant has come. Gives what there was work for. @throws StateError */
export async function workOnHostname(session: QueueSession): Promise<readonly WebsiteName[]> {
  const { host, recorder, journal, signal, prepare } = session;
  const index = host.due.read();
  if (signal.aborted || !isHostnameDue(index, host.clock.now())) return [];
  const { worked, again } = await host.renewHostname({
    recorder,
    signal,
    begin: async ({ vhost }) => {
      await prepare();
      await journal.assign(vhost, null);
    },
  });
  // What was learnt meanwhile of another instant stays.
  if (again !== 'next-turn') {
    const { hostnameDueAt } = index;
    await changeDue(host, (now) => (now.hostnameDueAt === hostnameDueAt ? withHostnameDue(now, again) : now));
  }
  return worked === null ? [] : [{ account: worked.account, vhost: worked.vhost }];
}
