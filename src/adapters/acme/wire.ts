import { setTimeout as pause } from 'node:timers/promises';
import { AcmeProtocolError } from '../../core/domain/autossl-error.js';
import { problemCode } from '../../core/order/problem-type.js';
import type { AcmeProblem } from '../../core/order/resources.js';
import type { AcmeRefusal } from '../../runs/ports/authority.js';
import { type UrlRule, urlRuleOf } from './ca-url.js';
import { isWholePem } from './certificate-chain.js';
import { type Directory, parseDirectory } from './directory.js';
import { badAnswer, excerpt } from './fields.js';
import type { RequestSigner } from './jws.js';
import { NoncePool } from './nonces.js';
import { problemOfAnswer } from './problem.js';
import { jsonOfAnswer } from './resources.js';
import { waitBeforeRepeat } from './server-patience.js';
import type { AcmeTransport, HttpAnswer, HttpRequest } from './transport.js';

/** Times that one request is sent again with a fresh nonce: at a CA that refuses every second, 1 in 2 million requests needs more. */
const MOST_NONCE_RETRIES = 20;
/** Repeats of an idempotent request on a broken connection, and the pause before the nth. */
const MOST_NETWORK_RETRIES = 4;
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
  /** Awaited right before each time that it goes out, when nonce and signature are there; what it throws keeps it here. */
  readonly beforeSending?: () => Promise<void>;
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
    const answer = await this.#repeat({ method: 'GET', url, deadline, signal }, (one) => isPlausible(one));
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
    let serverRepeats = 0;
    for (let attempt = 0; ; ) {
      nonce ??= this.#nonces.take() ?? (await this.#newNonce(deadline, signal));
      const used = nonce;
      const body = await request.signer.sign({ url, nonce, payload, kid });
      nonce = undefined;
      await request.beforeSending?.();
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
        // Should it have been used, its refusal brings another: no dearer than to ask for one.
        if (request.isRepeatable && isBrokenAnswer(error)) this.#nonces.keep(used);
        if (!request.isRepeatable || !isBrokenAnswer(error) || networkRetries >= MOST_NETWORK_RETRIES)
          throw error;
        networkRetries += 1;
        await pauseBefore(networkRetries, signal);
        continue;
      }
      const given = answer.headers['replay-nonce'];
      this.#nonces.keep(given);
      if (answer.status >= 200 && answer.status < 300) {
        if (isPlausible(answer, request)) return answer;
        // Neither a CA's answer nor its nonce: ours was not used, or else is refused with another.
        if (given === undefined) this.#nonces.keep(used);
        // A page of something on the way says nothing of what was asked.
        if (!request.isRepeatable || networkRetries >= MOST_NETWORK_RETRIES) {
          throw badAnswer(
            `the CA at ${this.rule.host} answered ${pathname} with something else than was asked for (status ${answer.status}): ${excerpt(answer.body)}`,
          );
        }
        networkRetries += 1;
        await pauseBefore(networkRetries, signal);
        continue;
      }
      if (answer.status < 400) {
        throw badAnswer(`the CA at ${this.rule.host} answered ${pathname} with status ${answer.status}`);
      }
      let problem: AcmeProblem;
      try {
        problem = problemOfAnswer(answer, this.rule.host, pathname, payload === undefined);
      } catch (error) {
        // Cut short, or not the CA's at all.
        if (!request.isRepeatable || networkRetries >= MOST_NETWORK_RETRIES) throw error;
        networkRetries += 1;
        await pauseBefore(networkRetries, signal);
        continue;
      }
      if (problemCode(problem) !== 'badNonce') {
        const waitMs = waitBeforeRepeat(problem, serverRepeats + 1, answer.receivedAt);
        if (waitMs === null || performance.now() + waitMs >= deadline) return { refused: problem };
        if (given === undefined) this.#nonces.keep(used);
        serverRepeats += 1;
        await pauseFor(waitMs, signal);
        continue;
      }
      if (attempt >= MOST_NONCE_RETRIES) throw this.#noNonceTaken(pathname, attempt + 1);
      // The refusal brings the freshest there is. An old one of the others costs a request at most, as asking for one does.
      if (given === undefined) this.#nonces.clear();
      nonce = this.#nonces.take();
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
    const hasNonce = ({ headers }: HttpAnswer): boolean => headers['replay-nonce'] !== undefined;
    const answer = await this.#repeat({ method: 'HEAD', url: newNonce, deadline, signal }, hasNonce);
    this.#nonces.keep(answer.headers['replay-nonce']);
    const nonce = this.#nonces.take();
    if (nonce !== undefined) return nonce;
    throw badAnswer(`the CA at ${this.rule.host} gave no nonce (status ${answer.status})`);
  }

  async #repeat(request: HttpRequest, isWhole: (answer: HttpAnswer) => boolean): Promise<HttpAnswer> {
    let serverRepeats = 0;
    for (let retries = 0; ; retries += 1) {
      try {
        const answer = await this.#transport.send(request);
        if (answer.status < 400) {
          if (retries >= MOST_NETWORK_RETRIES || isWhole(answer)) return answer;
          await pauseBefore(retries + 1, request.signal);
          continue;
        }
        const waitMs = this.#waitAfter(answer, serverRepeats + 1, request);
        if (waitMs === null) return answer;
        serverRepeats += 1;
        retries -= 1;
        await pauseFor(waitMs, request.signal);
      } catch (error) {
        if (!isBrokenAnswer(error) || retries >= MOST_NETWORK_RETRIES) throw error;
        await pauseBefore(retries + 1, request.signal);
      }
    }
  }

  #waitAfter(answer: HttpAnswer, repeat: number, { url, deadline }: HttpRequest): number | null {
    const problem = problemOfAnswer(answer, this.rule.host, new URL(url).pathname);
    const waitMs = waitBeforeRepeat(problem, repeat, answer.receivedAt);
    return waitMs === null || performance.now() + waitMs >= deadline ? null : waitMs;
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

function isBrokenAnswer(error: unknown): boolean {
  return (
    error instanceof AcmeProtocolError && (error.code === 'UNREACHABLE' || error.code === 'ANSWER_TOO_LARGE')
  );
}

/** Whether it is of the kind asked for at all, and whole; what was told something (a challenge) may answer without a body. */
function isPlausible(
  { body }: HttpAnswer,
  { accept, payload }: Pick<SignedRequest, 'accept' | 'payload'> = {},
): boolean {
  if (accept !== undefined && !accept.includes('json')) return isWholePem(body.toString('latin1'));
  if (body.length === 0) return payload !== undefined;
  try {
    JSON.parse(body.toString('utf8'));
    return true;
  } catch {
    return false;
  }
}

async function pauseBefore(retry: number, signal: AbortSignal | undefined): Promise<void> {
  await pauseFor(retry * NETWORK_RETRY_PAUSE_MS, signal);
}

/** @throws AcmeProtocolError ABORTED */
async function pauseFor(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await pause(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    throw new AcmeProtocolError('ABORTED', 'stopped', { cause: error });
  }
}
