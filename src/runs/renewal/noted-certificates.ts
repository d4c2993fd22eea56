import { AutosslError } from '../../core/domain/autossl-error.js';
import { isAskable, type RenewalRecord } from '../../core/renewal/information/renewal-record.js';
import type { RunEvent } from '../../core/report/events/event.js';
import { renewalInfoDamaged, renewalInfoNotKept } from '../../core/report/events/renewal-events.js';
import type { IssuedRecord } from '../ports/orders.js';
import { askRenewalInfo, MOST_ASKED } from './ask-renewal-info.js';
import { askedProvider, type RenewalHost } from './renewal-host.js';

type Record = (...events: readonly RunEvent[]) => void;

/** A certificate that was not asked about yet; null: nobody can be asked about it. */
export function newRenewalRecord(
  issued: IssuedRecord,
  host: Pick<RenewalHost, 'clock' | 'provider' | 'providerNamed' | 'directoryUrlOf'>,
): RenewalRecord | null {
  const { account, vhost, provider, directoryUrl, ariCertificateId } = issued;
  const notAfter = new Date(issued.notAfter);
  const now = host.clock.now();
  if (ariCertificateId === null || !isAskable({ notAfter }, now)) return null;
  if (askedProvider(issued, host) === undefined) return null;
  return {
    ...{ account, vhost, provider, directoryUrl, notAfter },
    certificateId: ariCertificateId,
    notBefore: new Date(issued.notBefore),
    askAt: now,
    saidAt: null,
    failures: 0,
    info: null,
  };
}

/** Has a certificate that was just issued asked about in this run, or by the next turn of the poller. Never rejects for our files. */
export async function noteIssued(issued: IssuedRecord, host: RenewalHost): Promise<void> {
  const record = newRenewalRecord(issued, host);
  if (record !== null) await noteAll([record], host);
}

/** The same of many; what cannot be written down is found again by the next survey. */
export async function noteAll(
  records: readonly RenewalRecord[],
  { renewalInfo }: Pick<RenewalHost, 'renewalInfo'>,
): Promise<void> {
  try {
    await renewalInfo.keep(records);
  } catch (error) {
    if (!(error instanceof AutosslError)) throw error;
  }
}

/**
 * Asks about all certificates whose instant has come (forced: about all), of one account alone where it is given. Gives the
 * records of which there is another window than before.
 */
export async function askDueRenewals(
  scope: { readonly account: string | null; readonly isForced: boolean },
  host: RenewalHost,
  record: Record,
  signal: AbortSignal,
): Promise<readonly RenewalRecord[]> {
  const now = host.clock.now();
  const nextAskAt = host.renewalInfo.nextAskAt(now);
  if (signal.aborted || nextAskAt === null || (!scope.isForced && nextAskAt > now)) return [];
  const due = host.renewalInfo.due(now, MOST_ASKED, scope.isForced);
  const asked = scope.account === null ? due : due.filter(({ account }) => account === scope.account);
  return await askTold(asked, host, record, signal);
}

/** As `askRenewalInfo`; what our own files say against it is a warning, since everything goes on without. */
export async function askTold(
  records: readonly RenewalRecord[],
  host: RenewalHost,
  record: Record,
  signal: AbortSignal,
): Promise<readonly RenewalRecord[]> {
  try {
    return records.length === 0 ? [] : await askRenewalInfo(records, host, record, signal);
  } catch (error) {
    if (!(error instanceof AutosslError)) throw error;
    record(renewalInfoNotKept(error.message));
    return [];
  } finally {
    record(...host.renewalInfo.damaged().map(renewalInfoDamaged));
  }
}
