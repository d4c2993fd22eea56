import { type AccountName, parseAccountName } from '../../core/domain/account/account-name.js';
import { parseDocumentRoot } from '../../core/domain/account/document-root.js';
import { parseHostName, printable } from '../../core/domain/name/names.js';
import { EXIT } from '../../core/report/check/exit-code.js';
import { counted, listed } from '../../core/report/text/wording.js';
import { addWebsite, takeWebsite, type WebsiteEdit } from '../../runs/edit-websites.js';
import { listWebsites, type WebsiteList } from '../../runs/list-websites.js';
import { openWebsitesHost } from '../host/websites/websites.js';

export interface AddFlags {
  readonly docroot: string;
  readonly alias?: readonly string[];
  readonly json?: boolean;
}
export interface RemoveFlags {
  readonly alias?: readonly string[];
  readonly json?: boolean;
}

/** `autossl website add USER NAME --docroot DIR [--alias N]…`. */
export async function addCommand(user: string, name: string, flags: AddFlags): Promise<number> {
  const account = parseAccountName(user);
  const request = {
    vhost: parseHostName(name),
    documentRoot: parseDocumentRoot(flags.docroot),
    aliases: (flags.alias ?? []).map(parseHostName),
  };
  const host = await openWebsitesHost(process.env, process.getuid?.() ?? 0);
  return show(account, await addWebsite(account, request, host), flags.json === true);
}

/** `autossl website remove USER NAME [--alias N]…`. */
export async function removeCommand(user: string, name: string, flags: RemoveFlags): Promise<number> {
  const account = parseAccountName(user);
  const vhost = parseHostName(name);
  const aliases = (flags.alias ?? []).map(parseHostName);
  const host = await openWebsitesHost(process.env, process.getuid?.() ?? 0);
  return show(account, await takeWebsite(account, vhost, aliases, host), flags.json === true);
}

/** `autossl website list [USER]`. Gives 1 when an account's data is broken: the list lacks its websites. */
export async function listCommand(user: string | undefined, isJson: boolean): Promise<number> {
  const account = user === undefined ? null : parseAccountName(user);
  const host = await openWebsitesHost(process.env, process.getuid?.() ?? 0);
  const list = await listWebsites(account, host.list);
  if (isJson) process.stdout.write(`${JSON.stringify(list, null, 2)}\n`);
  else process.stdout.write(await tableOf(list));
  return list.isComplete ? EXIT.done : EXIT.failed;
}

function show(account: AccountName, edit: WebsiteEdit, isJson: boolean): number {
  for (const warning of edit.warnings) process.stderr.write(`autossl: warning: ${printable(warning)}\n`);
  process.stdout.write(isJson ? `${JSON.stringify(edit, null, 2)}\n` : sentencesOf(account, edit));
  return EXIT.done;
}

const KINDS = { main: 'main domain', sub: 'subdomain', addon: 'addon domain' } as const;

function sentencesOf(account: AccountName, edit: WebsiteEdit): string {
  const { website, outcome, names, certificate, kind } = edit;
  const lines: string[] = [];
  switch (outcome) {
    case 'added':
      lines.push(`${website} is a website of ${account} now${kind === null ? '' : ` (${KINDS[kind]})`}.`);
      break;
    case 'changed':
      lines.push(`${website} of ${account} was changed.`);
      break;
    case 'unchanged':
      lines.push(`${website} of ${account} is so already; nothing was changed.`);
      break;
    case 'aliases-removed':
      lines.push(`${website} of ${account} lost these aliases.`);
      break;
    case 'removed':
      lines.push(`${website} is no website of ${account} any more.`);
      break;
    case 'account-removed':
      lines.push(
        `${website} was the last website of ${account}: its account files were removed, the system user stays.`,
      );
      break;
  }
  if (certificate === null) {
    lines.push(
      'Its certificate stays for 30 days, and then while a web server names it; an order under way is dropped by the next run.',
    );
  } else {
    if (names.length > 0) lines.push(`Names: ${listed(names)}`);
    lines.push(`Certificate (key and chain, one file): ${printable(certificate)}`);
    if (edit.hasNewPlaceholder) {
      lines.push(
        'A self-signed placeholder lies there until the first one comes: the web server may name the file now.',
      );
    }
    if (outcome === 'added') lines.push(`To get it now: autossl_check --user ${account}`);
  }
  return `${lines.join('\n')}\n`;
}

async function tableOf(list: WebsiteList): Promise<string> {
  const notes = [
    ...list.leftOut.map(({ account, why }) => `left out: ${printable(account)}: ${printable(why)}`),
    ...list.faults.map(printable),
  ];
  if (list.websites.length === 0) return `${['no websites', ...notes].join('\n')}\n`;
  const { default: Table } = await import('cli-table3');
  const table = new Table({
    head: ['Account', 'Website', 'Document root', 'Names'],
    style: { head: [], border: [] },
  });
  for (const { account, website, documentRoot, names } of list.websites) {
    table.push([account, website, printable(documentRoot), listed(names, 4)]);
  }
  return `${[table.toString(), counted(list.websites.length, 'website'), ...notes].join('\n')}\n`;
}
