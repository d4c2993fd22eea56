import { isWithin, parseDnsName } from '../../core/domain/name/dns-name.js';
import type { NameStanding } from '../../runs/ports/looks.js';
import type { DnsReply } from './dns-client.js';
import type { ZoneServers } from './zone-servers.js';

/** Places that are asked before a zone counts as silent: a customer may rule its delegation. */
const MAX_ASKED = 4;
/** By what a name's own records are told from those that a wildcard lends it. */
const COMPARED = ['CAA', 'A', 'AAAA', 'MX', 'TXT'] as const;

type Asking = Pick<ZoneServers, 'of' | 'ask'>;

/**
 * How a name stands in a zone, as the zone's own servers say with authority: whether it has records of its own there, or only
 * what a wildcard lends it, which the first record of its own would take away (RFC 4592 section 2.2.1). Never throws.
 */
export async function standingIn(zone: string, name: string, servers: Asking): Promise<NameStanding> {
  const found = await servers.of(zone);
  if ('kind' in found) return 'unknown';
  const places = found.flatMap((server) => server.places).slice(0, MAX_ASKED);
  const standings = await Promise.all(places.map((place) => standingAt(place, zone, name, servers)));
  const known = [...new Set(standings.filter((standing) => standing !== 'unknown'))];
  const [only] = known;
  return only !== undefined && known.length === 1 ? only : 'unknown';
}

async function standingAt(place: string, zone: string, name: string, servers: Asking): Promise<NameStanding> {
  const reply = await servers.ask(place, name, 'SOA');
  if (reply.state === 'failed') return 'unknown';
  if (!reply.isAuthoritative) return isReferral(reply, zone, name) ? 'elsewhere' : 'unknown';
  if (reply.rcode === 'NXDOMAIN') return 'absent';
  if (reply.rcode !== 'NOERROR') return 'unknown';
  // A server may have the zone of a delegated name too, and answers out of that.
  if (apexOf(reply) !== zone) return 'elsewhere';
  if (name === zone) return 'own';
  const wildcard = `*${name.slice(name.indexOf('.'))}`;
  const lent = await servers.ask(place, wildcard, 'SOA');
  if (lent.state === 'failed' || !lent.isAuthoritative) return 'unknown';
  if (lent.rcode === 'NXDOMAIN') return 'own';
  for (const type of COMPARED) {
    const [here, there] = await Promise.all([
      servers.ask(place, name, type),
      servers.ask(place, wildcard, type),
    ]);
    const own = dataOf(here, name);
    const borrowed = dataOf(there, wildcard);
    if (own === null || borrowed === null) return 'unknown';
    if (own !== borrowed) return 'own';
  }
  return 'lent';
}

/** Apex of the zone out of which an answer without data (or with the SOA record itself) comes (RFC 2308 section 3). */
function apexOf(reply: DnsReply): string | null {
  if (reply.state === 'failed') return null;
  const soa = [...reply.answers, ...reply.authorities].find(({ type }) => type === 'SOA');
  return soa === undefined ? null : parseDnsName(soa.name);
}

/** RFC 1034 section 4.3.2: the servers of a zone below are named. */
function isReferral(reply: DnsReply, zone: string, name: string): boolean {
  const authorities = reply.state === 'answered' ? reply.authorities : [];
  return authorities.some((record) => {
    const cut = record.type === 'NS' ? parseDnsName(record.name) : null;
    return cut !== null && cut !== zone && isWithin(cut, zone) && isWithin(name, cut);
  });
}

/** The records of an authoritative answer, comparable; null: it is none. */
function dataOf(reply: DnsReply, name: string): string | null {
  if (reply.state === 'failed' || !reply.isAuthoritative || reply.rcode !== 'NOERROR') return null;
  const own = reply.answers.filter((record) => record.name.toLowerCase().replace(/\.$/, '') === name);
  return own
    .map((record) => JSON.stringify([record.type, 'data' in record ? record.data : null]))
    .sort()
    .join('\n');
}
