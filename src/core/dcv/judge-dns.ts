import type { FaultSide } from '../domain/fault-side.js';
import { printable, quoteForMessage, type WantedName } from '../domain/name/names.js';
import { adviceFor } from './advice.js';
import type { RecordTrouble, ServerView } from './dns-observation.js';
import type { DcvOutcome, DnsFailureCode } from './outcome.js';

/** Servers that a sentence lists before it counts the rest. */
const LISTED_SERVERS = 4;
const MS_PER_SECOND = 1000;
/** Of what a program or an API said, so much reaches a message. */
const SHOWN_CHARACTERS = 300;

/** What a trouble amounts to. Texts are printable. */
export interface DnsFailure {
  readonly code: DnsFailureCode;
  /** One clause, that what is validated by DNS could not be. */
  readonly message: string;
  readonly advice: string;
  readonly fault: FaultSide;
}

/** Judges what stood in the way of a TXT record; who can mend it: what edits zones is root's, what DNS says the owner's. */
export function judgeRecordTrouble(trouble: RecordTrouble): DnsFailure {
  switch (trouble.kind) {
    case 'no-zone':
      return {
        code: 'NO_LOCAL_AUTHORITY',
        message: `no local authority: ${shown(trouble.why)}`,
        advice: `Delegate ${shown(trouble.recordName)} by CNAME to a zone that this server edits, or have its own zone edited from here (“dns.editors” in /etc/autossl.yaml).`,
        fault: 'owner',
      };
    case 'editor-silent':
      return {
        code: 'DNS_UPDATE_REFUSED',
        message: `which zones are edited here is not known: ${shown(trouble.why)}`,
        advice: 'See that what “dns.editors” in /etc/autossl.yaml names is running and lets us in.',
        fault: 'ours',
      };
    case 'resolver-silent':
      return {
        code: 'DNS_TIMED_OUT',
        message: `this server’s resolvers do not answer for ${shown(trouble.name)}`,
        advice: 'Check “resolvers” in /etc/autossl.yaml or /etc/resolv.conf.',
        fault: 'ours',
      };
    case 'delegation':
      return {
        code: 'DELEGATION_BROKEN',
        message: shown(trouble.why),
        advice: `Correct the CNAME record of ${shown(trouble.recordName)}: it must lead to a challenge record, or into a domain of “dns.delegations”, that this server edits.`,
        fault: 'owner',
      };
    case 'not-delegated':
      return {
        code: 'DELEGATION_BROKEN',
        message: `the zone ${shown(trouble.zone)} is edited here, but DNS does not lead to it: ${shown(trouble.why)}`,
        advice: `Have ${shown(trouble.zone)} delegated to name servers that serve the zone edited here, or take it out of “dns.editors”.`,
        fault: 'owner',
      };
    case 'update-refused':
      return judgeRefusal(trouble);
    case 'not-seen':
      return notSeen(trouble);
    case 'not-resolved':
      return {
        code: 'DNS_SERVFAIL',
        message: `the name servers of ${shown(trouble.zone)} show the record, but resolvers get no answer (${shown(trouble.rcode)})`,
        advice: `Have the DNSSEC of ${shown(trouble.zone)} repaired: its signatures do not verify, or the DS records at its registrar are old.`,
        fault: 'owner',
      };
  }
}

/** What the owner of a name wrote into DNS is the owner's to mend; else what edits zones is root's. */
function judgeRefusal(trouble: Extract<RecordTrouble, { kind: 'update-refused' }>): DnsFailure {
  const code = 'DNS_UPDATE_REFUSED';
  const message = `the zone ${shown(trouble.zone)} could not be changed by ${shown(trouble.editor)}: ${shown(trouble.why)}`;
  const { crowdedName, delegatedFrom, zone } = trouble;
  if (crowdedName !== undefined) {
    return {
      code,
      message: `${message}; very many TXT records lie at ${shown(crowdedName)} already`,
      advice: `Remove the TXT records of ${shown(crowdedName)} that nobody needs: there is no room for another.`,
      fault: 'owner',
    };
  }
  if (delegatedFrom !== undefined) {
    return {
      code,
      message: `${message}; the CNAME record of ${shown(delegatedFrom)} leads there`,
      advice: `Remove the CNAME record of ${shown(delegatedFrom)}, or let it lead to a record that this server may edit.`,
      fault: 'owner',
    };
  }
  return {
    code,
    message,
    advice: `See that what “dns.editors” in /etc/autossl.yaml says of ${shown(zone)} is right: the server, its key, and what that key may change.`,
    fault: 'ours',
  };
}

