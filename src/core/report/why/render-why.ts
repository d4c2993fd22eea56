import { PREFLIGHT_TOKEN_PREFIX } from '../../dcv/challenge.js';
import { printable } from '../../domain/name/names.js';
import { shortInstant } from '../text/log-instant.js';
import { counted, listed, spanOf } from '../text/wording.js';
import type { SeenPlace } from './name-sight.js';
import type { WhyReport } from './why-report.js';
import { pageWidth, wrapped } from './wrapped.js';

/** A label in front, and what stands behind it: a line each, wrapped. */
type Row = readonly [label: string, ...texts: string[]];

const INDENT = '  ';
const LABEL_WIDTH = 'deferral'.length;
const GAP = '  ';
/** So that everything stays on one screen; `--json` has all. */
const MOST_PLACES = 4;
const MOST_HOPS = 5;
const MOST_LIMITS = 2;
/** Digits by which a person compares certificates. */
const SHOWN_DIGITS = 12;
/** Beginnings of what others wrote, in characters; `--json` and the log have the rest. */
const SHOWN_TEXT = 300;
const SHOWN_VERDICT = 400;
/** A provider's page for one account has its token in its address. */
const SHOWN_PLACE = 1200;

/**
 * The answer on one screen: the verdict, then its grounds, as wide as the terminal, 80 columns at least and 160 at most (null:
 * no terminal, 80). Ends with a newline.
 */
export function renderWhy(report: WhyReport, columns: number | null): string {
  const width = pageWidth(columns);
  const lines = [...wrapped(readable(report.verdict.sentence, SHOWN_VERDICT), width)];
  for (const [label, ...texts] of rowsOf(report, width)) lines.push(...rowLines(label, texts, width));
  return lines.map((line) => `${line}\n`).join('');
}

function rowsOf(report: WhyReport, width: number): readonly Row[] {
  return [
    ...websiteRows(report),
    ...certificateRows(report),
    ...problemRows(report),
    ...seenRows(report, width),
    ...caaRows(report),
    ...explanationRows(report),
    ...deferralRows(report),
    ...nextRows(report),
    ...adviceRows(report),
    ...report.faults.map(({ message }): Row => ['unread', message]),
  ];
}

function websiteRows({ account, website, wanted, name, kind, verdict }: WhyReport): Row[] {
  if (account === null) return [];
  if (website === null) return [['account', account]];
  const place: Row = ['website', `${website} (${account})`];
  if (kind !== 'wanted') return [place, ['wanted', verdict.isSecured ? 'by its wildcard' : 'no']];
  const others = wanted.filter((one) => one !== name);
  const beside = others.length === 0 ? 'alone' : `with ${listed(others, 3)}`;
  return [place, ['wanted', `yes, ${beside}`]];
}

function certificateRows({ issued, served, order, website }: WhyReport): Row[] {
  if (website === null) return [];
  const pending: Row[] =
    order === null
      ? []
      : [['order', `${order.phase} at ${order.provider}, made ${shortInstant(order.createdAt)}`]];
  if (issued === null) return [['issued', 'nothing'], ...pending];
  if (issued.isPlaceholder) return [['issued', 'nothing but a self-signed placeholder'], ...pending];
  const days = issued.daysLeft === null ? '' : ` (${daysWords(issued.daysLeft)})`;
  const by = issued.isSelfSigned ? 'self-signed' : `by ${issued.issuerName}`;
  const [defect] = issued.defects.filter(({ severity }) => severity === 'defective');
  const covers = issued.covers || defect !== undefined ? '' : '; not good for this name';
  const print = `${issued.fingerprint.slice(0, SHOWN_DIGITS)}…`;
  return [
    ['issued', `${print} until ${shortInstant(issued.notAfter)}${days}, ${by}${covers}`],
    ...(issued.stoodIn === undefined
      ? []
      : [
          [
            'from',
            `${issued.stoodIn.provider}, in place of ${issued.stoodIn.insteadOf}, which has the next turn`,
          ] as const,
        ]),
    ...(defect === undefined ? [] : [['defect', defect.message] as const]),
    ...(served === null ? [] : [['served', servedWords(served)] as const]),
    ...pending,
  ];
}

