import type { RenewalRecord } from '../../../core/renewal/information/renewal-record.js';
import type { StoredRenewalInfo } from '../../../core/renewal/verdict.js';
import type { RecordFields } from '../records/record-fields.js';

/** A record as its file says. @throws StateError CORRUPT_RECORD */
export function parseRenewalRecord(fields: RecordFields): RenewalRecord {
  return {
    account: fields.text('account'),
    vhost: fields.text('vhost'),
    certificateId: fields.text('certificateId'),
    provider: fields.text('provider'),
    directoryUrl: fields.text('directoryUrl'),
    notBefore: fields.date('notBefore'),
    notAfter: fields.date('notAfter'),
    askAt: fields.date('askAt'),
    saidAt: fields.dateOrNull('saidAt'),
    failures: fields.count('failures'),
    ...parseUnoffered(fields),
    info: parseInfo(fields),
  };
}

function parseUnoffered(fields: RecordFields): Pick<RenewalRecord, 'unoffered'> {
  const since = fields.dateOrNull('unofferedSince');
  return since === null ? {} : { unoffered: { since, looks: fields.count('unofferedLooks') } };
}

/** Without a drawn instant it has no window either. */
function parseInfo(fields: RecordFields): StoredRenewalInfo | null {
  const selectedAt = fields.dateOrNull('selectedAt');
  if (selectedAt === null) return null;
  return {
    selectedAt,
    windowStartAt: fields.date('windowStartAt'),
    windowEndAt: fields.date('windowEndAt'),
    firstSeenAt: fields.date('firstSeenAt'),
    explanationUrl: fields.textOrNull('explanationUrl'),
    ...(fields.flagOr('isBroughtForward', false) ? { isBroughtForward: true } : {}),
  };
}

/** As it is written. */
export function renewalRecordData({ info, unoffered, ...record }: RenewalRecord): object {
  const none =
    unoffered === undefined ? {} : { unofferedSince: unoffered.since, unofferedLooks: unoffered.looks };
  return { ...record, ...none, ...(info ?? { selectedAt: null }) };
}
