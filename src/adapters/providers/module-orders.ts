import { join } from 'node:path';
import { ipVersion } from '../../core/domain/name/ip-version.js';
import { problemOf } from '../../core/order/problem-type.js';
import type { AcmeAuthorization, AcmeOrder, AcmeProblem, Identifier } from '../../core/order/resources.js';
import { OrderFolder } from '../system/files/order-folder.js';
import type { Tree } from '../system/tree.js';

/** What one name of the order is proved by. */
export interface ModuleChallenge {
  readonly name: string;
  readonly type: string;
  readonly token: string;
  readonly status: 'pending' | 'valid' | 'invalid' | 'deactivated';
  readonly problem: StoredProblem | null;
}

interface StoredProblem {
  readonly code: string;
  readonly detail: string;
  readonly names: readonly string[];
}

/** `accounts/<provider>/orders/<id>.json`: an order at a third party's provider. */
export interface ModuleOrder {
  readonly schemaVersion: 1;
  readonly id: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly names: readonly string[];
  /** The module's own words for it. */
  readonly reference: string | null;
  readonly challenges: readonly ModuleChallenge[];
  /** `asked`: the module took the request and has no certificate yet. */
  readonly state: 'open' | 'asked' | 'issued' | 'refused';
  readonly csrPem: string | null;
  readonly askAgainAt: string | null;
  readonly chainPem: string | null;
  readonly problem: StoredProblem | null;
}

type Resource = 'order' | 'authorization' | 'challenge' | 'finalize' | 'certificate';
const URL_SHAPE =
  /^module:[A-Za-z0-9]+\/(order|authorization|challenge|finalize|certificate)\/(\d{13}-[0-9a-f]{16})(?:\/(\d{1,4}))?$/;

export function openModuleOrders(tree: Tree, provider: string): OrderFolder<ModuleOrder> {
  return new OrderFolder(join(tree.accounts(provider), 'orders'), provider, parseOrder);
}

/** Which resource of which order a URL of ours names; undefined for one of another kind. */
export function parseModuleUrl(
  url: string,
  resource: Resource,
): { readonly orderId: string; readonly index: number } | undefined {
  const [, kind, orderId = '', index = '0'] = URL_SHAPE.exec(url) ?? [];
  return kind === resource ? { orderId, index: Number(index) } : undefined;
}

function urlOf(provider: string, resource: Resource, id: string, index?: number): string {
  return `module:${provider}/${resource}/${id}${index === undefined ? '' : `/${index}`}`;
}

/** The order as RFC 8555 7.1.3 shows it. */
export function orderView(provider: string, order: ModuleOrder, now: Date): AcmeOrder {
  const failed = order.challenges.find(({ problem }) => problem !== null)?.problem ?? null;
  const problem = order.problem ?? failed;
  return {
    url: urlOf(provider, 'order', order.id),
    status: statusOf(order, now),
    expiresAt: new Date(order.expiresAt),
    identifiers: order.names.map(identifier),
    authorizations: order.challenges.map((_, index) => urlOf(provider, 'authorization', order.id, index)),
    finalize: urlOf(provider, 'finalize', order.id),
    certificate: order.chainPem === null ? null : urlOf(provider, 'certificate', order.id),
    error: order.chainPem === null ? problemIn(problem) : null,
    retryAt: order.askAgainAt === null ? null : new Date(order.askAgainAt),
  };
}

/** RFC 8555 7.1.6. */
export function statusOf(order: ModuleOrder, now: Date): AcmeOrder['status'] {
  if (order.state === 'issued') return 'valid';
  if (order.state === 'refused') return 'invalid';
  if (order.state === 'asked') return 'processing';
  const statuses = order.challenges.map(({ status }) => status);
  if (statuses.some((status) => status === 'invalid' || status === 'deactivated')) return 'invalid';
  if (now.getTime() >= Date.parse(order.expiresAt)) return 'invalid';
  return statuses.every((status) => status === 'valid') ? 'ready' : 'pending';
}

/** One name's authorization as RFC 8555 7.1.4 shows it, with its one challenge. */
export function authorizationView(
  provider: string,
  order: ModuleOrder,
  index: number,
): AcmeAuthorization | undefined {
  const challenge = order.challenges[index];
  if (challenge === undefined) return undefined;
  const { name, type, token, status } = challenge;
  const isWildcard = name.startsWith('*.');
  return {
    url: urlOf(provider, 'authorization', order.id, index),
    status,
    identifier: identifier(isWildcard ? name.slice(2) : name),
    isWildcard,
    challenges: [
      {
        url: urlOf(provider, 'challenge', order.id, index),
        type,
        status: status === 'deactivated' ? 'invalid' : status,
        token,
        error: problemIn(challenge.problem),
      },
    ],
    expiresAt: new Date(order.expiresAt),
    retryAt: null,
  };
}

/** A problem as it is kept, and as it is shown. */
export function storedProblem({ type, detail, subproblems, identifier }: AcmeProblem): StoredProblem {
  const blamed = [...subproblems.map((one) => one.identifier), identifier];
  const names = blamed.flatMap((one) => (one === null ? [] : [one.value]));
  return { code: type.split(':').at(-1) ?? type, detail, names };
}

function identifier(value: string): Identifier {
  return { type: ipVersion(value) === 0 ? 'dns' : 'ip', value };
}

function problemIn(stored: StoredProblem | null): AcmeProblem | null {
  if (stored === null) return null;
  const { code, detail, names } = stored;
  const subproblems = names.map((value) => problemOf(code, detail, { identifier: identifier(value) }));
  return problemOf(code, detail, { subproblems });
}

function parseOrder(value: unknown, id: string): ModuleOrder | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const order = value as ModuleOrder;
  const isRight =
    order.schemaVersion === 1 &&
    order.id === id &&
    !Number.isNaN(Date.parse(order.expiresAt)) &&
    Array.isArray(order.names) &&
    Array.isArray(order.challenges) &&
    ['open', 'asked', 'issued', 'refused'].includes(order.state) &&
    (order.chainPem === null || typeof order.chainPem === 'string') &&
    (order.csrPem === null || typeof order.csrPem === 'string');
  return isRight ? order : undefined;
}
