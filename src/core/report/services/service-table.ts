import { printable } from '../../domain/name/names.js';
import type { ConfigurationAdvice } from '../../sni/configuration-lines.js';
import type { EventType } from '../events/event.js';
import { type Column, renderColumns } from '../text/columns.js';
import { listed, withAdvice } from '../text/wording.js';
import type { ServiceStatus, ServicesOverview } from './service-status.js';

/** Widths to which columns may be shortened on a terminal; together with the gaps 80. */
const COLUMNS: readonly Column[] = [
  { title: 'Service', leastWidth: 7 },
  { title: 'Daemon', leastWidth: 8 },
  { title: 'Domains', leastWidth: 16 },
  { title: 'Expires', leastWidth: 10 },
  { title: 'Days', leastWidth: 5, isNumber: true },
  { title: 'Key', leastWidth: 8 },
  { title: 'Issuer', leastWidth: 11 },
];

const DATE_LENGTH = 'yyyy-mm-dd'.length;
const SHOWN_NAMES = 4;

/**
 * The services with what they have, what is wrong with it, and those that are not here, for people. `width`: columns of the
 * terminal; null: nothing is shortened.
 */
export function* renderServicesOverview(
  { services, absent }: ServicesOverview,
  width: number | null,
  paint: (tone: EventType, line: string) => string,
): Generator<string> {
  if (services.length > 0) {
    let index = -1;
    for (const line of renderColumns(COLUMNS, services.map(cellsOf), width)) {
      const status = services[index];
      yield status === undefined ? line : paint(toneOf(status), line);
      index += 1;
    }
  }
  for (const status of services) for (const line of remarksOf(status)) yield paint('warn', line);
  if (absent.length > 0) {
    const each = absent.map(({ service, why }) => printable(`${service} (${why})`));
    yield `Not on this server: ${each.join(', ')}.`;
  }
}

function cellsOf({ service, daemon, certificate }: ServiceStatus): readonly string[] {
  if (certificate === null) return [service, daemon, '-', '-', '-', '-', 'no certificate'].map(printable);
  const { domains, notAfter, daysLeft, key, issuerName, isSelfSigned } = certificate;
  return [
    service,
    daemon,
    listed(domains, SHOWN_NAMES) || '-',
    notAfter.slice(0, DATE_LENGTH),
    Math.abs(daysLeft) < 10 ? daysLeft.toFixed(1) : String(Math.trunc(daysLeft)),
    key,
    isSelfSigned ? 'self-signed' : issuerName,
  ].map(printable);
}

function toneOf({ certificate, plan }: ServiceStatus): EventType {
  if (certificate === null || certificate.daysLeft < 0) return 'error';
  return plan.kind === 'replace' || plan.remarks.length > 0 ? 'warn' : 'out';
}

/** What a person should know of it; what the columns say already is left out. */
function remarksOf({ service, plan, served, certificate, advice }: ServiceStatus): readonly string[] {
  const self =
    certificate?.isSelfSigned === true
      ? [`${service}: the certificate is self-signed, clients are warned of it.`]
      : [];
  const because = plan.kind === 'keep' ? [] : plan.because.filter(({ code }) => code !== 'SELF_SIGNED');
  const notServed =
    served?.state === 'not-served'
      ? [`${service}: it is not served: ${withAdvice(served.message ?? '', served.advice)}`]
      : [];
  return [
    ...self,
    ...[...because, ...plan.remarks].map(({ message }) => `${service}: ${message}`),
    ...notServed,
    ...advice.map((one) => `${service}: ${adviceWords(one)}`),
  ].map(printable);
}

/** Everything about one service in sentences. Ends with a newline. */
export function renderServiceDetails(status: ServiceStatus): string {
  const { service, daemon, file, certificate, plan, served, former, advice } = status;
  const lines: [string, string][] = [['file', file]];
  if (certificate !== null) {
    const { domains, issuer, isSelfSigned, isPlaceholder, key, notBefore, notAfter, daysLeft, chain } =
      certificate;
    const own = isPlaceholder
      ? ' (self-signed placeholder of AutoSSL)'
      : ' (self-signed: clients are warned)';
    lines.push(
      ['domains', domains.join(', ') || 'none'],
      ['issuer', `${issuer || '(empty)'}${isSelfSigned ? own : ''}`],
      ['key', key],
      ['expires', `${notAfter} (${daysLeft} days), valid from ${notBefore}`],
      ['signature', `${certificate.signatureAlgorithm}, ${certificate.validationLevel}`],
      ['sha-256', certificate.fingerprint],
      ...chain.map((subject): [string, string] => ['chain', subject]),
    );
  }
  if (certificate !== null) lines.push(['served', servedWords(served)]);
  for (const { message } of plan.because) lines.push(['because', message]);
  for (const { message } of plan.remarks) lines.push(['remark', message]);
  for (const one of advice) lines.push(['advice', adviceWords(one)]);
  lines.push(['next', nextWords(plan)]);
  if (former > 0) lines.push(['former', `${former} kept; to go back: autossl services rollback ${service}`]);
  const body = lines.map(([label, text]) => `  ${label.padEnd(LABEL_WIDTH)}  ${printable(text)}\n`);
  return `${service} (${printable(daemon)})\n${body.join('')}`;
}

function adviceWords({ because, place, lines }: ConfigurationAdvice): string {
  return `${because} Add ${place}: ${lines.map((line) => `“${line.trim()}”`).join(' ')}`;
}

const LABEL_WIDTH = 'signature'.length;

function servedWords(served: ServiceStatus['served']): string {
  switch (served?.state) {
    case 'served':
      return `yes, asked at ${served.at}`;
    case 'not-served':
      return `no, asked at ${served.at}: ${withAdvice(served.message ?? 'unknown', served.advice)}`;
    case 'unknown':
      return `nobody could be asked at ${served.at}`;
    default:
      return 'not asked since it lies there';
  }
}

function nextWords({ kind, dueAt, ownership }: ServiceStatus['plan']): string {
  if (kind === 'replace') return 'the next checkallsslcerts replaces it, where it may';
  const whose = ownership === 'ours' ? 'renews' : 'replaces';
  return dueAt === null ? 'nothing' : `checkallsslcerts ${whose} it from ${dueAt} on`;
}
