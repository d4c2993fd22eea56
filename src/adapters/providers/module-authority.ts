import type { CertificateFacts } from '../../core/certificate/facts.js';
import { encodePem } from '../../core/certificate/pem/pem.js';
import { classifyProblem } from '../../core/order/classification.js';
import { problemOf } from '../../core/order/problem-type.js';
import type { AcmeAuthorization, AcmeOrder, DirectoryFacts, Identifier } from '../../core/order/resources.js';
import type { ProviderDescription } from '../../core/provider/description.js';
import {
  type IssueAnswer,
  type ModuleGarbage,
  type ModuleRefusal,
  parseIssueAnswer,
  parseOrderAnswer,
  parseRegistrationAnswer,
  parseValidateAnswer,
} from '../../core/provider/module-answer.js';
import { termsNotAccepted } from '../../core/provider/terms.js';
import type {
  AcmeRefusal,
  CaAccount,
  CertificateAuthority,
  NewOrderOptions,
} from '../../runs/ports/authority.js';
import type { Clock, RandomSource } from '../../runs/ports/clock.js';
import type { OrderFolder } from '../system/files/order-folder.js';
import type { Tree } from '../system/tree.js';
import { ModuleAccountFile } from './module-account.js';
import { parseModuleChain } from './module-chain.js';
import {
  authorizationView,
  type ModuleChallenge,
  type ModuleOrder,
  openModuleOrders,
  orderView,
  parseModuleUrl,
  statusOf,
  storedProblem,
} from './module-orders.js';
import type { ModuleCall, ModuleProgram } from './module-program.js';

const DAY_MS = 86_400_000;
const ORDER_LIFE_MS = 7 * DAY_MS;
const ORDER_KEPT_MS = 30 * DAY_MS;
const ID_BYTES = 8;
const THUMBPRINT_BYTES = 32;

export interface ModuleAuthoritySettings {
  readonly program: ModuleProgram;
  readonly provider: ProviderDescription;
  readonly tree: Tree;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: RandomSource;
  /** What was said of its properties, secrets resolved. */
  readonly properties: Readonly<Record<string, string>>;
  readonly termsAccepted: string | null;
  readonly readCertificate: (der: Uint8Array) => CertificateFacts;
}

/**
 * A third party's provider as a certificate authority: the module answers in data, one call at a time, and the order that
 * stands between the calls is kept here, so that journal, brakes, challenges and installation are those of every CA. What it
 * fails at is told once, by the call that is asked next, and the order is tried again as any other.
 */
export class ModuleAuthority implements CertificateAuthority {
  readonly #settings: ModuleAuthoritySettings;
  readonly #orders: OrderFolder<ModuleOrder>;
  readonly #account: ModuleAccountFile;
  /** What `issue` failed with, by order: told when the order is read next. */
  readonly #troubles = new Map<string, unknown>();

  constructor(settings: ModuleAuthoritySettings) {
    this.#settings = settings;
    this.#orders = openModuleOrders(settings.tree, settings.provider.name);
    this.#account = new ModuleAccountFile(settings.tree, settings.provider.name);
  }

  async readDirectory(): Promise<DirectoryFacts> {
    const { termsOfServiceUrl, caaIdentities } = this.#settings.provider;
    return {
      termsOfService: termsOfServiceUrl,
      website: null,
      caaIdentities,
      requiresEab: false,
      hasRenewalInfo: false,
      profiles: [],
      clockOffsetMs: null,
    };
  }

  async openAccount(signal?: AbortSignal): Promise<CaAccount | AcmeRefusal> {
    const { provider, termsAccepted, clock } = this.#settings;
    if (provider.termsOfServiceUrl !== null && provider.termsOfServiceUrl !== termsAccepted) {
      throw termsNotAccepted(provider.name, provider.termsOfServiceUrl);
    }
    await this.#orders.prune(new Date(clock.now().getTime() - ORDER_KEPT_MS));
    return (await this.#account.read()) ?? this.#register('exportProperties', signal);
  }

  /** Lets the module register anew; what it gives takes the place of the account before. */
  reset(signal?: AbortSignal): Promise<CaAccount | AcmeRefusal> {
    return this.#register('reset', signal);
  }

  async newOrder(
    identifiers: readonly Identifier[],
    options: NewOrderOptions,
    signal?: AbortSignal,
  ): Promise<AcmeOrder | AcmeRefusal> {
    const { provider, clock, random } = this.#settings;
    const names = identifiers.map(({ value }) => value);
    if (options.profile !== undefined) return refuse('invalidProfile', `${provider.name} has no profiles`);
    const now = clock.now();
    const suffix = Buffer.from(random.bytes(ID_BYTES)).toString('hex');
    const id = `${String(now.getTime()).padStart(13, '0')}-${suffix}`;
    const said = await this.#call(
      'order',
      { orderId: id, names, replaces: options.replaces ?? null },
      signal,
    );
    const answer = said === null ? NOTHING_TO_PROVE : parseOrderAnswer(said.value, names, now);
    if (answer.state !== 'open') return this.#refusal('order', answer);
    const order: ModuleOrder = {
      schemaVersion: 1,
      id,
      createdAt: now.toISOString(),
      expiresAt: new Date(now.getTime() + ORDER_LIFE_MS).toISOString(),
      names,
      reference: answer.reference,
      challenges: answer.challenges.map(
        (one): ModuleChallenge => ({ ...one, status: 'pending', problem: null }),
      ),
      state: 'open',
      csrPem: null,
      askAgainAt: null,
      chainPem: null,
      problem: null,
    };
    await this.#orders.write(order);
    return orderView(provider.name, order, now);
  }

