import { printable } from '../domain/name/names.js';
import type { AdoptedWebsite, AdoptionPlan, FoundCertificate } from '../plan/adoption/adoption.js';
import type { SkippedName } from '../plan/adoption/adoption-groups.js';
import { certificateLines } from '../plan/adoption/adoption-lines.js';
import type { WebServerKind } from '../plan/served/server-site.js';
import { challengeMapping } from './challenge-mapping.js';
import { counted, listed } from './text/wording.js';

/** What an adoption's plan and its carrying out have in common. */
export interface AdoptionSummary extends AdoptionPlan {
  readonly from: WebServerKind;
  readonly server: string;
  readonly challengeFolder: string | null;
}

/** What became of a website of the plan. */
export interface AdoptionOutcome {
  readonly website: string;
  readonly account: string | null;
  readonly outcome: 'done' | 'unchanged' | 'failed';
  readonly certificate: 'recorded' | 'copied' | 'placeholder' | null;
  readonly why: string | null;
}

const ACTIONS: Readonly<Record<AdoptedWebsite['action'], string>> = {
  add: 'add',
  extend: 'extend',
  present: 'there',
  refused: 'CANNOT',
};
const ACTION_WIDTH = 8;
const INDENT = ' '.repeat(ACTION_WIDTH + 1);
/** A certificate's name that may stand in a command line as it is. */
const PLAIN_WORD = /^[A-Za-z0-9*][A-Za-z0-9._*-]*$/;

/** The plan for people. */
export function renderAdoptionPlan(plan: AdoptionSummary): string {
  const accounts = new Set(plan.websites.flatMap(({ account }) => account ?? []));
  const head = `${printable(plan.server)}: ${counted(plan.websites.length, 'website')}, ${counted(accounts.size, 'account')}`;
  return [
    `${head}.`,
    ...plan.websites.flatMap((website) => ['', ...websiteLines(website, plan.from)]),
    ...titled('Left out:', plan.skipped.map(skippedLine)),
    ...titled('Others that renew these certificates:', managerLines(plan.websites)),
    ...mappingLines(plan),
    ...namingLines(plan.websites),
    '',
  ].join('\n');
}

/** What was done, for people. */
export function renderAdoptionResults(results: readonly AdoptionOutcome[]): string {
  const failed = results.filter(({ outcome }) => outcome === 'failed');
  const done = results.filter(({ outcome }) => outcome === 'done');
  const recorded = done.filter(({ certificate }) => certificate === 'recorded');
  const sentences = [
    `${counted(done.length, 'website')} adopted, ${counted(recorded.length, 'certificate')} recorded as ours`,
    `${results.length - done.length - failed.length} there already`,
    ...(failed.length > 0 ? [`${failed.length} not adopted`] : []),
  ];
  return [
    ...failed.map(({ website, why }) => `${'CANNOT'.padEnd(ACTION_WIDTH)} ${website}: ${why ?? ''}`),
    `${sentences.join(', ')}.`,
    '',
  ].join('\n');
}

function websiteLines(website: AdoptedWebsite, server: WebServerKind): readonly string[] {
  const owner = website.account === null ? '' : ` (${website.account})`;
  const details = [
    ...(website.why === null ? [] : [`${printable(website.why)}.`, printable(website.advice ?? '')]),
    `names: ${listed(website.names)}`,
    ...(website.action === 'extend' ? [`new names: ${listed(website.newNames)}`] : []),
    ...website.leftOut.map(({ name, why }) => `without ${name}: ${printable(why)}`),
    `document root: ${printable(website.documentRoot)}`,
    ...certificateText(website),
    ...website.notes.map((note) => `note: ${printable(note)}`),
    ...changeLines(website, server),
  ];
  return [
    `${ACTIONS[website.action].padEnd(ACTION_WIDTH)} ${website.website}${owner}`,
    ...details.map((line) => `${INDENT}${line}`),
  ];
}

