import { printable } from '../../core/domain/name/names.js';
import type { DeliveryAnswer } from '../../core/notice/delivery/delivery.js';
import type { OutgoingMessage } from '../../core/notice/outgoing-message.js';
import type { HandingOver, NoticeChannel } from '../../runs/ports/messages.js';
import { runCommand } from '../system/exec.js';
import { addressed, mailText } from './mail/mail-text.js';
import { answerOfProgram } from './program-end.js';
import { STOPPED } from './refusal.js';

/** Where every mail server of a Unix system puts its sendmail(1). */
export const USUAL_SENDMAIL = '/usr/sbin/sendmail';
/** It queues and returns; one that takes longer hangs. */
const TIMEOUT_MS = 60_000;

export interface SendmailSettings {
  /** Absolute path. */
  readonly program: string;
  /** The sender; null = as sendmail(1) writes it. */
  readonly from: string | null;
  /** Of this server. */
  readonly hostname: string;
}

/** Mails by `sendmail -t`: recipient and sender stand in the message, nothing in an argument. */
export class SendmailChannel implements NoticeChannel {
  readonly name = 'mail';
  readonly label: string;
  readonly audiences = ['administrator', 'user'] as const;
  readonly #settings: SendmailSettings;
  readonly #timeoutMs: number;

  constructor(settings: SendmailSettings, timeoutMs = TIMEOUT_MS) {
    this.label = `mail by ${printable(settings.program)}`;
    this.#settings = settings;
    this.#timeoutMs = timeoutMs;
  }

  async deliver(
    message: OutgoingMessage,
    signal: AbortSignal,
    handingOver?: HandingOver,
  ): Promise<DeliveryAnswer> {
    if (signal.aborted) return STOPPED;
    const { program, from, hostname } = this.#settings;
    await handingOver?.();
    const result = await runCommand([program, '-t', '-oi'], {
      timeoutMs: this.#timeoutMs,
      input: mailText(message, { from, to: addressed(message.to, null), hostname }),
      cwd: '/',
      signal,
    });
    return answerOfProgram(program, result, this.#timeoutMs);
  }

  async close(): Promise<void> {}
}
