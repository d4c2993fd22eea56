import type { AccountName } from '../../core/domain/account/account-name.js';
import { AutosslError } from '../../core/domain/autossl-error.js';
import { printable } from '../../core/domain/name/names.js';
import type { Cause } from '../../core/notice/findings/website-saw.js';
import type { CheckHost } from '../check/check-host.js';
import type { RunRecorder } from '../check/run-recorder.js';
import type { Survey } from '../check/survey-websites.js';
import type { NoticeScope } from '../notice/notice-scope.js';
import { type CollectedFindings, collectFindings } from './collect-findings.js';

/** Tells people what a check of all accounts, or of one, came to. Never throws for what concerns notices alone. */
export async function tellOfCheck(
  user: AccountName | null,
  survey: Pick<Survey, 'broken' | 'skipped'>,
  host: CheckHost,
  recorder: RunRecorder,
): Promise<void> {
  await tell(host, recorder, null, ({ unsettled }) => {
    const except = new Set<string>([...survey.broken, ...survey.skipped]);
    if (user === null) return { kind: 'all', except, unsettled };
    return { kind: 'accounts', accounts: new Set(except.has(user) ? [] : [user]), unsettled };
  });
}

/** The same where the run was ended before it did anything: nothing is over, and only what time has brought is told. */
export async function tellOfStandstill(
  error: AutosslError,
  host: CheckHost,
  recorder: RunRecorder,
): Promise<void> {
  const standstill: Cause = {
    code: 'BRAKE',
    text: printable(error.message),
    isWait: true,
    isOurs: true,
    dueAt: null,
    failing: [],
  };
  await tell(host, recorder, standstill, () => ({ kind: 'websites', websites: [] }));
}

/** The same of single websites that were worked on between two runs. */
export async function tellOfWebsites(host: CheckHost, recorder: RunRecorder): Promise<void> {
  await tell(host, recorder, null, ({ settled }) => ({ kind: 'websites', websites: settled }));
}

async function tell(
  host: CheckHost,
  recorder: RunRecorder,
  standstill: Cause | null,
  scopeOf: (collected: CollectedFindings) => NoticeScope,
): Promise<void> {
  if (host.notices === null) return;
  try {
    const collected = await collectFindings(host, recorder, standstill);
    recorder.record(...(await host.notices.tell(collected.findings, scopeOf(collected))));
  } catch (error) {
    if (!(error instanceof AutosslError)) throw error;
    recorder.record({
      type: 'warn',
      code: 'NOTICES_NOT_TOLD',
      indent: 0,
      contents: `Nobody is told of this run: ${printable(error.message)}.`,
    });
  }
}
