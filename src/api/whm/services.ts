import { parseServiceName, type ServiceName, serviceBehind } from '../../core/domain/service/service-name.js';
import type { ServiceChange, ServicesChangeReport } from '../../core/report/services/change-report.js';
import { withAdvice } from '../../core/report/text/wording.js';
import { bestServiceDomain } from '../../runs/services/manage/best-service-domain.js';
import { installCertificate } from '../../runs/services/manage/install-certificate.js';
import { readServiceComponents, type ServiceComponents } from '../../runs/services/manage/list-services.js';
import type { ManageHost } from '../../runs/services/manage/manage-host.js';
import { resetServices } from '../../runs/services/manage/reset-services.js';
import { restartServices } from '../../runs/services/manage/restart-services.js';
import { certificateInfo, secondsOf } from '../certificate-rows.js';
import type { ApiAnswer, ApiHandler } from '../function.js';
import { pastedFiles } from '../pasted-text.js';
import { ApiRefusal } from '../refusal.js';
import type { WhmHost } from './host.js';

/** As the documentation shows them to people. */
const DESCRIPTIONS: Readonly<Record<ServiceName, string>> = {
  cpanel: 'Calendar, cPanel, WebDisk, Webmail, and WHM Services',
  dovecot: 'Dovecot Mail Server',
  exim: 'Exim (SMTP) Server',
  ftp: 'FTP Server',
};

/** `fetch_service_ssl_components`: with the private keys, as documented. */
export const fetchServiceComponents: ApiHandler<WhmHost> = async (_, host) => {
  const all = await readServiceComponents(await host.openServices());
  const services = all.flatMap((one) => (one.details === null ? [] : [componentsRow(one)]));
  const without = all.filter(({ details }) => details === null);
  return {
    data: { services },
    rows: 'services',
    warnings: without.map(({ service }) => `The service ${service} has no certificate that can be read.`),
  };
};

function componentsRow({ service, certificatePem, bundlePem, keyPem, details }: ServiceComponents) {
  return {
    service,
    certificate: certificatePem,
    cabundle: bundlePem,
    key: keyPem,
    certificate_info: details === null ? null : certificateInfo(details),
  };
}

/** `install_service_ssl_certificate`. */
export const installServiceCertificate: ApiHandler<WhmHost> = async (given, host) => {
  const service = parseServiceName(given.text('service'));
  const files = pastedFiles(
    { name: 'crt', value: given.text('crt') },
    { name: 'key', value: given.text('key') },
    { name: 'cabundle', value: given.optional('cabundle') },
  );
  const { call, services } = await openCall(host);
  const report = await installCertificate({ services: [service], files, warnings: [] }, call);
  return await installed(service, report, services);
};

/** `reset_service_ssl_certificate`. */
export const resetServiceCertificate: ApiHandler<WhmHost> = async (given, host) => {
  const service = parseServiceName(given.text('service'));
  const { call, services } = await openCall(host);
  return await installed(service, await resetServices([service], call), services);
};

/** `restartservice`. */
export const restartService: ApiHandler<WhmHost> = async (given, host) => {
  const service = serviceBehind(given.text('service'));
  const { call } = await openCall(host);
  const change = changeIn(await restartServices([service], call));
  return {
    data: { service: given.text('service'), state: change.state },
    messages: [`${change.service} (${change.daemon}): ${change.state}.`],
  };
};

/** `get_best_ssldomain_for_service`. */
export const getBestDomain: ApiHandler<WhmHost> = async (given, host) => {
  const { accounts } = await host.openCertificates();
  const found = await bestServiceDomain(
    serviceBehind(given.text('service')),
    await host.openServices(),
    accounts,
  );
  const { leaf, match, domain, isCurrentlyValid } = found;
  const isMatch = match !== 'none';
  return {
    data: {
      ssldomain: domain,
      ssldomain_matches_cert: isMatch ? 1 : 0,
      // Always 1 without a match: documented, for callers of old.
      is_self_signed: !isMatch || leaf?.isSelfSigned === true ? 1 : 0,
      is_wild_card: match.endsWith('wildcard') ? 1 : 0,
      is_currently_valid: isCurrentlyValid ? 1 : 0,
      cert_valid_not_after: leaf === null ? null : secondsOf(leaf.notAfter),
      cert_match_method: match,
    },
  };
};

async function openCall(host: WhmHost) {
  const services = await host.openServices();
  return { services, call: { host: services, listen: () => undefined, signal: host.stopSignal() } };
}

/** What lies there now. @throws ApiRefusal when nothing was changed */
async function installed(
  service: ServiceName,
  report: ServicesChangeReport,
  host: ManageHost,
): Promise<ApiAnswer> {
  const change = changeIn(report);
  const now = (await readServiceComponents(host)).find((one) => one.service === service);
  if (now?.details == null) throw new ApiRefusal(`The certificate of ${service} cannot be read after all.`);
  const findings = report.warnings.map(({ message, advice }) => withAdvice(message, advice));
  const trouble = change.message === null ? [] : [withAdvice(change.message, change.advice)];
  return {
    data: {
      service,
      service_description: DESCRIPTIONS[service],
      certificate: now.certificatePem,
      cabundle: now.bundlePem,
      certificate_info: certificateInfo(now.details),
    },
    warnings: [...findings, ...trouble, ...report.faults.map(({ message }) => message)],
    messages: [SAID[change.state] ?? `${service}: ${change.state}.`],
  };
}

const SAID: Partial<Record<ServiceChange['state'], string>> = {
  served: 'The certificate is in place, and the daemon shows it: it need not be restarted.',
  published: 'The certificate is in place; nobody could be asked whether the daemon shows it.',
  'not-served': 'The certificate is in place, but the daemon does not show it.',
};

/** The change of the one service. @throws ApiRefusal with all that speaks against it */
function changeIn({ refusals, services, faults }: ServicesChangeReport): ServiceChange {
  if (refusals.length > 0) throw new ApiRefusal(sentences(refusals));
  const [change] = services;
  if (change === undefined) throw new ApiRefusal(faults.map(({ message }) => message).join(' '));
  if (change.state !== 'unchanged' && change.state !== 'dead') return change;
  throw new ApiRefusal(
    `The service ${change.service} (${change.daemon}): ${withAdvice(change.message ?? change.state, change.advice)}`,
  );
}

function sentences(findings: ServicesChangeReport['refusals']): string {
  return findings.map(({ message, advice }) => withAdvice(message, advice)).join(' ');
}
