import { AcmeProtocolError } from '../../core/domain/autossl-error.js';
import { problemCode } from '../../core/order/problem-type.js';
import type { AcmeOrder } from '../../core/order/resources.js';
import { termsNotAccepted } from '../../core/provider/terms.js';
import type { AcmeRefusal, CertificateAuthority } from '../../runs/ports/authority.js';
import {
  type AccountSettings,
  accountRefused,
  type OpenAccount,
  openAccount,
  registerAgain,
} from './account.js';
import { endsAtIssuer, parseChain, type ReadCertificate } from './certificate-chain.js';
import { badAnswer } from './fields.js';
import { linksOf } from './link-header.js';
import { linkHeaders } from './problem.js';
import { renewalAnswerOf, renewalFaultOf, renewalInfoUrl } from './renewal-info.js';
import { jsonOfAnswer, parseAuthorization, parseOrder } from './resources.js';
import { type AcmeTransport, createTransport, type HttpAnswer } from './transport.js';
import { isRefusal, Wire } from './wire.js';

/** A CA that does not answer within this is treated as down for now. */
const DEFAULT_TIMEOUT_MS = 30_000;
/** Whether the request arrived nobody knows. */
const LOST_ANSWERS: ReadonlySet<string> = new Set(['UNREACHABLE', 'ANSWER_TOO_LARGE', 'BAD_ANSWER']);
/** Times that a challenge is answered again whose answer did not arrive. */
const MOST_LOST_ANSWERS = 5;
/** Alternate chains looked at; Let's Encrypt offers one or two. */
const MOST_ALTERNATES = 8;

export interface AcmeAuthorityOptions extends AccountSettings {
  /** PEM of the only roots trusted for the CA's own TLS; null = Node's list. */
  readonly caBundlePem: string | null;
  /** For each request, its retries included. */
  readonly timeoutMs?: number;
  /** CN or organisation that the topmost certificate's issuer should have; null = the CA's default chain. */
  readonly preferredChain?: string | null;
  /** Needed with `preferredChain`. */
  readonly readCertificate?: ReadCertificate;
  /** `product/version`, as RFC 8555 section 6.1 wants it. */
  readonly userAgent?: string;
}

/** A CA over RFC 8555. `close` drops its connections. @throws ConfigurationError BAD_SETTING for the directory's URL */
export function createAcmeAuthority(options: AcmeAuthorityOptions): CertificateAuthority & { close(): void } {
  const userAgent = options.userAgent ?? 'autossl';
  return new AcmeAuthority(options, createTransport({ caBundlePem: options.caBundlePem, userAgent }));
}

interface Step {
  readonly payload?: unknown;
  readonly accept?: string;
  readonly isRepeatable?: boolean;
  readonly signal: AbortSignal | undefined;
  readonly beforeSending?: () => Promise<void>;
}

class AcmeAuthority implements CertificateAuthority {
  readonly #options: AcmeAuthorityOptions;
  readonly #transport: AcmeTransport;
  readonly #wire: Wire;
  /** One opening at a time, shared by all orders; forgotten when it fails. */
  #account: Promise<OpenAccount | AcmeRefusal> | undefined;

