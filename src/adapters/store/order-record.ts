import { KEY_TYPES } from '../../core/domain/key-type.js';
import type { OrderPhase, OrderRecord } from '../../core/order/record.js';
import type { RecordFields } from './record-fields.js';

const PHASES: readonly OrderPhase[] = [
  'journalled',
  'placed',
  'finalized',
  'downloaded',
  'published',
  'failed',
];

/** An order's record as its file says. @throws StateError CORRUPT_RECORD */
export function parseOrderRecord(fields: RecordFields): OrderRecord {
  return {
    schemaVersion: 1,
    id: fields.text('id'),
    account: fields.text('account'),
    vhost: fields.text('vhost'),
    provider: fields.text('provider'),
    directoryUrl: fields.text('directoryUrl'),
    acmeAccountUrl: fields.textOrNull('acmeAccountUrl'),
    names: fields.texts('names'),
    keyType: fields.oneOf('keyType', KEY_TYPES),
    replaces: fields.textOrNull('replaces'),
    createdAt: fields.instant('createdAt'),
    phase: fields.oneOf('phase', PHASES),
    orderUrl: fields.textOrNull('orderUrl'),
    expiresAt: fields.instantOrNull('expiresAt'),
    challenges: fields.records('challenges', (challenge) => ({
      name: challenge.text('name'),
      method: challenge.oneOf('method', ['http-01']),
      token: challenge.text('token'),
      documentRoot: challenge.text('documentRoot'),
    })),
    pollAt: fields.instantOrNull('pollAt'),
    lastPolledAt: fields.instantOrNull('lastPolledAt'),
    logStartedAt: fields.textOrNull('logStartedAt'),
    diedOf: fields.textOrNull('diedOf'),
    because: fields.texts('because'),
  };
}
