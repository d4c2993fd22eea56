import type {
  AcmeAuthorization,
  AcmeChallenge,
  AcmeOrder,
  AcmeProblem,
  Identifier,
} from '../../src/core/order/resources.js';
import type { RenewalAnswer } from '../../src/core/renewal/information/renewal-record.js';
import type {
  AcmeRefusal,
  CaAccount,
  CertificateAuthority,
  NewOrderOptions,
} from '../../src/runs/ports/authority.js';
import { FAKE_LIFE_MS, fakeChainOf } from './fake-certificate.js';

const notExpected = (call: string) => async (): Promise<never> => {
  throw new Error(`not expected: ${call}`);
};

/** A CA in memory that finds every name proved already: an order is `ready` at once. Everything else is to be prepared. */
export class FakeCa implements CertificateAuthority {
  /** Names of each newOrder, in order. */
  readonly ordered: (readonly string[])[] = [];
  /** What each newOrder said besides. */
  readonly options: NewOrderOptions[] = [];
  /** When it wants certificates to be replaced; null: it has no such thing. */
  renewalInfo: ((certificateId: string) => RenewalAnswer) | null = null;
  profiles: readonly string[] = [];
  /** Of what it issues. */
  lifeMs = FAKE_LIFE_MS;
  /** Every call that reached the CA. */
  readonly calls: string[] = [];
  clockOffsetMs: number | null = 0;
  account: CaAccount | AcmeRefusal = { url: 'https://ca.test/account/1', keyThumbprint: 'thumb' };
  /** Thrown instead of a directory. */
  directoryError: Error | null = null;
  /** Answers instead of a new order: a refusal, or an Error to be thrown; undefined = the order. */
  onNewOrder: (names: readonly string[], nth: number) => AcmeRefusal | Error | undefined = () => undefined;
  /** Awaited while an order is finalized; a refusal is its answer. */
  onFinalize: (names: readonly string[]) => Promise<unknown> = async () => undefined;
  /** What finalized orders are: `processing` ones pend. */
  finalStatus: 'valid' | 'processing' = 'valid';
  /** What validating a name comes to; null in place of the whole: every name is proved already. */
  validate: ((name: string, nthOrder: number) => AcmeProblem | null) | null = null;
  /** Orders between newOrder and download, now and at most. */
  inFlight = 0;
  mostInFlight = 0;
  readonly #orders: { readonly names: readonly string[] }[] = [];
  /** Orders whose CSR was refused. */
  readonly #refused = new Set<number>();
  readonly #answered = new Map<string, AcmeProblem | null>();
  readonly #now: () => Date;
  readonly #filler: string;

  /** `filler`: a hex digit that fingerprints of its certificates begin with, so that those of two CAs differ. */
  constructor(now: () => Date, filler = '0') {
    this.#now = now;
    this.#filler = filler;
  }

  async readDirectory(): ReturnType<CertificateAuthority['readDirectory']> {
    this.calls.push('directory');
    if (this.directoryError !== null) throw this.directoryError;
    return {
      termsOfService: null,
      website: null,
      caaIdentities: [],
      requiresEab: false,
      hasRenewalInfo: this.renewalInfo !== null,
      profiles: this.profiles,
      clockOffsetMs: this.clockOffsetMs,
    };
  }

  async openAccount(): Promise<CaAccount | AcmeRefusal> {
    this.calls.push('account');
    return this.account;
  }

  /** What it says of our account when it is asked; null: it does not say. */
  accountStatus: string | null = 'valid';
  async readAccountStatus(): Promise<string | null> {
    this.calls.push('account status');
    return this.accountStatus;
  }

  async readRenewalInfo(certificateId: string): Promise<RenewalAnswer> {
    this.calls.push(`renewalInfo ${certificateId}`);
    return this.renewalInfo?.(certificateId) ?? { state: 'unsupported' };
  }

  async newOrder(
    identifiers: readonly Identifier[],
    options: NewOrderOptions = {},
  ): Promise<AcmeOrder | AcmeRefusal> {
    this.options.push(options);
    const names = identifiers.map(({ value }) => value);
    this.calls.push(`newOrder ${names.join(',')}`);
    this.ordered.push(names);
    const instead = this.onNewOrder(names, this.ordered.length);
    if (instead instanceof Error) throw instead;
    if (instead !== undefined) return instead;
    this.#orders.push({ names });
    this.inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    return this.#orderOf(this.#orders.length - 1, this.validate === null ? 'ready' : 'pending');
  }

