import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ClientRequest, RequestOptions } from 'node:http';
import { printable } from '../../core/domain/name/names.js';
import type { NoticeAudience } from '../../core/domain/notice-level.js';
import type { Secret } from '../../core/domain/secret.js';
import { reasonOf } from '../../core/domain/system-fault.js';
import type { DeliveryAnswer } from '../../core/notice/delivery/delivery.js';
import type { OutgoingMessage } from '../../core/notice/outgoing-message.js';
import type { Clock } from '../../runs/ports/clock.js';
import type { HandingOver, NoticeChannel } from '../../runs/ports/messages.js';
import { handedDocument } from './handed-document.js';
import { lastWords, networkWords, refused } from './refusal.js';

const MS_PER_SECOND = 1000;
/** RFC 9110: the receiver understood that it does not want this very message; the rest may be mended over there. */
const PERMANENT_STATUS: ReadonlySet<number> = new Set([400, 413, 415, 422]);
const TOO_MANY_REQUESTS = 429;

export interface WebhookSettings {
  /** `https:`, or `http:` to this server itself. */
  readonly url: string;
  readonly secret: Secret;
  /** PEM file of roots to trust instead of those of node; null = those. */
  readonly caBundle: string | null;
  readonly audiences: readonly NoticeAudience[];
  readonly timeoutMs: number;
}

/**
 * Posts each message as JSON. `X-AutoSSL-Signature` is `sha256=` and the HMAC of `X-AutoSSL-Timestamp`, a dot and the body.
 * Redirects are not followed: what is signed is for one receiver.
 */
export class WebhookChannel implements NoticeChannel {
  readonly name = 'webhook';
  readonly label: string;
  readonly audiences: readonly NoticeAudience[];
  readonly #settings: WebhookSettings;
  readonly #url: URL;
  readonly #clock: Pick<Clock, 'now'>;

  constructor(settings: WebhookSettings, clock: Pick<Clock, 'now'>) {
    this.#url = new URL(settings.url);
    // Paths and queries of such addresses are often secrets themselves.
    this.label = `webhook at ${printable(this.#url.host)}`;
    this.audiences = settings.audiences;
    this.#settings = settings;
    this.#clock = clock;
  }

  async deliver(
    message: OutgoingMessage,
    signal: AbortSignal,
    handingOver: HandingOver = async () => undefined,
  ): Promise<DeliveryAnswer> {
    const body = handedDocument(message);
    const timestamp = Math.floor(this.#clock.now().getTime() / MS_PER_SECOND);
    const options: RequestOptions = {
      method: 'POST',
      agent: false,
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': 'autossl',
        'x-autossl-message': message.id,
        'x-autossl-timestamp': String(timestamp),
        'x-autossl-signature': `sha256=${this.#sign(`${timestamp}.${body}`)}`,
      },
    };
    let roots: string | null;
    try {
      const { caBundle } = this.#settings;
      roots = caBundle === null ? null : readFileSync(caBundle, 'utf8');
    } catch (error) {
      return refused(`its roots cannot be read: ${reasonOf(error)}`, { isChannelDown: true });
    }
    return answerOf(await this.#post(options, roots, { body, handingOver }, signal));
  }

  async close(): Promise<void> {}

  #sign(text: string): string {
    return createHmac('sha256', this.#settings.secret.reveal()).update(text).digest('hex');
  }

  /** Ends when the head of the answer is there; its body says nothing that we need. */
  async #post(
    options: RequestOptions,
    roots: string | null,
    { body, handingOver }: { readonly body: string; readonly handingOver: HandingOver },
    signal: AbortSignal,
  ): Promise<PostEnd> {
    const { request } =
      this.#url.protocol === 'https:' ? await import('node:https') : await import('node:http');
    const { timeoutMs } = this.#settings;
    return new Promise((resolve, reject) => {
      const sent = request(this.#url, { ...options, ...(roots === null ? {} : { ca: roots }) });
      let isOver = false;
      const letGo = (): void => {
        isOver = true;
        clearTimeout(timer);
        signal.removeEventListener('abort', stop);
        sent.destroy();
      };
      const end = (outcome: PostEnd): void => {
        resolve(outcome);
        letGo();
      };
      const fail = (fault: string): void => end({ fault });
      const timer = setTimeout(
        () => fail(`it did not answer within ${timeoutMs / MS_PER_SECOND} seconds`),
        timeoutMs,
      );
      const stop = (): void => fail('this run was stopped');
      signal.addEventListener('abort', stop, { once: true });
      sent.on('error', (error) => fail(faultWords(error)));
      sent.on('response', (response) => {
        response.on('error', () => undefined);
        end({ status: response.statusCode ?? 0 });
      });
      if (signal.aborted) stop();
      else {
        whenConnected(sent, () => {
          handingOver().then(
            () => {
              if (!isOver) sent.end(body);
            },
            (error: unknown) => {
              reject(error);
              letGo();
            },
          );
        });
      }
    });
  }
}

/** Nothing leaves a request before its end; the connection, and its TLS, is made at once. */
function whenConnected(request: ClientRequest, then: () => void): void {
  const event = request.protocol === 'https:' ? 'secureConnect' : 'connect';
  request.once('socket', (socket) => {
    if (socket.connecting || event === 'secureConnect') socket.once(event, then);
    else then();
  });
}

type PostEnd = { readonly status: number } | { readonly fault: string };

/** Whether something that was not answered had arrived, the receiver knows by the message's id: it is sent again soon. */
function answerOf(end: PostEnd): DeliveryAnswer {
  if ('fault' in end) return refused(end.fault, { isChannelDown: true });
  const { status } = end;
  if (status >= 200 && status < 300) return { outcome: 'delivered', said: `status ${status}` };
  if (status >= 300 && status < 400) {
    return refused(`it redirects (status ${status}), which is not followed`, { isChannelDown: true });
  }
  return refused(`it answered with status ${status}`, {
    isPermanent: PERMANENT_STATUS.has(status),
    isChannelDown: !PERMANENT_STATUS.has(status) && status !== TOO_MANY_REQUESTS,
  });
}

function faultWords(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  return code === undefined ? lastWords(error.message) : networkWords(code, error.message);
}