  constructor(options: AcmeAuthorityOptions, transport: AcmeTransport) {
    this.#options = options;
    this.#transport = transport;
    this.#wire = new Wire(transport, options.directoryUrl, options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  }

  readDirectory: CertificateAuthority['readDirectory'] = async (signal) =>
    (await this.#wire.directory(signal)).facts;

  openAccount: CertificateAuthority['openAccount'] = async (signal) => {
    const account = await this.#open(signal);
    return isRefusal(account) ? account : { url: account.url, keyThumbprint: account.keyThumbprint };
  };

  readAccountStatus: NonNullable<CertificateAuthority['readAccountStatus']> = async (signal) => {
    const account = await this.#open(signal);
    if (isRefusal(account)) return 'refused';
    const answer = await this.#send(account, account.url, { signal });
    if (!isRefusal(answer)) return accountStatusIn(answer, this.#wire.rule.host);
    const isTheAccounts = ['unauthorized', 'accountDoesNotExist'].includes(problemCode(answer.refused));
    return isTheAccounts ? 'refused' : null;
  };

  newOrder: CertificateAuthority['newOrder'] = async (
    identifiers,
    { replaces, profile, notAfter },
    signal,
    beforeSending,
  ) => {
    const { newOrder } = await this.#wire.directory(signal);
    const payload = {
      identifiers,
      ...(replaces === undefined ? {} : { replaces }),
      ...(profile === undefined ? {} : { profile }),
      ...(notAfter === undefined ? {} : { notAfter: notAfter.toISOString() }),
    };
    const answer = await this.#post(newOrder, {
      payload,
      isRepeatable: false,
      signal,
      ...(beforeSending === undefined ? {} : { beforeSending }),
    });
    if (isRefusal(answer)) return answer;
    const { location } = answer.headers;
    if (location === undefined)
      throw badAnswer(`the CA at ${this.#wire.rule.host} did not say where the new order is`);
    return this.#orderOf(answer, this.#wire.rule.accept(location, 'the new order'));
  };

  readOrder: CertificateAuthority['readOrder'] = async (url, signal) => {
    const answer = await this.#post(url, { signal });
    return isRefusal(answer) ? answer : this.#orderOf(answer, url);
  };

  readAuthorization: CertificateAuthority['readAuthorization'] = async (url, signal) => {
    const answer = await this.#post(url, { signal });
    if (isRefusal(answer)) return answer;
    const { rule } = this.#wire;
    return parseAuthorization(jsonOfAnswer(answer, rule.host, new URL(url).pathname), url, answer, rule);
  };

  answerChallenge: CertificateAuthority['answerChallenge'] = async (url, signal) => {
    for (let repeat = 1; ; repeat += 1) {
      let refusal: AcmeRefusal | undefined;
      try {
        const answer = await this.#post(url, { payload: {}, isRepeatable: false, signal });
        if (isRefusal(answer)) refusal = answer;
        else if (statusIn(answer) !== undefined) return undefined;
      } catch (error) {
        const isLost = error instanceof AcmeProtocolError && LOST_ANSWERS.has(error.code);
        if (!isLost || repeat > MOST_LOST_ANSWERS) throw error;
      }
      // The challenge itself says whether the request arrived. It may say so late: what was taken before is refused then.
      const answer = await this.#post(url, { signal });
      if (isRefusal(answer)) return refusal ?? answer;
      if (statusIn(answer) !== 'pending') return undefined;
      if (refusal !== undefined || repeat > MOST_LOST_ANSWERS) return refusal;
    }
  };

  deactivateAuthorization: CertificateAuthority['deactivateAuthorization'] = async (url, signal) =>
    refusalIn(await this.#post(url, { payload: { status: 'deactivated' }, signal }));

  finalize: CertificateAuthority['finalize'] = async (order, csrDer, signal) => {
    const payload = { csr: Buffer.from(csrDer).toString('base64url') };
    const answer = await this.#post(order.finalize, { payload, isRepeatable: false, signal });
    return isRefusal(answer) ? answer : this.#orderOf(answer, order.url);
  };

  downloadCertificate: CertificateAuthority['downloadCertificate'] = async (url, signal) => {
    const answer = await this.#download(url, signal);
    if (isRefusal(answer)) return answer;
    const { rule } = this.#wire;
    const { preferredChain, readCertificate } = this.#options;
    const usual = parseChain(answer.body, rule.host);
    if (preferredChain == null || readCertificate === undefined) return usual;
    if (await endsAtIssuer(usual, preferredChain, readCertificate)) return usual;
    for (const link of linksOf(linkHeaders(answer), 'alternate').slice(0, MOST_ALTERNATES)) {
      const target = rule.accept(new URL(link, url).href, 'an alternate chain');
      const alternate = await this.#download(target, signal);
      if (isRefusal(alternate)) continue;
      const chain = parseChain(alternate.body, rule.host);
      if (await endsAtIssuer(chain, preferredChain, readCertificate)) return chain;
    }
    return usual;
  };

  readRenewalInfo: NonNullable<CertificateAuthority['readRenewalInfo']> = async (certificateId, signal) => {
    try {
      const { renewalInfo } = await this.#wire.directory(signal);
      const url = renewalInfo === null ? null : renewalInfoUrl(renewalInfo, certificateId);
      return url === null ? { state: 'unsupported' } : renewalAnswerOf(await this.#wire.get(url, signal));
    } catch (error) {
      return renewalFaultOf(error);
    }
  };

  close(): void {
    this.#transport.close();
  }

  #download(url: string, signal: AbortSignal | undefined): Promise<HttpAnswer | AcmeRefusal> {
    return this.#post(url, { accept: 'application/pem-certificate-chain', signal });
  }

  #orderOf(answer: HttpAnswer, url: string): AcmeOrder {
    const { rule } = this.#wire;
    return parseOrder(jsonOfAnswer(answer, rule.host, new URL(url).pathname), url, answer, rule);
  }

  #open(signal: AbortSignal | undefined): Promise<OpenAccount | AcmeRefusal> {
    this.#account ??= this.#remember(openAccount(this.#wire, this.#options, signal));
    return this.#account;
  }

