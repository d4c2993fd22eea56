import { setTimeout as pause } from 'node:timers/promises';
import { AcmeProtocolError } from '../../core/domain/autossl-error.js';
import { problemCode } from '../../core/order/problem-type.js';
import type { AcmeRefusal } from '../../runs/ports.js';
import { type UrlRule, urlRuleOf } from './ca-url.js';
import { type Directory, parseDirectory } from './directory.js';
import { badAnswer } from './fields.js';
import type { RequestSigner } from './jws.js';
import { NoncePool } from './nonces.js';
import { problemOfAnswer } from './problem.js';
import { jsonOfAnswer } from './resources.js';
import type { AcmeTransport, HttpAnswer, HttpRequest } from './transport.js';

/** Times that one request is sent again with a fresh nonce: at a CA that refuses every fifth, 1 in 20 million requests needs more. */
const MOST_NONCE_RETRIES = 10;
/** Repeats of an idempotent request on a broken connection, and the pause before the nth. */
const MOST_NETWORK_RETRIES = 2;
const NETWORK_RETRY_PAUSE_MS = 250;

/** One signed request; `payload` undefined = POST-as-GET. */
export interface SignedRequest {
  readonly url: string;
  readonly payload?: unknown;
  readonly signer: RequestSigner;
  /** The account's URL, or null to send the key along. */
  readonly kid: string | null;
  readonly accept?: string;
  /** False for what may not be sent twice (newOrder, finalize): a lost answer is then an error. */
  readonly isRepeatable: boolean;
  readonly signal: AbortSignal | undefined;
}

export function isRefusal(value: object): value is AcmeRefusal {
  return 'refused' in value;
}

/** RFC 8555's transport rules of one CA: directory, nonces, signed requests, problems. */
export class Wire {
  readonly rule: UrlRule;
  readonly #transport: AcmeTransport;
  readonly #directoryUrl: string;
  readonly #timeoutMs: number;
  readonly #nonces = new NoncePool();
  #directory: Directory | undefined;

  /** @throws ConfigurationError BAD_SETTING for a directory URL that may not be used */
  constructor(transport: AcmeTransport, directoryUrl: string, timeoutMs: number) {
    this.rule = urlRuleOf(directoryUrl);
    this.#transport = transport;
    this.#directoryUrl = directoryUrl;
    this.#timeoutMs = timeoutMs;
  }

  /** The CA's directory, read once. @throws AcmeProtocolError */
  async directory(signal: AbortSignal | undefined): Promise<Directory> {
    if (this.#directory !== undefined) return this.#directory;
    const deadline = performance.now() + this.#timeoutMs;
    const url = this.#directoryUrl;
    const answer = await this.#repeat({ method: 'GET', url, deadline, signal });
    const { host } = this.rule;
    const { pathname } = new URL(url);
    if (answer.status !== 200) throw this.#noDirectory(answer, pathname);
    const directory = parseDirectory(jsonOfAnswer(answer, host, pathname), answer, this.rule);
    this.#directory = directory;
    return directory;
  }

  /** The CA's answer with a success status, or its refusal. @throws AcmeProtocolError */
  async post(request: SignedRequest): Promise<HttpAnswer | AcmeRefusal> {
    const { url, payload, kid, signal } = request;
    const { pathname } = new URL(url);
    const deadline = performance.now() + this.#timeoutMs;
    let nonce: string | undefined;
    let networkRetries = 0;
    for (let attempt = 0; ; ) {
      nonce ??= this.#nonces.take() ?? (await this.#newNonce(deadline, signal));
      const body = await request.signer.sign({ url, nonce, payload, kid });
      nonce = undefined;
      let answer: HttpAnswer;
      try {
        const accept = request.accept ?? 'application/json';
        const isUnrepeatable = !request.isRepeatable;
        answer = await this.#transport.send({
          method: 'POST',
          url,
          body,
          accept,
          isUnrepeatable,
          deadline,
          signal,
        });
      } catch (error) {
        if (!request.isRepeatable || !isBrokenConnection(error) || networkRetries >= MOST_NETWORK_RETRIES)
          throw error;
        networkRetries += 1;
        await pauseBefore(networkRetries, signal);
        continue;
      }
      this.#nonces.keep(answer.headers['replay-nonce']);
      if (answer.status >= 200 && answer.status < 300) return answer;
      if (answer.status < 400) {
        throw badAnswer(`the CA at ${this.rule.host} answered ${pathname} with status ${answer.status}`);
      }
      const problem = problemOfAnswer(answer, this.rule.host, pathname, payload === undefined);
      if (problemCode(problem) !== 'badNonce') return { refused: problem };
      if (attempt >= MOST_NONCE_RETRIES) throw this.#noNonceTaken(pathname, attempt + 1);
      // The nonce of the refusal itself is the freshest there is; after a second refusal the kept ones are suspect.
      nonce = this.#nonces.take();
      if (attempt > 0) this.#nonces.clear();
      attempt += 1;
    }
  }

  /** Any answer to a request without account or signature. @throws AcmeProtocolError */
  async get(url: string, signal: AbortSignal | undefined): Promise<HttpAnswer> {
    const deadline = performance.now() + this.#timeoutMs;
    return await this.#transport.send({ method: 'GET', url, deadline, signal });
  }

  async #newNonce(deadline: number, signal: AbortSignal | undefined): Promise<string> {
    const { newNonce } = await this.directory(signal);
    const answer = await this.#repeat({ method: 'HEAD', url: newNonce, deadline, signal });
    this.#nonces.keep(answer.headers['replay-nonce']);
    const nonce = this.#nonces.take();
    if (nonce !== undefined) return nonce;
    throw badAnswer(`the CA at ${this.rule.host} gave no nonce (status ${answer.status})`);
  }

  async #repeat(request: HttpRequest): Promise<HttpAnswer> {
    for (let retries = 0; ; retries += 1) {
      try {
        return await this.#transport.send(request);
      } catch (error) {
        if (!isBrokenConnection(error) || retries >= MOST_NETWORK_RETRIES) throw error;
        await pauseBefore(retries + 1, request.signal);
      }
    }
  }

  /** Not a word about the request itself: this CA cannot be talked to now. */
  #noNonceTaken(path: string, times: number): AcmeProtocolError {
    return new AcmeProtocolError(
      'PROBLEM',
      `the CA at ${this.rule.host} refused its own nonces ${times} times for ${path} (badNonce)`,
      { advice: 'It is tried again at the next run.' },
    );
  }

  #noDirectory(answer: HttpAnswer, path: string): AcmeProtocolError {
    const { host } = this.rule;
    if (answer.status < 400)
      return badAnswer(`the CA at ${host} answered ${path} with status ${answer.status}, not a directory`);
    const { retryAt } = problemOfAnswer(answer, host, path);
    return new AcmeProtocolError(
      'PROBLEM',
      `the CA at ${host} gives no directory now (status ${answer.status})`,
      {
        retryAt,
        advice: 'It is tried again at the next run.',
      },
    );
  }
}

function isBrokenConnection(error: unknown): boolean {
  return error instanceof AcmeProtocolError && error.code === 'UNREACHABLE';
}

async function pauseBefore(retry: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await pause(retry * NETWORK_RETRY_PAUSE_MS, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    throw new AcmeProtocolError('ABORTED', 'stopped', { cause: error });
  }
}