function certificateText(website: AdoptedWebsite): readonly string[] {
  const { certificate, combinedFile, action, sites, changes } = website;
  if (certificate === null) {
    const namesOurs = sites.some(({ isTls }) => isTls) && changes.length === 0;
    return [
      `certificate: ${namesOurs ? 'its sites name our file already' : 'none yet; the next run gets one'}`,
    ];
  }
  const { step, why, certificateFile, manager, warnings } = certificate;
  const who = manager === null ? '' : ` (${manager.program}: ${printable(manager.name)})`;
  const source = `from ${printable(certificateFile)}${who}`;
  const text = {
    found: `certificate: ${why === null ? facts(certificate) : printable(why)}`,
    record: `certificate: becomes ours and is kept until its renewal is due: ${facts(certificate)}`,
    copy: `certificate: bought; no run replaces it, what is bought next goes into our file: ${facts(certificate)}`,
    done: `certificate: there already: ${facts(certificate)}`,
    'keep-present': `certificate: another one lies at ${printable(combinedFile)} already, and stays`,
    none: `certificate: not taken, the next run gets another: ${printable(why ?? '')}`,
  }[action === 'refused' ? 'found' : step];
  return [text, `  ${source}`, ...warnings.map((warning) => `  warning: ${printable(warning)}`)];
}

function facts({ issuer, notAfter, names }: FoundCertificate): string {
  return `${printable(issuer ?? '')}, until ${notAfter?.slice(0, 10) ?? ''}, for ${listed(names, 4)}`;
}

function changeLines(
  { changes, sites, combinedFile, action }: AdoptedWebsite,
  server: WebServerKind,
): readonly string[] {
  if (action === 'refused') return [];
  if (!sites.some(({ isTls }) => isTls)) {
    const [first] = sites;
    const how =
      server === 'nginx' ? '“listen 443 ssl;” and' : 'a <VirtualHost *:443> with “SSLEngine on” and';
    return [
      `then, since no site with TLS has it: give that at ${place(first)} ${how}`,
      ...certificateLines(server, combinedFile).map((line) => `    ${line}`),
    ];
  }
  return changes.flatMap((change) => [
    `then, in the site at ${place(change)}, in place of its ${change.replaces.join(', ')}:`,
    ...change.lines.map((line) => `    ${line}`),
  ]);
}

function place(at: { readonly file: string; readonly line: number } | undefined): string {
  return at === undefined ? '' : `${printable(at.file)}:${at.line}`;
}

function skippedLine(skipped: SkippedName): string {
  const name = skipped.name === null ? 'a site' : printable(skipped.name);
  return `  ${name} at ${place(skipped)}: ${printable(skipped.why)}`;
}

/** Two that renew do no harm to each other; who reads the files of the other one decides what is served. */
function managerLines(websites: readonly AdoptedWebsite[]): readonly string[] {
  const lines = new Map<string, string>();
  for (const { certificate } of websites) {
    const manager = certificate?.manager ?? null;
    if (manager === null) continue;
    const { program, name } = manager;
    lines.set(`${program} ${name}`, `  ${managerLine(program, name)}`);
  }
  return [...lines.values()];
}

function managerLine(program: 'certbot' | 'acme.sh', name: string): string {
  const shown = printable(name);
  const command = program === 'certbot' ? 'certbot delete --cert-name' : 'acme.sh --remove -d';
  const stop = PLAIN_WORD.test(name) ? `: ${command} ${name}` : '';
  return `${program} goes on renewing ${shown} for itself, which does no harm. Once no site names its files any more, stop it${stop}`;
}

function mappingLines({ from, challengeFolder, websites, skipped }: AdoptionSummary): readonly string[] {
  if (challengeFolder === null || (websites.length === 0 && skipped.length === 0)) return [];
  const plain = websites.flatMap(({ sites }) => sites.filter(({ isTls }) => !isTls));
  const places = [...new Set(plain.map(place))];
  const where =
    from === 'apache'
      ? 'once for all sites:'
      : places.length === 0
        ? 'in every site on port 80:'
        : `in the sites on port 80, at ${listed(places)}:`;
  return titled(
    `Before the first run the challenges are mapped (whether they are cannot be seen here), ${where}`,
    [...challengeMapping(from, challengeFolder).map((line) => `    ${line}`)],
  );
}

/** Why the lines are to be changed, told once. */
function namingLines(websites: readonly AdoptedWebsite[]): readonly string[] {
  if (!websites.some(({ changes, action }) => action !== 'refused' && changes.length > 0)) return [];
  return [
    '',
    'The lines marked “then” are changed once the files are there, after --apply: from its first renewal here on, only the',
    'website’s own file in apache_tls is renewed, and what the site names now is served until it expires.',
  ];
}

function titled(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', title, ...lines];
}
