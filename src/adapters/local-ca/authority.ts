import { join } from 'node:path';
import { keyAuthorizationOf } from '../../core/dcv/challenge.js';
import { judgeDcv } from '../../core/dcv/judge.js';
import type { DcvObservation } from '../../core/dcv/outcome.js';
import type { DcvPolicy } from '../../core/dcv/private-view.js';
import { isSilence } from '../../core/dcv/silence.js';
import { ProbeError } from '../../core/domain/autossl-error.js';
import { type DomainName, parseDomainName } from '../../core/domain/name/names.js';
import { problemOf } from '../../core/order/problem-type.js';
import type { AcmeAuthorization, AcmeOrder, DirectoryFacts, Identifier } from '../../core/order/resources.js';
import { LOCAL_CA } from '../../core/provider/known/local-ca.js';
import type {
  AcmeRefusal,
  CaAccount,
  CertificateAuthority,
  NewOrderOptions,
} from '../../runs/ports/authority.js';
import type { Clock, RandomSource } from '../../runs/ports/clock.js';
import type { OrderFolder } from '../system/files/order-folder.js';
import type { Tree } from '../system/tree.js';
import { type Hierarchy, openHierarchy } from './hierarchy.js';
import { issueCertificate } from './issuance.js';
import { openOrderFiles, type StoredAuthorization, type StoredOrder } from './order-files.js';
import { authorizationView, orderView, problemCodeFor, statusOf } from './order-view.js';
import { checkRequest } from './request-check.js';
import { type LocalResource, parseLocalUrl } from './resource-urls.js';

const DAY_MS = 86_400_000;
const ORDER_LIFE_MS = 7 * DAY_MS;
/** Orders are kept so long after they were made. */
const ORDER_KEPT_MS = 30 * DAY_MS;
const TOKEN_BYTES = 24;
const ID_BYTES = 8;

/** Fetches the challenge of one name and says what was seen (`observeHttp` of runs, wired by the host). */
export type ObserveChallenge = (
  name: DomainName,
  challenge: { readonly token: string; readonly content: string },
  signal?: AbortSignal,
) => Promise<DcvObservation>;

export interface LocalAuthoritySettings {
  readonly tree: Tree;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: RandomSource;
  readonly observe: ObserveChallenge;
  /** Whether the name servers that `observe` asks answer at all. */
  readonly isResolverAnswering: () => Promise<boolean>;
  /** By which an observation is judged: the same as the preflight's. */
  readonly policy: DcvPolicy;
}

/**
 * A certificate authority inside this program (design 5.17), with a root under the tree: for the demo and for private
 * networks. It signs a name only after its own HTTP-01 fetch, judged as the preflight judges. Each certificate is one
 * line in `local_ca/audit.log`, written before the certificate is given out.
 */
export class LocalAuthority implements CertificateAuthority {
  readonly #settings: LocalAuthoritySettings;
  readonly #orders: OrderFolder<StoredOrder>;
  #hierarchy: Promise<Hierarchy> | undefined;

  constructor(settings: LocalAuthoritySettings) {
    this.#settings = settings;
    this.#orders = openOrderFiles(join(settings.tree.localCa(), 'orders'));
  }

  async readDirectory(): Promise<DirectoryFacts> {
    return {
      termsOfService: null,
      website: null,
      caaIdentities: [],
      requiresEab: false,
      hasRenewalInfo: false,
      profiles: [],
      clockOffsetMs: 0,
    };
  }

  /** Makes the root at the first call and clears old orders away. */
  async openAccount(): Promise<CaAccount> {
    const { keyThumbprint } = await this.#openHierarchy();
    await this.#orders.prune(new Date(this.#settings.clock.now().getTime() - ORDER_KEPT_MS));
    return { url: 'local-ca:account', keyThumbprint };
  }

  async newOrder(
    identifiers: readonly Identifier[],
    options: NewOrderOptions,
  ): Promise<AcmeOrder | AcmeRefusal> {
    const names = [...new Set(identifiers.map(({ value }) => value.toLowerCase()))];
    const most = LOCAL_CA.maxNamesPerCertificate ?? Number.POSITIVE_INFINITY;
    if (names.length === 0 || names.length > most) {
      return refuse('malformed', `an order has 1 to ${most} names`);
    }
    if (options.profile !== undefined) return refuse('invalidProfile', 'the local CA has no profiles');
    const rejected = identifiers.find((identifier) => !isCertifiable(identifier));
    if (rejected !== undefined) {
      const detail = 'the local CA certifies host names without wildcard only';
      return { refused: problemOf('rejectedIdentifier', detail, { identifier: rejected }) };
    }
    const now = this.#settings.clock.now();
    if (options.notAfter !== undefined && options.notAfter <= now) {
      return refuse('malformed', 'the certificate would have expired already');
    }
    const order: StoredOrder = {
      schemaVersion: 1,
      id: `${String(now.getTime()).padStart(13, '0')}-${this.#text(ID_BYTES, 'hex')}`,
      createdAt: now.toISOString(),
      expiresAt: new Date(now.getTime() + ORDER_LIFE_MS).toISOString(),
      notAfter: options.notAfter?.toISOString() ?? null,
      authorizations: names.map((name) => ({
        name,
        token: this.#text(TOKEN_BYTES, 'base64url'),
        status: 'pending',
        problem: null,
      })),
      chainPem: null,
    };
    await this.#orders.write(order);
    return orderView(order, now);
  }

