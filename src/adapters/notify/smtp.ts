import { printable } from '../../core/domain/name/names.js';
import type { DeliveryAnswer } from '../../core/notice/delivery/delivery.js';
import type { OutgoingMessage } from '../../core/notice/outgoing-message.js';
import type { HandingOver, NoticeChannel } from '../../runs/ports/messages.js';
import type { SmtpSettings } from '../../runs/ports/settings.js';
import { addressed, mailText } from './mail/mail-text.js';
import { SmtpSession } from './mail/smtp-session.js';
import { STOPPED } from './refusal.js';

export interface SmtpChannelSettings extends SmtpSettings {
  /** Header and envelope. */
  readonly from: string | null;
  /** Of this server: what it calls itself, and the domain of its users. */
  readonly hostname: string;
}

/** Where nobody gave the server a name. */
const NAMELESS = 'localhost';
/** Who writes when nobody said who. */
const USUAL_SENDER = 'root';

/** Mails over a connection of its own to a mail server; one that worked is kept for the next message until `close`. */
export class SmtpChannel implements NoticeChannel {
  readonly name = 'mail';
  readonly label: string;
  readonly audiences = ['administrator', 'user'] as const;
  readonly #settings: SmtpChannelSettings;
  readonly #hostname: string;
  readonly #from: string;
  #idle: SmtpSession[] = [];

  constructor(settings: SmtpChannelSettings) {
    this.label = `SMTP ${printable(settings.host)}:${settings.port}`;
    this.#settings = settings;
    this.#hostname = settings.hostname === '' ? NAMELESS : settings.hostname;
    this.#from = addressed(settings.from ?? USUAL_SENDER, this.#hostname);
  }

  async deliver(
    message: OutgoingMessage,
    signal: AbortSignal,
    handingOver?: HandingOver,
  ): Promise<DeliveryAnswer> {
    if (signal.aborted) return STOPPED;
    const to = addressed(message.to, this.#hostname);
    const mail = {
      ...{ from: this.#from, to },
      text: mailText(message, { from: this.#from, to, hostname: this.#hostname }),
    };
    const kept = this.#idle.pop();
    if (kept !== undefined) {
      const answer = await kept.send(mail, signal, handingOver);
      // A server may end a connection that nobody uses: that says nothing of the message, nor of the server.
      const isStale = answer.outcome === 'refused' && answer.isChannelDown && !answer.mayHaveArrived;
      if (!isStale || signal.aborted) return this.#keep(kept, answer);
      kept.close();
    }
    const session = await SmtpSession.open({ ...this.#settings, hostname: this.#hostname }, signal);
    if ('outcome' in session) return session;
    return this.#keep(session, await session.send(mail, signal, handingOver));
  }

  async close(): Promise<void> {
    for (const session of this.#idle) session.quit();
    this.#idle = [];
  }

  #keep(session: SmtpSession, answer: DeliveryAnswer): DeliveryAnswer {
    if (answer.outcome === 'delivered') this.#idle.push(session);
    else session.close();
    return answer;
  }
}
