import type { OfferFinding } from '../../core/certificate/offered/offer.js';
import { UsageError } from '../../core/domain/autossl-error.js';
import { printable } from '../../core/domain/name/names.js';
import { parseServiceName } from '../../core/domain/service/service-name.js';
import { parseFingerprintPrefix } from '../../core/plan/former-choice.js';
import { renderServicesChange, type ServicesChangeReport } from '../../core/report/services/change-report.js';
import { withAdvice } from '../../core/report/text/wording.js';
import { applyCertificate } from '../../runs/services/manage/apply-certificate.js';
import { installCertificate } from '../../runs/services/manage/install-certificate.js';
import { listServices } from '../../runs/services/manage/list-services.js';
import type { ManageCall } from '../../runs/services/manage/manage-session.js';
import { resetServices } from '../../runs/services/manage/reset-services.js';
import { restartServices } from '../../runs/services/manage/restart-services.js';
import { rollBackService } from '../../runs/services/manage/roll-back-service.js';
import { openManageHost, readOffered } from '../host/services/services-manage.js';
import { stopSignal } from '../stop-signal.js';

interface CommonFlags {
  readonly json?: boolean;
}
export interface InstallFlags extends CommonFlags {
  readonly certificate: string;
  readonly key?: string;
  readonly bundle?: string;
}
export interface ResetFlags extends CommonFlags {
  readonly yes?: boolean;
}
export interface RollbackServiceFlags extends CommonFlags {
  readonly to?: string;
}

/** `autossl services install --certificate F [--key F] [--bundle F] SERVICE…`. */
export async function installServicesCommand(names: readonly string[], flags: InstallFlags): Promise<number> {
  const services = names.map(parseServiceName);
  const { certificate, key = null, bundle = null } = flags;
  if ([certificate, key, bundle].filter((path) => path === '-').length > 1)
    throw new UsageError('BAD_ARGUMENT', 'only one of the files can be standard input');
  const offered = await readOffered({ certificate, key, bundle });
  return tell(await installCertificate({ services, ...offered }, await openCall()), flags);
}

/** `autossl services reset --yes SERVICE…`; without `--yes` it is said what would be lost. */
export async function resetServicesCommand(names: readonly string[], flags: ResetFlags): Promise<number> {
  const services = names.map(parseServiceName);
  const call = await openCall();
  if (flags.yes !== true) {
    const { services: present } = await listServices(services, call.host);
    const lost = present.map(({ service, certificate }) =>
      certificate === null
        ? `${service}: none`
        : `${service}: until ${certificate.notAfter}, by ${certificate.issuerName}`,
    );
    throw new UsageError(
      'BAD_ARGUMENT',
      printable(`a self-signed certificate would take the place of what lies there (${lost.join('; ')})`),
      { advice: 'If that is meant, add --yes.' },
    );
  }
  return tell(await resetServices(services, call), flags);
}

/** `autossl services apply FROM TO…`. */
export async function applyServicesCommand(
  from: string,
  to: readonly string[],
  flags: CommonFlags,
): Promise<number> {
  const request = { from: parseServiceName(from), to: to.map(parseServiceName) };
  return tell(await applyCertificate(request, await openCall()), flags);
}

/** `autossl services rollback [--to FINGERPRINT] SERVICE`. */
export async function rollbackServiceCommand(name: string, flags: RollbackServiceFlags): Promise<number> {
  const service = parseServiceName(name);
  const to = flags.to === undefined ? null : parseFingerprintPrefix(flags.to);
  return tell(await rollBackService({ service, to }, await openCall()), flags);
}

/** `autossl services restart SERVICE…`. */
export async function restartServicesCommand(names: readonly string[], flags: CommonFlags): Promise<number> {
  return tell(await restartServices(names.map(parseServiceName), await openCall()), flags);
}

/** What is told at the end is all in the report: the log's lines are for the log. */
async function openCall(): Promise<ManageCall> {
  const host = await openManageHost(process.env, process.getuid?.() ?? 0);
  return { host, listen: () => undefined, signal: stopSignal() };
}

function tell(report: ServicesChangeReport, { json }: CommonFlags): number {
  for (const warning of report.warnings) complain('warning', warning);
  const [refusal] = report.refusals;
  if (refusal !== undefined) complain('refused', refusal);
  if (json === true) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  else process.stdout.write(renderServicesChange(report));
  return report.exitCode;
}

function complain(what: 'warning' | 'refused', { message, advice }: OfferFinding): void {
  process.stderr.write(`autossl: ${what}: ${printable(withAdvice(message, advice))}\n`);
}
