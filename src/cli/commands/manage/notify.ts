import { AutosslError, UsageError } from '../../../core/domain/autossl-error.js';
import { printable, quoteForMessage } from '../../../core/domain/name/names.js';
import {
  listedMessage,
  type NotifyList,
  renderMessages,
} from '../../../core/notice/delivery/messages-table.js';
import { isRecipient } from '../../../core/notice/delivery/recipient.js';
import { EXIT } from '../../../core/report/check/exit-code.js';
import { renderJsonDocument } from '../../../core/report/text/json-lines.js';
import { openNoticeLook } from '../../host/queue-look.js';
import { printLines, terminalWidth } from '../../table-output.js';

export interface NotifyTestFlags {
  readonly to?: string;
  readonly json?: boolean;
}

/** `autossl notify list`. Gives 1 when files in the outbox are no messages. */
export async function notifyListCommand(isJson: boolean, [excess]: readonly string[]): Promise<number> {
  if (excess !== undefined) {
    throw new UsageError(
      'BAD_ARGUMENT',
      `${quoteForMessage(excess)} is no command of “autossl notify”: there are list and test, and list takes no words`,
    );
  }
  const { queue, clock } = openNoticeLook(process.env, process.getuid?.() ?? 0);
  const { waiting, givenUp, damaged } = await queue.list();
  const now = clock.now();
  const list: NotifyList = {
    schemaVersion: 1,
    at: now.toISOString(),
    waiting: waiting.map(listedMessage),
    givenUp: givenUp.map(listedMessage),
    damaged,
    unusable: await unusableNow(),
  };
  await printLines(isJson ? renderJsonDocument(list) : renderMessages(list, now, terminalWidth()));
  return damaged.length === 0 ? EXIT.done : EXIT.failed;
}

/** Settings that cannot be read are no reason not to show what waits. */
async function unusableNow(): Promise<NotifyList['unusable']> {
  const { openBase } = await import('../../host/base.js');
  const { unusableWays } = await import('../../host/notices.js');
  try {
    const { settings } = await openBase(process.env, process.getuid?.() ?? 0);
    return unusableWays(settings.notices).map(({ label, fault }) => ({ channel: label, why: fault }));
  } catch (error) {
    if (error instanceof AutosslError) return [];
    throw error;
  }
}

/** `autossl notify test`. Gives 1 when a channel refused the message, and when there is none. */
export async function notifyTestCommand({ to, json }: NotifyTestFlags): Promise<number> {
  if (to !== undefined && !isRecipient(to)) {
    throw new UsageError(
      'BAD_ARGUMENT',
      `${quoteForMessage(to)} is neither a mail address nor a user’s name`,
    );
  }
  const { openNotices } = await import('../../host/notices.js');
  const { testChannels } = await import('../../../runs/notice/test-channels.js');
  const { stopSignal } = await import('../../stop-signal.js');
  const host = await openNotices(process.env, process.getuid?.() ?? 0);
  const recipient = to ?? host.to;
  const tests = await testChannels(recipient, host, stopSignal());
  if (json === true)
    await printLines(renderJsonDocument({ schemaVersion: 1, to: recipient, channels: tests }));
  else {
    for (const { channel, isDelivered, answer } of tests) {
      await printLines([`${isDelivered ? 'ok' : 'FAILED'}  ${printable(channel)}: ${printable(answer)}`]);
    }
    if (tests.length === 0)
      await printLines(['There is no way for messages: see notices in /etc/autossl.yaml.']);
  }
  return tests.length > 0 && tests.every(({ isDelivered }) => isDelivered) ? EXIT.done : EXIT.failed;
}
