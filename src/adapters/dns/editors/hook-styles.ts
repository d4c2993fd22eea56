import { domainOfChallengeRecord } from '../../../core/dcv/dns-challenge.js';
import type { DnsEditorSettings, DnsHookStyle } from '../../../runs/ports/settings.js';
import type { ZoneChange } from '../../../runs/ports/zones.js';

export type HookSettings = Extract<DnsEditorSettings, { kind: 'hook' }>;

/** One change among others that the hook is told one after the other. */
export interface HookTurn {
  readonly change: ZoneChange;
  readonly apex: string;
  /** Changes of the same kind that follow. */
  readonly remaining: number;
  /** Domains of all changes of this kind. */
  readonly domains: readonly string[];
  /** What the hook printed when it placed this record; empty: not known. */
  readonly printedBefore: string;
}

/** How a program is called for one change. */
export interface HookCall {
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Files that it reads as programs, besides `argv[0]`. */
  readonly scripts: readonly string[];
}

/**
 * The text that a clean shell runs for the style `acme.sh`: it never changes, and what differs is in the environment.
 * acme.sh calls what it is given as arguments: it is given none, prints its help, and its functions are there.
 */
const SOURCING = `set --
if [ -n "$AUTOSSL_ACME_SH" ]; then
  . "$AUTOSSL_ACME_SH" >/dev/null 2>&1
  _initpath >/dev/null 2>&1
fi
. "$AUTOSSL_DNS_API"
"$AUTOSSL_DNS_FUNCTION" "$AUTOSSL_DNS_RECORD" "$AUTOSSL_DNS_VALUE"
`;
const SHELL = '/bin/sh';

/** How each style is called; null: this style has no way to say where the record goes. */
const STYLES: Readonly<Record<DnsHookStyle, (settings: HookSettings, turn: HookTurn) => HookCall | null>> = {
  autossl: ({ command }, { change, apex }) =>
    plain([...command, change.op === 'add' ? 'present' : 'cleanup', change.name, change.value, apex]),
  // https://go-acme.github.io/lego/dns/exec: the name with its final dot.
  lego: ({ command }, { change }) =>
    plain([...command, change.op === 'add' ? 'present' : 'cleanup', `${change.name}.`, change.value]),
  // The argument between is the name of a file, which DNS has no use for: the value is as good a word as any.
  dehydrated: ({ command }, { change }) => {
    const domain = domainOfChallengeRecord(change.name);
    if (domain === null) return null;
    const operation = change.op === 'add' ? 'deploy_challenge' : 'clean_challenge';
    return plain([...command, operation, domain, change.value, change.value]);
  },
  certbot: ({ command, cleanupCommand }, { change, remaining, domains, printedBefore }) => {
    const domain = domainOfChallengeRecord(change.name);
    if (domain === null) return null;
    const isAdd = change.op === 'add';
    return {
      argv: isAdd ? command : (cleanupCommand ?? []),
      scripts: [],
      environment: {
        CERTBOT_DOMAIN: domain,
        CERTBOT_IDENTIFIER: domain,
        CERTBOT_VALIDATION: change.value,
        CERTBOT_REMAINING_CHALLENGES: String(remaining),
        CERTBOT_ALL_DOMAINS: domains.join(','),
        CERTBOT_ALL_IDENTIFIERS: domains.join(','),
        ...(isAdd ? {} : { CERTBOT_AUTH_OUTPUT: printedBefore }),
      },
    };
  },
  'acme.sh': ({ command, acmeSh }, { change }) => {
    const [script = ''] = command;
    const name = (script.split('/').at(-1) ?? '').replace(/\.sh$/, '');
    return {
      argv: [SHELL, '-c', SOURCING],
      scripts: acmeSh === null ? [script] : [acmeSh, script],
      environment: {
        ...(acmeSh === null ? { AUTOSSL_ACME_SH: '' } : acmeShEnvironment(acmeSh)),
        AUTOSSL_DNS_API: script,
        AUTOSSL_DNS_FUNCTION: `${name}_${change.op === 'add' ? 'add' : 'rm'}`,
        AUTOSSL_DNS_RECORD: change.name,
        AUTOSSL_DNS_VALUE: change.value,
      },
    };
  },
};

/** How the program is called; null when the style cannot name this record. */
export function hookCallFor(settings: HookSettings, turn: HookTurn): HookCall | null {
  return STYLES[settings.style](settings, turn);
}

/** Where acme.sh keeps what its DNS APIs were told once: beside its main script. */
function acmeShEnvironment(acmeSh: string): Readonly<Record<string, string>> {
  const home = acmeSh.slice(0, acmeSh.lastIndexOf('/')) || '/';
  return { AUTOSSL_ACME_SH: acmeSh, LE_WORKING_DIR: home, LE_CONFIG_HOME: home };
}

function plain(argv: readonly string[]): HookCall {
  return { argv, environment: {}, scripts: [] };
}