  async readOrder(url: string, signal?: AbortSignal): Promise<AcmeOrder | AcmeRefusal> {
    const found = await this.#find(url, 'order');
    if ('refused' in found) return found;
    const { id } = found.order;
    if (this.#troubles.has(id)) {
      const trouble = this.#troubles.get(id);
      this.#troubles.delete(id);
      throw trouble;
    }
    return this.#orders.inTurn(id, async () => {
      const now = this.#settings.clock.now();
      const order = (await this.#orders.read(id)) ?? found.order;
      const isEarly = order.askAgainAt !== null && Date.parse(order.askAgainAt) > now.getTime();
      if (order.state !== 'asked' || isEarly) return this.#view(order);
      const said = await this.#call('collect', argumentOf(order), signal);
      const answer = said === null ? NO_COLLECT : parseIssueAnswer(said.value, now);
      const done = await this.#conclude(order, 'collect', answer);
      return 'refused' in done ? done : this.#view(done);
    });
  }

  async readAuthorization(url: string): Promise<AcmeAuthorization | AcmeRefusal> {
    const found = await this.#find(url, 'authorization');
    if ('refused' in found) return found;
    const { provider } = this.#settings;
    return authorizationView(provider.name, found.order, found.index) ?? refuse('malformed', 'no such name');
  }

  /** Validated before it returns, where the module validates; else by the module itself, when it issues. */
  async answerChallenge(url: string, signal?: AbortSignal): Promise<AcmeRefusal | undefined> {
    const found = await this.#find(url, 'challenge');
    if ('refused' in found) return found;
    const { order, index } = found;
    const challenge = order.challenges[index];
    if (challenge === undefined) return refuse('malformed', 'no such name');
    if (challenge.status !== 'pending') return undefined;
    const { name, type, token } = challenge;
    const { id, reference } = order;
    const said = await this.#call('validate', { orderId: id, reference, name, type, token }, signal);
    const answer = said === null ? VALID : parseValidateAnswer(said.value, this.#settings.clock.now());
    if (answer.state === 'valid') return this.#change(id, index, { status: 'valid' });
    const { refused } = this.#refusal('validate', answer);
    return this.#change(id, index, { status: 'invalid', problem: storedProblem(refused) });
  }

  async deactivateAuthorization(url: string): Promise<AcmeRefusal | undefined> {
    const found = await this.#find(url, 'authorization');
    return 'refused' in found ? found : this.#change(found.order.id, found.index, { status: 'deactivated' });
  }

  async finalize(
    { finalize }: AcmeOrder,
    csrDer: Uint8Array,
    signal?: AbortSignal,
  ): Promise<AcmeOrder | AcmeRefusal> {
    const found = await this.#find(finalize, 'finalize');
    if ('refused' in found) return found;
    const { id } = found.order;
    return this.#orders.inTurn(id, async () => {
      const now = this.#settings.clock.now();
      const present = (await this.#orders.read(id)) ?? found.order;
      if (present.state !== 'open') return this.#view(present);
      if (statusOf(present, now) !== 'ready') return refuse('orderNotReady', 'the order is not ready');
      const order = { ...present, csrPem: encodePem('CERTIFICATE REQUEST', csrDer) };
      await this.#orders.write(order);
      try {
        const said = await this.#call('issue', argumentOf(order), signal);
        const answer = said === null ? NO_ISSUE : parseIssueAnswer(said.value, now);
        const done = await this.#conclude(order, 'issue', answer);
        return 'refused' in done ? done : this.#view(done);
      } catch (error) {
        // Whoever sends a request reads the order next, to learn whether it arrived.
        this.#troubles.set(id, error);
        throw error;
      }
    });
  }

  async downloadCertificate(url: string): Promise<string | AcmeRefusal> {
    const found = await this.#find(url, 'certificate');
    if ('refused' in found) return found;
    return found.order.chainPem ?? refuse('malformed', 'the order has no certificate yet');
  }

  async #register(
    call: 'exportProperties' | 'reset',
    signal?: AbortSignal,
  ): Promise<CaAccount | AcmeRefusal> {
    const { clock, random, provider, termsAccepted } = this.#settings;
    const said = await this.#call(call, { termsAccepted }, signal);
    if (said === null && call === 'reset') {
      return refuse('malformed', `the provider ${provider.name} knows no registration that could be reset`);
    }
    const answer = said === null ? NO_ACCOUNT : parseRegistrationAnswer(said.value, clock.now());
    if (answer.state === 'refused' || answer.state === 'garbage') return this.#refusal(call, answer);
    const account =
      answer.state === 'registered'
        ? { url: answer.url, keyThumbprint: answer.keyThumbprint }
        : {
            url: `module:${provider.name}/account`,
            keyThumbprint: Buffer.from(random.bytes(THUMBPRINT_BYTES)).toString('base64url'),
          };
    await this.#account.write(account, clock.now());
    return account;
  }

  /** What the module made of a request for a certificate. A refusal that may pass leaves the order as it was. */
  async #conclude(
    order: ModuleOrder,
    call: 'issue' | 'collect',
    answer: IssueAnswer,
  ): Promise<ModuleOrder | AcmeRefusal> {
    const done = this.#concluded(order, call, answer);
    if ('refused' in done) return done;
    await this.#orders.write(done);
    const isRefusedNow = call === 'issue' && answer.state === 'refused';
    return isRefusedNow ? { refused: answer.problem } : done;
  }

  #concluded(order: ModuleOrder, call: 'issue' | 'collect', answer: IssueAnswer): ModuleOrder | AcmeRefusal {
    if (answer.state === 'issued') {
      const { program, readCertificate } = this.#settings;
      const read = parseModuleChain(answer.chainPem, order.names, readCertificate);
      if ('fault' in read) throw program.failure('BAD_ANSWER', call, read.fault);
      const { chainPem } = read;
      return { ...order, state: 'issued', askAgainAt: null, chainPem };
    }
    if (answer.state === 'pending') {
      const askAgainAt = answer.retryAt?.toISOString() ?? null;
      return { ...order, state: 'asked', reference: answer.reference ?? order.reference, askAgainAt };
    }
    const { refused } = this.#refusal(call, answer);
    const isPassing = ['transient', 'rate-limited', 'order-again'].includes(classifyProblem(refused));
    return isPassing ? { refused } : { ...order, state: 'refused', problem: storedProblem(refused) };
  }

  /** @throws AcmeProtocolError BAD_ANSWER for garbage */
  #refusal(call: ModuleCall, answer: ModuleRefusal | ModuleGarbage): AcmeRefusal {
    if (answer.state === 'refused') return { refused: answer.problem };
    throw this.#settings.program.failure('BAD_ANSWER', call, `its answer is garbage: ${answer.why}`);
  }

  /** Null: the module has no such function. */
  async #call(
    call: ModuleCall,
    argument: object,
    signal?: AbortSignal,
  ): Promise<{ readonly value: unknown } | null> {
    const { program, properties } = this.#settings;
    const account = (await this.#account.read()) ?? null;
    const answer = await program.call(call, { ...argument, account, properties }, signal);
    return answer.state === 'absent' ? null : answer;
  }

  #view(order: ModuleOrder): AcmeOrder {
    return orderView(this.#settings.provider.name, order, this.#settings.clock.now());
  }

  #change(id: string, index: number, change: Partial<ModuleChallenge>): Promise<AcmeRefusal | undefined> {
    return this.#orders.inTurn(id, async () => {
      const order = await this.#orders.read(id);
      if (order === undefined) return refuse('malformed', 'no such order');
      const challenges = order.challenges.map((one, place) =>
        place === index ? { ...one, ...change } : one,
      );
      await this.#orders.write({ ...order, challenges });
      return undefined;
    });
  }

  async #find(
    url: string,
    resource: Parameters<typeof parseModuleUrl>[1],
  ): Promise<{ readonly order: ModuleOrder; readonly index: number } | AcmeRefusal> {
    const named = parseModuleUrl(url, resource);
    const order = named === undefined ? undefined : await this.#orders.read(named.orderId);
    if (named === undefined || order === undefined) {
      const detail = `there is no such ${resource} of ${this.#settings.provider.name}`;
      return { refused: problemOf('malformed', detail, { status: 404 }) };
    }
    return { order, index: named.index };
  }
}

/** What stands for functions that the module does not have. */
const NOTHING_TO_PROVE = { state: 'open', reference: null, challenges: [] } as const;
const VALID = { state: 'valid' } as const;
const NO_ACCOUNT = { state: 'none' } as const;
const NO_ISSUE = { state: 'garbage', why: 'the module exports no issue()' } as const;
const NO_COLLECT = { state: 'garbage', why: 'it said “pending”, and exports no collect()' } as const;

function argumentOf({ id, reference, names, csrPem }: ModuleOrder): object {
  return { orderId: id, reference, names, csrPem };
}

function refuse(code: string, detail: string): AcmeRefusal {
  return { refused: problemOf(code, detail) };
}
