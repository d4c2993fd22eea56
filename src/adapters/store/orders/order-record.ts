import { KEY_TYPES } from '../../../core/domain/key-type.js';
import type { DoubtMatter, OrderDoubt } from '../../../core/order/doubt.js';
import type { OrderPhase, OrderRecord, PlacedChallenge } from '../../../core/order/record.js';
import type { RecordFields } from '../records/record-fields.js';

const PHASES: readonly OrderPhase[] = [
  'journalled',
  'placed',
  'finalized',
  'downloaded',
  'published',
  'failed',
];

const MATTERS: readonly DoubtMatter[] = ['ORDER_GONE', 'CERTIFICATE_UNFIT'];

/** An order's record as its file says. @throws StateError CORRUPT_RECORD */
export function parseOrderRecord(fields: RecordFields): OrderRecord {
  const byDns = fields.textsIfAny('byDns');
  const insteadOf = fields.textOrNull('insteadOf');
  const neededBy = fields.instantOrNull('neededBy');
  const taken = fields.textsIfAny('taken');
  const profile = fields.textOrNull('profile');
  const doubt = fields.recordOrNull('doubt', parseDoubt);
  return {
    schemaVersion: 1,
    id: fields.text('id'),
    account: fields.text('account'),
    vhost: fields.text('vhost'),
    provider: fields.text('provider'),
    directoryUrl: fields.text('directoryUrl'),
    acmeAccountUrl: fields.textOrNull('acmeAccountUrl'),
    names: fields.texts('names'),
    ...(byDns === undefined ? {} : { byDns }),
    keyType: fields.oneOf('keyType', KEY_TYPES),
    replaces: fields.textOrNull('replaces'),
    ...(profile === null ? {} : { profile }),
    createdAt: fields.instant('createdAt'),
    phase: fields.oneOf('phase', PHASES),
    orderUrl: fields.textOrNull('orderUrl'),
    expiresAt: fields.instantOrNull('expiresAt'),
    challenges: fields.records('challenges', parseChallenge),
    pollAt: fields.instantOrNull('pollAt'),
    lastPolledAt: fields.instantOrNull('lastPolledAt'),
    logStartedAt: fields.textOrNull('logStartedAt'),
    diedOf: fields.textOrNull('diedOf'),
    ...(insteadOf === null ? {} : { insteadOf }),
    ...(neededBy === null ? {} : { neededBy }),
    ...(taken === undefined ? {} : { taken }),
    ...(doubt === null ? {} : { doubt }),
    because: fields.texts('because'),
  };
}

function parseDoubt(fields: RecordFields): OrderDoubt {
  return {
    about: fields.oneOf('about', MATTERS),
    since: fields.instant('since'),
    reads: fields.count('reads'),
    words: fields.text('words'),
  };
}

function parseChallenge(fields: RecordFields): PlacedChallenge {
  const name = fields.text('name');
  const method = fields.oneOf('method', ['http-01', 'dns-01']);
  if (method === 'http-01') {
    return { name, method, token: fields.text('token'), documentRoot: fields.text('documentRoot') };
  }
  const [recordName, zone, value] = [fields.text('recordName'), fields.text('zone'), fields.text('value')];
  return { name, method, recordName, zone, value };
}