/** Of a wildcard where nothing edits zones. */
export function noEditor(name: WantedName): DnsFailure {
  const host = shown(name);
  return {
    code: 'WILDCARD_NEEDS_DNS',
    message: 'no zones are edited from this server',
    advice: adviceFor('WILDCARD_NEEDS_DNS', { host, address: null, isElsewhere: false }),
    fault: 'owner',
  };
}

/** Of a wildcard below a domain that is another account's: the zone may be edited here, but not for this account. */
export function domainOfAnother(name: WantedName, domain: string): DnsFailure {
  return {
    code: 'DOMAIN_OF_ANOTHER_ACCOUNT',
    message: `${shown(domain)} belongs to another account of this server`,
    advice: `Take ${shown(name)} out of this website, or have ${shown(domain)} given to this account.`,
    fault: 'owner',
  };
}

/** The outcome for a name that could not be validated by DNS. */
export function failedByDns(name: WantedName, failure: DnsFailure): DcvOutcome {
  const { code, message, advice, fault } = failure;
  return {
    name,
    passed: false,
    method: 'dns-01',
    code,
    message: `${name} cannot be validated by DNS: ${message}`,
    advice,
    isConclusive: true,
    fault,
  };
}

/** A name that failed over HTTP and then by DNS keeps the code of the first, which is the usual way, and says both. */
export function failedBothWays(outcome: FailedOutcome, failure: DnsFailure): DcvOutcome {
  // What root has to do is no advice to the owner.
  const isAdvice = failure.code !== 'NO_LOCAL_AUTHORITY' && failure.fault === 'owner';
  const more = isAdvice ? ` Or: ${failure.advice}` : '';
  return {
    ...outcome,
    message: `${outcome.message}; nor by DNS: ${failure.message}`,
    advice: `${outcome.advice}${more}`,
  };
}

export type FailedOutcome = Extract<DcvOutcome, { readonly passed: false }>;

/**
 * Whether a name that failed over HTTP is tried by DNS: not one that does not exist, which ends it (behaviour section 15,
 * 5), nor an address.
 */
export function mayTryByDns(outcome: FailedOutcome): boolean {
  return outcome.code !== 'NXDOMAIN' && !/[:]|^[0-9.]+$/.test(outcome.name);
}

function notSeen({
  zone,
  recordName,
  servers,
  waitedMs,
}: Extract<RecordTrouble, { kind: 'not-seen' }>): DnsFailure {
  const lacking = servers.filter(({ saw }) => saw !== 'values');
  const [only] = lacking;
  return {
    code: 'DNS_NOT_PROPAGATED',
    message: `the record ${shown(recordName)} was placed, but after ${Math.round(waitedMs / MS_PER_SECOND)} seconds ${listed(lacking)}`,
    advice:
      only !== undefined && lacking.length === 1
        ? `Look at the name server ${shown(only.server)} of ${shown(zone)}: it must take over changes, or be taken out of the NS records.`
        : `Look at the name servers of ${shown(zone)}: they must take over changes of the zone that is edited here, or be taken out of the NS records.`,
    fault: 'owner',
  };
}

const VIEWS: Readonly<Record<ServerView['saw'], string>> = {
  values: 'shows it',
  missing: 'does not show it',
  refused: 'does not serve the zone',
  silent: 'does not answer',
  unasked:
    'is not asked, as its address is not of the public internet (“dns.authoritative” can name another)',
};

function listed(servers: readonly ServerView[]): string {
  if (servers.length === 0) return 'no name server shows it';
  const rest = servers.length - LISTED_SERVERS;
  const named = servers.slice(0, LISTED_SERVERS).map(({ server, saw }) => `${shown(server)} ${VIEWS[saw]}`);
  return named.join(', ') + (rest > 0 ? `, and ${rest} more` : '');
}

/** A warning for each server that shows nothing although the others do. */
export function serverWarnings(zone: string, servers: readonly ServerView[]): readonly string[] {
  return servers
    .filter(({ saw }) => saw !== 'values')
    .map(({ server, saw }) => `name server ${shown(server)} of ${quoteForMessage(zone)} ${VIEWS[saw]}`);
}

function shown(text: string): string {
  const line = printable(text);
  return line.length > SHOWN_CHARACTERS ? `${line.slice(0, SHOWN_CHARACTERS)}…` : line;
}
