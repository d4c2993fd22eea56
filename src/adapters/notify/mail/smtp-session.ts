import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { Readable } from 'node:stream';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import { reasonOf, wordsOfCode } from '../../../core/domain/system-fault.js';
import type { DeliveryAnswer } from '../../../core/notice/delivery/delivery.js';
import type { HandingOver } from '../../../runs/ports/messages.js';
import type { SmtpSettings } from '../../../runs/ports/settings.js';
import { lastWords, networkWords, refused } from '../refusal.js';

/** A server that says a little at a time is given so many times its patience for one step. */
const LONGEST_STEP = 4;
const MS_PER_SECOND = 1000;
/** RFC 5321 4.2.1: replies of 5yz are permanent, those of 4yz are not; 421 ends the connection. */
const PERMANENT = 500;
const CLOSING = 421;

interface Mail {
  readonly from: string;
  readonly to: string;
  /** The whole mail. */
  readonly text: string;
}

/** What the library says went wrong. */
interface SmtpFault {
  readonly code?: string | undefined;
  readonly originalCode?: string | undefined;
  readonly responseCode?: number | undefined;
  readonly response?: string | undefined;
  readonly command?: string | undefined;
  readonly message: string;
}

/** One connection to a mail server, logged in. The only door to nodemailer. */
export class SmtpSession {
  readonly #connection: SMTPConnection;
  readonly #timeoutMs: number;

  private constructor(connection: SMTPConnection, timeoutMs: number) {
    this.#connection = connection;
    this.#timeoutMs = timeoutMs;
    // It may speak when nobody asks: an error without a listener would end the process.
    connection.on('error', () => undefined);
  }

  /** Connects, begins TLS as the settings want it, logs in; or says why that is impossible now. */
  static async open(
    settings: SmtpSettings & { readonly hostname: string },
    signal: AbortSignal,
  ): Promise<SmtpSession | DeliveryAnswer> {
    const { host, port, tls, login, caBundle, hostname, timeoutMs } = settings;
    // The default export is what both node and the bundle give of the library's module.
    const { default: Connection } = await import('nodemailer/lib/smtp-connection');
    let roots: string | null;
    try {
      roots = caBundle === null ? null : readFileSync(caBundle, 'utf8');
    } catch (error) {
      return refused(`its roots cannot be read: ${reasonOf(error)}`, { isChannelDown: true });
    }
    const connection = new Connection({
      ...{ host, port, name: hostname },
      secure: tls === 'implicit',
      requireTLS: tls === 'starttls',
      ignoreTLS: tls === 'none',
      opportunisticTLS: tls === 'opportunistic',
      ...{ connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs },
      dnsTimeout: timeoutMs,
      // What is only tried is encrypted against whoever listens; who answers nobody asks.
      tls: {
        rejectUnauthorized: tls !== 'opportunistic',
        ...(isIP(host) === 0 ? { servername: host } : {}),
        ...(roots === null ? {} : { ca: roots }),
      },
    });
    const session = new SmtpSession(connection, timeoutMs);
    const fault =
      (await session.#step(signal, (done) => connection.connect((error) => done(error ?? null)))) ??
      (login === null
        ? null
        : await session.#step(signal, (done) =>
            connection.login({ user: login.user, pass: login.password.reveal() }, (error) => done(error)),
          ));
    if (fault === null) return session;
    session.close();
    return answerOf(fault, false);
  }

  /**
   * Hands one mail over; `handingOver` is awaited when the server has taken the recipient and wants the mail itself. A session is
   * good for another one after `delivered` alone. @throws what `handingOver` throws
   */
  async send(
    { from, to, text }: Mail,
    signal: AbortSignal,
    handingOver?: HandingOver,
  ): Promise<DeliveryAnswer> {
    let isHandedOver = false;
    let isOver = false;
    let faultOfOurs: { readonly error: unknown } | undefined;
    const connection = this.#connection;
    const body = Readable.from(
      (async function* () {
        try {
          await handingOver?.();
        } catch (error) {
          faultOfOurs = { error };
        }
        if (faultOfOurs !== undefined || isOver) {
          // Ending the mail in any other way would send it.
          connection.close();
          await new Promise(() => undefined);
        }
        isHandedOver = true;
        yield Buffer.from(text);
      })(),
    );
    let said = '';
    const fault = await this.#step(signal, (done) =>
      connection.send({ from, to: [to] }, body, (error, info) => {
        said = info?.response ?? '';
        done(error);
      }),
    );
    isOver = true;
    if (faultOfOurs !== undefined) throw faultOfOurs.error;
    return fault === null ? { outcome: 'delivered', said: lastWords(said) } : answerOf(fault, isHandedOver);
  }

  quit(): void {
    if (this.#connection.destroyed) return;
    // Nobody waits for the answer.
    this.#connection.quit();
    setTimeout(() => this.#connection.close(), MS_PER_SECOND).unref();
  }

  close(): void {
    this.#connection.close();
  }

  /** One exchange, ended by its answer, an error, the time or the signal; gives what went wrong. */
  #step(
    signal: AbortSignal,
    begin: (done: (error: SmtpFault | null) => void) => void,
  ): Promise<SmtpFault | null> {
    const connection = this.#connection;
    return new Promise((resolve) => {
      const end = (fault: SmtpFault | null): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', stop);
        connection.off('end', closed);
        connection.off('error', end);
        resolve(fault);
      };
      const stop = (): void => end({ message: 'this run was stopped' });
      const closed = (): void => end({ code: 'ECONNRESET', message: '' });
      const timer = setTimeout(() => end({ code: 'ETIMEDOUT', message: '' }), this.#timeoutMs * LONGEST_STEP);
      if (signal.aborted) return stop();
      signal.addEventListener('abort', stop, { once: true });
      connection.on('error', end);
      connection.once('end', closed);
      begin(end);
    });
  }
}

/** `isHandedOver`: the whole mail went out before it. */
function answerOf(fault: SmtpFault, isHandedOver: boolean): DeliveryAnswer {
  const { responseCode, command = '', code } = fault;
  if (responseCode === undefined) {
    return refused(faultWords(fault), { isChannelDown: true, mayHaveArrived: isHandedOver });
  }
  // What it answers to a login may repeat it.
  if (code === 'EAUTH' || command.startsWith('AUTH')) {
    return refused(`it refuses the user name and password of the settings (${responseCode})`, {
      isChannelDown: true,
    });
  }
  const said = lastWords(fault.response ?? '');
  const isOfMessage = command === 'RCPT TO' || command === 'DATA';
  if (responseCode >= PERMANENT && isOfMessage) return refused(said, { isPermanent: true });
  return refused(said, { isChannelDown: !isOfMessage || responseCode === CLOSING });
}

/** In our own words: the library's may hold what was sent. */
function faultWords({ code, originalCode, message }: SmtpFault): string {
  if (code === undefined) return lastWords(message);
  if (code === 'ETIMEDOUT') return 'it does not answer in time';
  if (originalCode !== undefined) return networkWords(originalCode, message);
  if (code === 'ETLS') return `TLS with it is impossible: ${lastWords(message)}`;
  if (code === 'EAUTH') return 'it does not let us log in';
  return code === 'ESOCKET' || code === 'ECONNECTION' || code === 'EPROTOCOL'
    ? lastWords(message)
    : wordsOfCode(code);
}