  #remember(opening: Promise<OpenAccount | AcmeRefusal>): Promise<OpenAccount | AcmeRefusal> {
    const forget = (): void => {
      if (this.#account === opening) this.#account = undefined;
    };
    opening.then((account) => {
      if (isRefusal(account)) forget();
    }, forget);
    return opening;
  }

  /** A request signed for our account; an account that the CA lost is registered again, once. */
  async #post(url: string, step: Step): Promise<HttpAnswer | AcmeRefusal> {
    const account = await this.#open(step.signal);
    if (isRefusal(account)) throw accountRefused(account.refused);
    const answer = await this.#send(account, url, step);
    if (!isRefusal(answer) || problemCode(answer.refused) !== 'accountDoesNotExist') return answer;
    const renewed = await this.#renew(account, step.signal);
    return isRefusal(renewed) ? renewed : this.#send(renewed, url, step);
  }

  async #renew(lost: OpenAccount, signal: AbortSignal | undefined): Promise<OpenAccount | AcmeRefusal> {
    const current = await this.#open(signal);
    // Another order that ran beside this one may have registered already.
    if (isRefusal(current) || current.url !== lost.url) return current;
    this.#account = this.#remember(registerAgain(this.#wire, this.#options, lost, signal));
    return this.#account;
  }

  async #send(account: OpenAccount, url: string, step: Step): Promise<HttpAnswer | AcmeRefusal> {
    const { payload, accept, isRepeatable = true, signal, beforeSending } = step;
    const answer = await this.#wire.post({
      url,
      payload,
      ...(accept === undefined ? {} : { accept }),
      ...(beforeSending === undefined ? {} : { beforeSending }),
      isRepeatable,
      signer: account.signer,
      kid: account.url,
      signal,
    });
    if (isRefusal(answer) && problemCode(answer.refused) === 'userActionRequired')
      throw termsNotAccepted(this.#options.provider, answer.refused.helpUrl);
    return answer;
  }
}

function accountStatusIn(answer: HttpAnswer, host: string): string | null {
  const account = jsonOfAnswer(answer, host, 'our account') as { status?: unknown } | null;
  return typeof account?.status === 'string' ? account.status : null;
}

/** What a challenge says of itself; undefined: this is none. */
function statusIn({ body }: HttpAnswer): unknown {
  try {
    return (JSON.parse(body.toString('utf8')) as { readonly status?: unknown } | null)?.status;
  } catch {
    return undefined;
  }
}

function refusalIn(answer: HttpAnswer | AcmeRefusal): AcmeRefusal | undefined {
  return isRefusal(answer) ? answer : undefined;
}
