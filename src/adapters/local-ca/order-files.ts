import { OrderFolder } from '../system/files/order-folder.js';

/** An authorization as the local CA keeps it: one for each name of the order. */
export interface StoredAuthorization {
  readonly name: string;
  readonly token: string;
  readonly status: 'pending' | 'valid' | 'invalid' | 'deactivated';
  /** Short name of the problem's type and its text, when invalid. */
  readonly problem: { readonly code: string; readonly detail: string } | null;
}

/** `local_ca/orders/<id>.json`. */
export interface StoredOrder {
  readonly schemaVersion: 1;
  /** `<epoch ms, 13 digits>-<16 hex>`. */
  readonly id: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  /** Latest end of the certificate that the client asked for. */
  readonly notAfter: string | null;
  readonly authorizations: readonly StoredAuthorization[];
  /** Leaf first; set when issued. */
  readonly chainPem: string | null;
}

/** The local CA's orders, so that a run that crashed finds its order again. */
export function openOrderFiles(folder: string): OrderFolder<StoredOrder> {
  return new OrderFolder(folder, 'the local CA', parseOrder);
}

function parseOrder(value: unknown, id: string): StoredOrder | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const order = value as StoredOrder;
  const isInstant = (instant: unknown): boolean =>
    typeof instant === 'string' && !Number.isNaN(Date.parse(instant));
  const isRight =
    order.schemaVersion === 1 &&
    order.id === id &&
    isInstant(order.expiresAt) &&
    (order.notAfter === null || isInstant(order.notAfter)) &&
    (order.chainPem === null || typeof order.chainPem === 'string') &&
    Array.isArray(order.authorizations) &&
    order.authorizations.every(isAuthorization);
  return isRight ? order : undefined;
}

function isAuthorization(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { name, token, status, problem } = value as StoredAuthorization;
  return (
    typeof name === 'string' &&
    typeof token === 'string' &&
    ['pending', 'valid', 'invalid', 'deactivated'].includes(status) &&
    (problem === null || (typeof problem?.code === 'string' && typeof problem.detail === 'string'))
  );
}