  async readOrder(url: string): Promise<AcmeOrder | AcmeRefusal> {
    const found = await this.#find(url, 'order');
    return 'refused' in found ? found : orderView(found.order, this.#settings.clock.now());
  }

  async readAuthorization(url: string): Promise<AcmeAuthorization | AcmeRefusal> {
    const found = await this.#find(url, 'authorization');
    if ('refused' in found) return found;
    const { order, index, authorization } = found;
    return authorizationView(order, index, authorization, this.#settings.clock.now());
  }

  /**
   * Validates before it returns; the authorization then tells the result. An aborted fetch leaves it pending.
   * @throws ProbeError when this server's name servers are silent: nothing is known of the name, which stays pending
   */
  async answerChallenge(url: string, signal?: AbortSignal): Promise<AcmeRefusal | undefined> {
    const found = await this.#find(url, 'challenge');
    if ('refused' in found) return found;
    if (found.authorization.status !== 'pending') return undefined;
    const { name, token } = found.authorization;
    const { keyThumbprint } = await this.#openHierarchy();
    const content = keyAuthorizationOf(token, keyThumbprint);
    const observation = await this.#settings.observe(parseDomainName(name), { token, content }, signal);
    signal?.throwIfAborted();
    if (isSilence(observation.addresses) && !(await this.#settings.isResolverAnswering())) {
      throw new ProbeError(
        'PROBE_FAILED',
        `${name} cannot be validated: this server’s name servers do not answer`,
        {
          advice: 'Check `resolvers` in /etc/autossl.yaml or /etc/resolv.conf.',
        },
      );
    }
    const outcome = judgeDcv(observation, this.#settings.policy);
    const judged = outcome.passed
      ? ({ status: 'valid', problem: null } as const)
      : ({
          status: 'invalid',
          problem: { code: problemCodeFor(outcome.code), detail: outcome.message },
        } as const);
    return this.#change(found.order.id, found.index, judged);
  }

  async deactivateAuthorization(url: string): Promise<AcmeRefusal | undefined> {
    const found = await this.#find(url, 'authorization');
    if ('refused' in found) return found;
    return this.#change(found.order.id, found.index, { status: 'deactivated' });
  }

  /** Signs at once; an order that has its certificate already is given as it is. */
  async finalize(order: AcmeOrder, csrDer: Uint8Array): Promise<AcmeOrder | AcmeRefusal> {
    const found = await this.#find(order.finalize, 'finalize');
    if ('refused' in found) return found;
    return this.#orders.inTurn(found.order.id, async () => {
      const now = this.#settings.clock.now();
      const stored = (await this.#orders.read(found.order.id)) ?? found.order;
      const status = statusOf(stored, now);
      if (status === 'valid') return orderView(stored, now);
      if (status !== 'ready') return refuse('orderNotReady', `the order is ${status}`);
      const names = stored.authorizations.map(({ name }) => parseDomainName(name));
      const checked = checkRequest(csrDer, names);
      if ('refused' in checked) return checked;
      const issuer = { ...this.#settings, hierarchy: await this.#openHierarchy() };
      const chainPem = await issueCertificate(stored, names, checked.spki, issuer);
      const issued = { ...stored, chainPem };
      await this.#orders.write(issued);
      return orderView(issued, now);
    });
  }

  async downloadCertificate(url: string): Promise<string | AcmeRefusal> {
    const found = await this.#find(url, 'certificate');
    if ('refused' in found) return found;
    return found.order.chainPem ?? refuse('malformed', 'the order has no certificate yet');
  }

  /** Read once; a failure is tried again at the next call. */
  #openHierarchy(): Promise<Hierarchy> {
    const { tree, clock, random } = this.#settings;
    this.#hierarchy ??= openHierarchy(tree, clock, random).catch((error: unknown) => {
      this.#hierarchy = undefined;
      throw error;
    });
    return this.#hierarchy;
  }

  #change(id: string, index: number, change: Partial<StoredAuthorization>): Promise<AcmeRefusal | undefined> {
    return this.#orders.inTurn(id, async () => {
      const order = await this.#orders.read(id);
      if (order === undefined) return refuse('malformed', 'no such order');
      const authorizations = order.authorizations.map((authorization, place) =>
        place === index ? { ...authorization, ...change } : authorization,
      );
      await this.#orders.write({ ...order, authorizations });
      return undefined;
    });
  }

  async #find(url: string, resource: LocalResource): Promise<Found | AcmeRefusal> {
    const named = parseLocalUrl(url, resource);
    const order = named === undefined ? undefined : await this.#orders.read(named.orderId);
    const authorization = order?.authorizations[named?.index ?? 0];
    if (named === undefined || order === undefined || authorization === undefined) {
      return refuse('malformed', `there is no such ${resource} at the local CA`);
    }
    return { order, index: named.index, authorization };
  }

  #text(bytes: number, encoding: 'hex' | 'base64url'): string {
    return Buffer.from(this.#settings.random.bytes(bytes)).toString(encoding);
  }
}

interface Found {
  readonly order: StoredOrder;
  readonly index: number;
  readonly authorization: StoredAuthorization;
}

function isCertifiable({ type, value }: Identifier): boolean {
  if (type !== 'dns') return false;
  try {
    return parseDomainName(value) === value.toLowerCase();
  } catch {
    return false;
  }
}

function refuse(code: string, detail: string): AcmeRefusal {
  return { refused: problemOf(code, detail) };
}