function daysWords(days: number): string {
  return days < 0 ? `expired ${Math.abs(days).toFixed(1)} days ago` : `${days.toFixed(1)} days left`;
}

function servedWords({ state, at, message }: NonNullable<WhyReport['served']>): string {
  const when = at === null ? '' : ` at ${shortInstant(at)}`;
  switch (state) {
    case 'served':
      return `yes, asked${when}`;
    case 'not-served':
      return `no, asked${when}: ${message ?? 'unknown'}`;
    case 'unknown':
      return `unknown: there was no web server to ask${when}`;
    case 'not-asked':
      return 'not asked yet for this certificate; to ask: autossl verify';
  }
}

function problemRows({ problem, otherProblems, refusals, seen, verdict }: WhyReport): Row[] {
  const rows: Row[] = [];
  if (problem !== null) {
    const { code, since, at, message, log } = problem;
    const when =
      since === at ? `at ${shortInstant(at)}` : `since ${shortInstant(since)}, last at ${shortInstant(at)}`;
    // What is seen now is told below.
    const isSeen = seen.state === 'looked' && seen.outcome?.passed === false && seen.outcome.code === code;
    rows.push(['problem', `${code} ${when}${isSeen ? '' : `: ${message}`}`]);
    if (log !== null) rows.push(['log', log]);
  }
  if (refusals?.last != null && refusals.last.message !== '') {
    const { at, code, message } = refusals.last;
    const times = `${counted(refusals.inARow, 'time')} in a row`;
    // Why it was refused is what the verdict says then.
    const what = verdict.code === 'PUT_ASIDE' ? '' : `: ${message} (${code})`;
    rows.push(['refused', `${times}, last at ${shortInstant(at)}${what}`]);
  }
  if (otherProblems.length > 0) {
    const names = [...new Set(otherProblems.map(({ domain }) => domain))];
    rows.push([
      'others',
      `${counted(otherProblems.length, 'problem')} of the same website: ${listed(names, 3)}`,
    ]);
  }
  return rows;
}

function seenRows({ seen }: WhyReport, width: number): Row[] {
  if (seen.state === 'not-looked') return [['seen', `nothing: ${seen.why}`]];
  const { addresses, lookupError, places, outcome, whyNotTried, method } = seen;
  const texts: string[] = [];
  if (places.length > 0) {
    texts.push(...places.slice(0, MOST_PLACES).map(placeWords));
    if (places.length > MOST_PLACES) texts.push(`${places.length - MOST_PLACES} more addresses`);
  } else if (addresses !== null && addresses.length > 0) {
    texts.push(`resolves to ${addressWords(addresses)}`);
  } else if (outcome?.passed === false) texts.push(outcome.message);
  else if (lookupError !== null) texts.push(`does not resolve (${lookupError})`);
  // A test by HTTP says so by its places.
  if (outcome?.passed === true && (places.length === 0 || method !== 'http-01')) {
    texts.push(`passes the test by ${method ?? 'DNS'}`);
  } else if (places.length > 0 && outcome?.passed === false && method !== 'http-01')
    texts.push(outcome.message);
  if (places.length > 0 && outcome?.passed === true) texts.push(...outcome.warnings.slice(0, 1));
  if (whyNotTried !== null) texts.push(`not tried: ${whyNotTried}`);
  const rows: Row[] = texts.length === 0 ? [] : [['seen', ...texts]];
  return [...rows, ...redirectRows(places, width)];
}

function placeWords({ address, isOurs, localAddress, message }: SeenPlace): string {
  const where = isOurs ? 'this server' : 'elsewhere';
  const inside = localAddress === null ? '' : `, asked from inside at ${localAddress}`;
  const joint = message.startsWith(',') ? '' : ' ';
  return `${address} (${where}${inside})${joint}${message}`;
}

function addressWords(addresses: readonly { readonly address: string; readonly isOurs: boolean }[]): string {
  const shown = addresses.map(
    ({ address, isOurs }) => `${address} (${isOurs ? 'this server' : 'elsewhere'})`,
  );
  return listed(shown, MOST_PLACES);
}

