import type { RenewalRecord } from '../../../core/renewal/information/renewal-record.js';
import type { StoredRenewalInfo } from '../../../core/renewal/verdict.js';
import type { RecordFields } from '../records/record-fields.js';

/** A record as its file says. @throws StateError CORRUPT_RECORD */
export function parseRenewalRecord(fields: RecordFields): RenewalRecord {
  const saidAt = fields.instantOrNull('saidAt');
  return {
    account: fields.text('account'),
    vhost: fields.text('vhost'),
    certificateId: fields.text('certificateId'),
    provider: fields.text('provider'),
    directoryUrl: fields.text('directoryUrl'),
    notBefore: new Date(fields.instant('notBefore')),
    notAfter: new Date(fields.instant('notAfter')),
    askAt: new Date(fields.instant('askAt')),
    saidAt: saidAt === null ? null : new Date(saidAt),
    failures: fields.count('failures'),
    info: parseInfo(fields),
  };
}

/** Without a drawn instant it has no window either. */
function parseInfo(fields: RecordFields): StoredRenewalInfo | null {
  const selectedAt = fields.instantOrNull('selectedAt');
  if (selectedAt === null) return null;
  return {
    selectedAt: new Date(selectedAt),
    windowStartAt: new Date(fields.instant('windowStartAt')),
    windowEndAt: new Date(fields.instant('windowEndAt')),
    firstSeenAt: new Date(fields.instant('firstSeenAt')),
    explanationUrl: fields.textOrNull('explanationUrl'),
  };
}

/** As it is written. */
export function renewalRecordData({ info, ...record }: RenewalRecord): object {
  return { ...record, ...(info ?? { selectedAt: null }) };
}
