import { printable } from '../../domain/name/names.js';
import { wordsOfCode } from '../../domain/system-fault.js';
import { listed, withAdvice } from '../text/wording.js';
import type { NextAction, WebsiteStatus } from './website-status.js';

/** Everything about one website in sentences, for whoever asked for it by name. Ends with a newline. */
export function renderStatusDetails(status: WebsiteStatus): string {
  const { account, website, issued, served, order, problems, fault } = status;
  const lines: [string, string][] = [['wanted', listed(status.wanted) || 'nothing']];
  if (status.excluded.length > 0) lines.push(['excluded', listed(status.excluded)]);
  lines.push(['file', status.certificate]);
  if (issued !== null) {
    lines.push(
      ['issued', `${listed(issued.names) || 'no names'}`],
      ['by', `${issued.issuer}${status.placeholder ? ' (a placeholder of AutoSSL)' : ''}`],
      ...(issued.stoodIn === undefined
        ? []
        : [
            ['from', `${issued.stoodIn.provider}, in place of ${issued.stoodIn.insteadOf}`] as [
              string,
              string,
            ],
          ]),
      ['valid', `${issued.notBefore} to ${issued.notAfter}`],
    );
    if (issued.missing.length > 0) lines.push(['missing', listed(issued.missing)]);
  }
  for (const { message, code } of status.defects) lines.push(['defect', `${message} [${code}]`]);
  if (issued !== null) lines.push(['served', servedLine(served)]);
  for (const { name, address, port, fingerprint, names, error } of served.places) {
    const seen =
      fingerprint === null
        ? wordsOfCode(error ?? 'nothing')
        : `${fingerprint.slice(0, 16)}… for ${listed(names, 3)}`;
    lines.push(['seen', `${name} at ${address.includes(':') ? `[${address}]` : address}:${port}: ${seen}`]);
  }
  if (served.namesWithoutSite.length > 0) {
    lines.push(['no site', `no site with TLS has ${listed(served.namesWithoutSite)}`]);
  }
  if (order !== null) lines.push(['order', `${order.id} at ${order.provider}, ${order.phase}`]);
  for (const { message } of status.because) lines.push(['because', message]);
  lines.push(['next', nextLine(status)]);
  for (const { message, advice, at } of problems)
    lines.push(['problem', `${withAdvice(message, advice)} (${at})`]);
  if (fault !== null) lines.push(['fault', withAdvice(fault.message, fault.advice)]);
  const body = lines.map(([label, text]) => `  ${label.padEnd(LABEL_WIDTH)}  ${printable(text)}\n`).join('');
  return `${printable(website)} (${printable(account)})\n${body}`;
}

const LABEL_WIDTH = 'excluded'.length;

function servedLine({ state, at, message, advice }: WebsiteStatus['served']): string {
  switch (state) {
    case 'served':
      return `yes, asked at ${at}`;
    case 'not-served':
      return `no, asked at ${at}: ${withAdvice(message ?? 'unknown', advice)}`;
    case 'unknown':
      return `unknown: there was no web server to ask at ${at}`;
    case 'not-asked':
      return 'not asked yet for this certificate; to ask: autossl verify';
  }
}

const ACTIONS: Readonly<Record<Exclude<NextAction['action'], 'none'>, string>> = {
  order: 'a certificate is ordered',
  replace: 'the certificate is replaced',
  renew: 'the certificate is renewed',
  'await-order': 'the order is asked for again',
  install: 'the certificate is put in place',
};

function nextLine({ next: { action, at } }: WebsiteStatus): string {
  if (action === 'none') return 'nothing';
  return `${ACTIONS[action]} at ${at ?? 'the next run'}`;
}