/** The way of the first address that fails, else of the first that redirects. */
function redirectRows(places: readonly SeenPlace[], width: number): Row[] {
  const redirecting = places.filter(({ hops }) => hops.length > 1 || hops.at(-1)?.location != null);
  const place = redirecting.find(({ result }) => result !== 'passed') ?? redirecting[0];
  if (place === undefined) return [];
  const { hops } = place;
  const shown = hops
    .slice(0, MOST_HOPS)
    .map(({ url, status }) => hopLine(`${status ?? 'no answer'}`, url, width));
  const last = hops.at(-1);
  const next = last?.location ?? null;
  if (hops.length > MOST_HOPS) shown.push(`… ${hops.length - MOST_HOPS} more`);
  else if (next !== null) shown.push(hopLine('not followed', next, width));
  return [['redirect', ...shown]];
}

/** A URL is cut so that a hop is one line. */
function hopLine(what: string, location: string, width: number): string {
  const url = readable(location, width);
  const room = width - INDENT.length - LABEL_WIDTH - GAP.length - what.length - 1;
  const characters = [...url];
  const shown = characters.length > room ? `${characters.slice(0, room - 1).join('')}…` : url;
  return `${what} ${shown}`;
}

function caaRows({ caa }: WhyReport): Row[] {
  if (caa === null) return [];
  const asked = caa.path.filter(({ answer }) => answer === 'no records').map(({ domain }) => domain);
  const above = asked.length > 1 ? ` (asked: ${listed(asked, MOST_PLACES)})` : '';
  return [['CAA', `${caa.message}${caa.isPermitted === true ? above : ''}`]];
}

function explanationRows({ explanationUrl }: WhyReport): Row[] {
  if (explanationUrl === undefined) return [];
  return [['renewal', 'the provider explains when it is to be, at', explanationUrl]];
}

function deferralRows({ deferral }: WhyReport): Row[] {
  if (deferral === null) return [];
  const names = listed(deferral.names, 3);
  return [['deferral', `waits for ${names} until ${shortInstant(deferral.endsAt)}, then renews without`]];
}

function nextRows({ next, limits, at }: WhyReport): Row[] {
  const rows: Row[] = [];
  if (next.because !== 'NOTHING_TO_DO') {
    const left = next.at === null ? 0 : Date.parse(next.at) - Date.parse(at);
    const when =
      next.at === null ? '' : `${shortInstant(next.at)}${left > 0 ? ` (in ${spanOf(left)})` : ''}, `;
    rows.push(['next', `${when}${next.message}`]);
  }
  for (const { code, message, until, unpauseUrl } of limits.slice(0, MOST_LIMITS)) {
    rows.push(['limit', `${code}${until === null ? '' : ` until ${shortInstant(until)}`}: ${message}`]);
    if (unpauseUrl !== undefined) rows.push(['unpause', unpauseUrl]);
  }
  return rows;
}

function adviceRows({ advice: { owner, root } }: WhyReport): Row[] {
  return [
    ...(owner === null ? [] : [['owner', owner] as const]),
    ...(root === null ? [] : [['root', root] as const]),
  ];
}

function rowLines(label: string, texts: readonly string[], width: number): string[] {
  const begin = INDENT + label.padEnd(LABEL_WIDTH) + GAP;
  const blank = ' '.repeat(begin.length);
  // A path or address is copied whole, however long it is.
  const lines = texts.flatMap((text) =>
    /^(?:\/|https?:\/\/)/.test(text)
      ? [readable(text, SHOWN_PLACE)]
      : wrapped(readable(text, SHOWN_TEXT), width - begin.length),
  );
  return lines.map((line, index) => `${index === 0 ? begin : blank}${line}`);
}

/** What we drew for the test file's name tells nobody anything. */
const DRAWN_TOKEN = new RegExp(`${PREFLIGHT_TOKEN_PREFIX}[A-Za-z0-9_-]*`, 'g');

/** Printable, and no longer than `length` characters. */
function readable(text: string, length: number): string {
  const characters = [...printable(text).replace(DRAWN_TOKEN, 'TOKEN')];
  return characters.length > length ? `${characters.slice(0, length).join('')}…` : characters.join('');
}
