import { normalName } from '../../../core/domain/account/account-layout.js';
import type { WebsitePlacement, WebsiteRemoval } from '../../../core/domain/website/website-placement.js';
import { type DomainRow, parseDomainRow } from '../domain-index.js';

/*
 * The documented line files (behaviour section 13) as texts: lines that are not meant stay as they are, where they are.
 * Each function takes any text and gives the new one.
 */

/** A new account's users file. */
export interface NewAccountFacts {
  readonly account: string;
  readonly ip: string | null;
  readonly startedAt: Date;
}

/** The file of a new account, its keys sorted. */
export function newUserFile(mainDomain: string, facts: NewAccountFacts): string {
  const values: readonly (readonly [string, string | null])[] = [
    ['DNS', mainDomain],
    ['FEATURELIST', 'default'],
    ['IP', facts.ip],
    ['OWNER', 'root'],
    ['PLAN', 'default'],
    ['STARTDATE', String(Math.floor(facts.startedAt.getTime() / 1000))],
    ['USER', facts.account],
  ];
  return values
    .filter(([, value]) => value !== null)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}

/**
 * A file of lines `KEY=value` with these values: a key that is there keeps its place, a new one comes where the keys are
 * still sorted, else last; null takes it away. Comments and other lines stay.
 */
export function withValues(text: string, values: ReadonlyMap<string, string | null>): string {
  const keyOf = (line: string): string | undefined => /^\s*([^#=][^=]*?)\s*=/.exec(line)?.[1];
  let lines = linesOf(text);
  for (const [key, value] of values) {
    const place = lines.findIndex((line) => keyOf(line) === key);
    const others = lines.filter((line) => keyOf(line) !== key);
    if (value === null) {
      lines = others;
      continue;
    }
    const later = others.findIndex((line) => (keyOf(line) ?? '') > key);
    const at = place !== -1 ? place : later === -1 ? others.length : later;
    lines = [...others.slice(0, at), `${key}=${value}`, ...others.slice(at)];
  }
  return textOf(lines);
}

/** A users file with a line `DNSn` for each of these names that it lacks, after those it has. */
export function withDomains(text: string, names: readonly string[]): string {
  const lines = linesOf(text);
  const present = new Set<string>();
  let place = 0;
  let highest = 0;
  for (const [index, line] of lines.entries()) {
    const [, number, value = ''] = /^\s*DNS(\d*)\s*=(.*)$/.exec(line) ?? [];
    if (number === undefined) continue;
    present.add(normalName(value.trim()));
    place = index + 1;
    highest = Math.max(highest, Number(number));
  }
  const missing = names.filter((name) => !present.has(name));
  const added = missing.map((name, index) => `DNS${highest + 1 + index}=${name}`);
  return textOf([...lines.slice(0, place), ...added, ...lines.slice(place)]);
}

/** A users file without the lines `DNSn` of these names; `DNS` itself, the main domain, stays. */
export function withoutDomains(text: string, names: ReadonlySet<string>): string {
  return textOf(
    linesOf(text).filter((line) => {
      const [, value = ''] = /^\s*DNS\d+\s*=(.*)$/.exec(line) ?? [];
      return !names.has(normalName(value.trim()));
    }),
  );
}

/** A file of lines `left: right` with the missing pairs, each after the last line of the same right side, else at the end. */
export function withPairs(text: string, lefts: readonly string[], right: string): string {
  const lines = linesOf(text);
  const present = new Set(
    lines.map(pairOf).map((pair) => (pair?.right === right ? normalName(pair.left) : '')),
  );
  const place = lines.findLastIndex((line) => pairOf(line)?.right === right) + 1 || lines.length;
  const added = lefts.filter((left) => !present.has(left)).map((left) => `${left}: ${right}`);
  return textOf([...lines.slice(0, place), ...added, ...lines.slice(place)]);
}

/** A file of lines `left: right` without the pairs that are meant. */
export function withoutPairs(text: string, isMeant: (left: string, right: string) => boolean): string {
  return textOf(
    linesOf(text).filter((line) => {
      const pair = pairOf(line);
      return pair === undefined || !isMeant(normalName(pair.left), pair.right);
    }),
  );
}

/** What a new account's lines in the domain index end in. */
export interface IndexFacts {
  readonly account: string;
  readonly owner: string;
  readonly mainDomain: string;
  readonly ip: string | null;
}

/**
 * `/etc/userdatadomains` with the website's lines. An account with an alias that such a line cannot say (the format
 * knows alias domains only, with their `mail.`) is left out of the file: readers then use its YAML. One that the file
 * lacks already stays out.
 */
export function withWebsiteRows(text: string, placement: WebsitePlacement, facts: IndexFacts): string {
  const lines = linesOf(text);
  const isOwn = (line: string): boolean => parseDomainRow(line)?.account === facts.account;
  const last = lines.findLastIndex(isOwn);
  if (last === -1 && !placement.isFirst) return text;
  if (placement.plainAliases.length > 0) return textOf(lines.filter((line) => !isOwn(line)));
  const { vhost, documentRoot } = placement;
  const tail = tailOf(lines.find((line) => isOwn(line))) ?? newTail(facts.ip);
  const row = (domain: string, type: string, parent: string): string =>
    `${domain}: ${facts.account}==${facts.owner}==${type}==${parent}==${documentRoot}${tail}`;
  const added = [
    row(vhost, placement.kind, placement.kind === 'sub' ? facts.mainDomain : vhost),
    ...placement.parked.map((alias) => row(alias, 'parked', vhost)),
  ];
  const isOfWebsite = (found: DomainRow): boolean =>
    normalName(found.domain) === vhost || (found.type !== 'sub' && normalName(found.parent) === vhost);
  const moved = lines.map((line) => {
    const found = parseDomainRow(line);
    if (found?.account !== facts.account || !isOfWebsite(found)) return line;
    return found.documentRoot === documentRoot ? line : withDocumentRoot(line, documentRoot);
  });
  const known = new Set(lines.filter(isOwn).map((line) => normalName(parseDomainRow(line)?.domain ?? '')));
  const place = last === -1 ? lines.length : last + 1;
  return textOf([
    ...moved.slice(0, place),
    ...added.filter((line) => !known.has(parseDomainRow(line)?.domain ?? '')),
    ...moved.slice(place),
  ]);
}

/** `/etc/userdatadomains` without what is removed. */
export function withoutWebsiteRows(text: string, account: string, removal: WebsiteRemoval): string {
  return textOf(
    linesOf(text).filter((line) => {
      const row = parseDomainRow(line);
      if (row?.account !== account) return true;
      return removal.extent !== 'account' && !removal.names.has(normalName(row.domain));
    }),
  );
}

/** Everything of a line behind its document root. */
function tailOf(line: string | undefined): string | undefined {
  const fields = line?.split('==');
  return fields === undefined || fields.length < 6 ? undefined : `==${fields.slice(5).join('==')}`;
}

function newTail(ip: string | null): string {
  const address = ip ?? '';
  return ip === null ? '====' : `==${address}:80==${address}:443====0==`;
}

function withDocumentRoot(line: string, documentRoot: string): string {
  const fields = line.split('==');
  return [...fields.slice(0, 4), documentRoot, ...fields.slice(5)].join('==');
}

function pairOf(line: string): { readonly left: string; readonly right: string } | undefined {
  const colon = line.indexOf(':');
  if (colon <= 0) return undefined;
  return { left: line.slice(0, colon).trim(), right: line.slice(colon + 1).trim() };
}

function linesOf(text: string): readonly string[] {
  if (text === '') return [];
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
}

function textOf(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}