  async finalize(order: AcmeOrder): Promise<AcmeOrder | AcmeRefusal> {
    const index = Number(order.url.split('/').at(-1));
    const answer = await this.onFinalize(this.#orders[index]?.names ?? []);
    if (typeof answer === 'object' && answer !== null && 'refused' in answer) {
      this.#refused.add(index);
      return answer as AcmeRefusal;
    }
    this.#refused.delete(index);
    return this.#orderOf(index, this.finalStatus);
  }

  async readOrder(url: string): Promise<AcmeOrder | AcmeRefusal> {
    this.calls.push('order');
    const index = Number(url.split('/').at(-1));
    const problems = this.#urlsOf(index).map((one) => this.#answered.get(one));
    if (this.validate !== null && problems.length > 0) {
      const isInvalid = problems.some((problem) => problem != null);
      return this.#orderOf(index, isInvalid ? 'invalid' : 'ready');
    }
    return this.#orderOf(index, this.#refused.has(index) ? 'ready' : this.finalStatus);
  }

  async downloadCertificate(url: string): Promise<string> {
    const index = Number(url.split('/').at(-1));
    this.inFlight -= 1;
    const notBefore = this.#now();
    return fakeChainOf({
      names: this.#orders[index]?.names ?? [],
      notBefore,
      notAfter: new Date(notBefore.getTime() + this.lifeMs),
      fingerprint: String(index + 1).padStart(64, this.#filler),
      ...(this.renewalInfo === null ? {} : { ariId: `AAAA.${index + 1}` }),
    });
  }

  async readAuthorization(url: string): Promise<AcmeAuthorization> {
    const problem = this.#answered.get(url);
    const status = problem === undefined ? 'pending' : problem === null ? 'valid' : 'invalid';
    const value = decodeURIComponent(url.split('/').at(-1) ?? '');
    const challenges = ['http-01', 'dns-01'].map(
      (type): AcmeChallenge => ({
        url: `${url}?${type}`,
        type,
        status,
        token: `token-${value.replace(/[^a-z0-9]/g, '-')}`,
        error: problem ?? null,
      }),
    );
    return {
      url,
      status,
      identifier: { type: 'dns', value: value.replace(/^\*\./, '') },
      isWildcard: value.startsWith('*.'),
      challenges,
      expiresAt: null,
      retryAt: null,
    };
  }

  async answerChallenge(url: string): Promise<undefined> {
    const [authorization = ''] = url.split('?');
    const name = decodeURIComponent(authorization.split('/').at(-1) ?? '');
    this.#answered.set(authorization, this.validate?.(name, this.ordered.length) ?? null);
  }

  deactivateAuthorization = notExpected('deactivateAuthorization');

  #urlsOf(index: number): string[] {
    if (this.validate === null) return [];
    const names = this.#orders[index]?.names ?? [];
    return names.map((name) => `https://ca.test/authorization/${index}/${encodeURIComponent(name)}`);
  }

  #orderOf(index: number, status: AcmeOrder['status']): AcmeOrder {
    const names = this.#orders[index]?.names ?? [];
    return {
      url: `https://ca.test/order/${index}`,
      status,
      expiresAt: null,
      identifiers: names.map((value) => ({ type: 'dns', value })),
      authorizations: this.#urlsOf(index),
      finalize: `https://ca.test/finalize/${index}`,
      certificate: status === 'valid' ? `https://ca.test/certificate/${index}` : null,
      error: null,
      retryAt: null,
    };
  }
}

/** A refusal as a CA words it. */
export function refusal(type: string, over: Partial<AcmeProblem> = {}): AcmeRefusal {
  return {
    refused: {
      type: `urn:ietf:params:acme:error:${type}`,
      detail: `the CA says ${type}`,
      status: 400,
      identifier: null,
      subproblems: [],
      retryAt: null,
      helpUrl: null,
      ...over,
    },
  };
}

/** A refusal that blames these names. */
export function refusalOf(type: string, names: readonly string[]): AcmeRefusal {
  const { refused } = refusal(type);
  return refusal('compound', {
    subproblems: names.map((value) => ({ ...refused, identifier: { type: 'dns', value } })),
  });
}
