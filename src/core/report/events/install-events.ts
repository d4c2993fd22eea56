import { printable } from '../../domain/name/names.js';
import type { WebsiteRef } from '../../domain/website/website.js';
import type { ServedVerdict } from '../../plan/served/served.js';
import { listed, quoted } from '../text/wording.js';
import type { RunEvent } from './event.js';
import { websiteWaits } from './work-events.js';

const refOf = ({ account, vhost }: WebsiteRef) => ({ account, vhost });

type NotServed = Extract<ServedVerdict, { served: false }>;

/** `server`: how it calls itself. */
export function serverReloaded(server: string): RunEvent {
  return {
    type: 'success',
    code: 'SERVER_RELOADED',
    indent: 0,
    contents: `${sentenceStart(server)} was reloaded.`,
  };
}

/** Its configuration does not pass its own test, whatever we publish. */
export function serverConfigBroken(server: string, why: string, waiting: number, isRetried = true): RunEvent {
  return {
    type: 'error',
    code: 'SERVER_CONFIG_BROKEN',
    indent: 0,
    fault: 'ours',
    contents: `${sentenceStart(server)} is left alone, its configuration does not pass its own test: ${printable(why)}.${isRetried ? waitingClause(waiting) : ''} Repair the configuration${isRetried ? '; the next run goes on without a new order' : ''}.`,
  };
}

/** The server refused to reload or died of it; what became of it then stands in `why`. */
export function serverReloadFailed(server: string, why: string, waiting: number, isRetried = true): RunEvent {
  return {
    type: 'error',
    code: 'RELOAD_FAILED',
    indent: 0,
    fault: 'ours',
    contents: `The reload of ${printable(server)} failed: ${printable(why)}.${waiting > 0 ? ` What lay there before lies there again.${isRetried ? waitingClause(waiting) : ''}` : ''} Look into its error log${isRetried ? '; the next run tries again without a new order' : ''}.`,
  };
}

/** A server that is not there when it should reload. */
export function serverNotRunning(server: string): RunEvent {
  return {
    type: 'error',
    code: 'SERVER_NOT_RUNNING',
    indent: 0,
    fault: 'ours',
    contents: `${sentenceStart(server)} does not run. The new certificates are in place and are loaded when it is started.`,
  };
}

/** Nobody knows of a server: what is on disk may not be in use. `isExpected`: one should run, and it is looked for again. */
export function noWebServer(isExpected: boolean): RunEvent {
  return {
    type: isExpected ? 'error' : 'warn',
    code: 'NO_WEB_SERVER',
    indent: 0,
    ...(isExpected ? { fault: 'ours' as const } : {}),
    contents: isExpected
      ? 'New certificates are in place, but neither nginx nor Apache was found running: nobody loaded them. Start the web server, or say in /etc/autossl.yaml how it is reloaded (webServer).'
      : 'New certificates are in place; no web server is known here, so it must be reloaded by other means (webServer in /etc/autossl.yaml).',
  };
}

/** A website whose certificate is not touched because a server as a whole is in trouble; that is said once for all. */
export function installWaits(website: WebsiteRef): RunEvent {
  return websiteWaits(
    website,
    'SERVER_IN_TROUBLE',
    'its new certificate is staged until the web server is repaired.',
    null,
  );
}

/** One pair that could not be installed: the fault is told, what lay there before lies there. */
export function installFailed(website: WebsiteRef, code: string, why: string, advice: string): RunEvent {
  return {
    type: 'error',
    code,
    indent: 1,
    ...refOf(website),
    fault: 'ours',
    contents: `${quoted(website.vhost)}: ${printable(why)}. ${advice}`,
    data: { advice },
  };
}

/** In place, but something else answers. The files stay and nothing is ordered again. */
export function publishedNotServed(website: WebsiteRef, verdict: NotServed): RunEvent {
  return {
    type: 'error',
    code: 'PUBLISHED_NOT_SERVED',
    indent: 1,
    ...refOf(website),
    fault: 'ours',
    contents: `${quoted(website.vhost)} has its certificate, but it is not served: ${verdict.message}. ${verdict.advice}`,
    data: { served: verdict.code, advice: verdict.advice },
  };
}

/** A website that was not served when it was last asked for. */
export function nowServed(website: WebsiteRef): RunEvent {
  return {
    type: 'success',
    code: 'NOW_SERVED',
    indent: 1,
    ...refOf(website),
    contents: `${quoted(website.vhost)} is served with its certificate by now.`,
  };
}

/** Names of the certificate for which no site of the web server is there: they are told, and cost nothing. */
export function namesWithoutSite(website: WebsiteRef, names: readonly string[]): RunEvent {
  return {
    type: 'out',
    code: 'NAMES_WITHOUT_SITE',
    indent: 2,
    ...refOf(website),
    contents: `No site with TLS has ${listed(names)}.`,
    data: { names },
  };
}

/** A post hook that failed: the installation stands. */
export function postHookFailed(website: WebsiteRef, why: string): RunEvent {
  return {
    type: 'warn',
    code: 'POST_HOOK_FAILED',
    indent: 2,
    ...refOf(website),
    contents: `${quoted(website.vhost)}: the hook after the installation failed: ${printable(why)}.`,
  };
}

/** A self-signed pair where there was nothing, so that a server that names the file can start. */
export function placeholderPlaced(website: WebsiteRef): RunEvent {
  return {
    type: 'out',
    code: 'PLACEHOLDER_PLACED',
    indent: 1,
    ...refOf(website),
    contents: `${quoted(website.vhost)} has a self-signed placeholder until its certificate comes.`,
  };
}

function waitingClause(waiting: number): string {
  if (waiting === 0) return '';
  return waiting === 1 ? ' One certificate waits, staged.' : ` ${waiting} certificates wait, staged.`;
}

function sentenceStart(text: string): string {
  const plain = printable(text);
  return plain.startsWith('the ') ? `T${plain.slice(1)}` : plain;
}
