import type { CaaLookup, CaaLookupFault, CaaRecord } from '../../core/caa/observation.js';
import type { DnsRecord, DnsReply } from './dns-client.js';
import type { DnsFault } from './dns-exchange.js';

/** Longest chain of aliases that resolvers follow. */
const MAX_ALIASES = 16;

const FAULTS: Readonly<Record<DnsFault, CaaLookupFault>> = {
  ETIMEOUT: 'TIMED_OUT',
  ECANCELLED: 'TIMED_OUT',
  ECONNREFUSED: 'UNREACHABLE',
  EBADRESP: 'BAD_ANSWER',
};

/** What an answer to the question for a name's CAA records shows. */
export function caaLookupOf(name: string, reply: DnsReply): CaaLookup {
  if (reply.state === 'failed') return { state: 'failed', name, fault: FAULTS[reply.fault] };
  const { rcode, answers } = reply;
  if (rcode !== 'NOERROR' && rcode !== 'NXDOMAIN') {
    const fault = rcode === 'SERVFAIL' || rcode === 'REFUSED' ? rcode : 'BAD_ANSWER';
    return { state: 'failed', name, fault };
  }
  const owner = endOfAliases(name, answers);
  if (owner === null) return { state: 'failed', name, fault: 'ALIAS_LOOP' };
  return { state: 'answered', name, owner, records: recordsAt(owner, answers) };
}

/** Where the aliases of an answer lead (DNAMEs come with the CNAMEs that they amount to, RFC 6672); null: in a circle. */
function endOfAliases(name: string, answers: readonly DnsRecord[]): string | null {
  const targets = new Map(
    answers.flatMap((one) => (one.type === 'CNAME' ? [[bare(one.name), bare(one.data)] as const] : [])),
  );
  let at = bare(name);
  for (let step = 0; step <= MAX_ALIASES; step += 1) {
    const target = targets.get(at);
    if (target === undefined) return at;
    at = target;
  }
  return null;
}

function recordsAt(owner: string, answers: readonly DnsRecord[]): CaaRecord[] {
  return answers.flatMap((one) =>
    one.type === 'CAA' && bare(one.name) === owner
      ? [{ flags: one.data.flags ?? 0, tag: one.data.tag, value: one.data.value }]
      : [],
  );
}

function bare(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}
