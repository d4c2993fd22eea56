import { challengeRecordOf, delegationTo } from '../../core/dcv/dns-challenge.js';
import { isCrowd, type RecordPlace, type RecordTrouble } from '../../core/dcv/dns-observation.js';
import { isWithin, parseDnsName } from '../../core/domain/name/dns-name.js';
import { quoteForMessage, type WantedName } from '../../core/domain/name/names.js';
import type { EditableZone, NoZone, ZoneEditor } from '../../runs/ports/zones.js';
import type { DnsReply } from './dns-client.js';
import { standingIn } from './name-standing.js';
import { type NameServer, textsOf, type ZoneServers } from './zone-servers.js';

/** As long a chain as resolvers of CAs follow. */
const MAX_DELEGATIONS = 8;

export interface RecordPlacesSettings {
  readonly editors: ZoneEditor;
  readonly servers: ZoneServers;
  /** Domains that are there for challenges to be delegated into. */
  readonly delegations: readonly string[];
}

/** Places that are asked before a zone counts as silent: who rules a delegation must not keep us waiting. */
const MAX_ASKED = 4;

/** The target of a CNAME record; null: there is none. */
type Alias = { readonly target: string | null } | { readonly trouble: RecordTrouble };

/**
 * Finds where the TXT record of a name's challenge goes: `_acme-challenge` below it, or where its owner delegated that by
 * CNAME. In zones of ours their own servers are asked and no resolver, which would remember that nothing is there yet.
 */
export async function placeOfRecord(
  name: WantedName,
  settings: RecordPlacesSettings,
  signal?: AbortSignal,
): Promise<RecordPlace | RecordTrouble> {
  const asked = challengeRecordOf(name);
  const way = [asked];
  for (let recordName = asked; ; ) {
    const zone = await settings.editors.zoneOf(recordName);
    const alias = await aliasOf(recordName, zone, settings.servers, signal);
    if ('trouble' in alias) return alias.trouble;
    if (alias.target === null) return await placeAt(name, way, zone, settings);
    const target = parseDnsName(alias.target);
    const broken = (why: string): RecordTrouble => ({ kind: 'delegation', recordName: asked, why });
    if (target === null) {
      return broken(
        `${quoteForMessage(recordName)} leads to ${quoteForMessage(alias.target)}, where no record is placed`,
      );
    }
    if (way.includes(target))
      return broken(`${quoteForMessage(asked)} leads round in a circle of CNAME records`);
    if (way.length > MAX_DELEGATIONS)
      return broken(`${quoteForMessage(asked)} leads over too many CNAME records`);
    way.push(target);
    recordName = target;
  }
}

async function placeAt(
  name: WantedName,
  way: readonly string[],
  zone: EditableZone | NoZone,
  { delegations, servers }: RecordPlacesSettings,
): Promise<RecordPlace | RecordTrouble> {
  const [asked = ''] = way;
  const recordName = way.at(-1) ?? asked;
  if ('fault' in zone) {
    if (zone.isUnsure === true) return { kind: 'editor-silent', why: zone.fault };
    const by = recordName === asked ? '' : `, to which ${quoteForMessage(asked)} is delegated`;
    return { kind: 'no-zone', recordName: asked, why: `${zone.fault}${by}` };
  }
  const crowded = isCrowd(await textsAt(zone.apex, recordName, servers)) ? { isCrowded: true as const } : {};
  const place = { name, recordName, zone: zone.apex, ...crowded };
  if (recordName === asked) return place;
  const delegation = delegationTo(recordName, delegations);
  const isPlace =
    delegation.mayBe === 'where-exists'
      ? (await standingIn(zone.apex, delegation.domain, servers)) === 'own'
      : delegation.mayBe === 'yes';
  if (isPlace) return delegation.mayBe === 'yes' ? place : { ...place, delegatedFrom: asked };
  const why = `${quoteForMessage(asked)} leads to ${quoteForMessage(recordName)}, which is no place for challenges`;
  return { kind: 'delegation', recordName: asked, why };
}

/** The texts that lie at a name, as the first of the zone's servers that answers shows them. */
export async function textsAt(
  zone: string,
  recordName: string,
  servers: ZoneServers,
): Promise<readonly string[]> {
  const found = await servers.of(zone);
  for (const place of 'kind' in found ? [] : inTurns(found).slice(0, MAX_ASKED)) {
    const reply = await servers.ask(place, recordName, 'TXT');
    if (reply.state === 'answered' && reply.isAuthoritative) return textsOf(reply.answers, recordName);
  }
  return [];
}

async function aliasOf(
  recordName: string,
  zone: EditableZone | NoZone,
  servers: ZoneServers,
  signal: AbortSignal | undefined,
): Promise<Alias> {
  if (!('fault' in zone)) return aliasInZone(recordName, zone.apex, servers, signal);
  const reply = await servers.resolve(recordName, 'CNAME', signal);
  signal?.throwIfAborted();
  if (reply.state === 'failed') return { trouble: { kind: 'resolver-silent', name: recordName } };
  return { target: targetIn(reply, recordName) };
}

/** Where a CNAME record of a name in a zone of ours leads. */
export async function aliasInZone(
  recordName: string,
  zone: string,
  servers: ZoneServers,
  signal: AbortSignal | undefined,
): Promise<Alias> {
  const found = await servers.of(zone);
  if ('kind' in found) return { trouble: found };
  for (const place of inTurns(found).slice(0, MAX_ASKED)) {
    const reply = await servers.ask(place, recordName, 'CNAME', signal);
    signal?.throwIfAborted();
    if (reply.state === 'failed') continue;
    if (reply.isAuthoritative) return { target: targetIn(reply, recordName) };
    const cut = cutBelow(reply, recordName, zone);
    if (cut !== null) {
      const why = `${quoteForMessage(cut)} is delegated to name servers that are not edited from here`;
      return { trouble: { kind: 'no-zone', recordName, why } };
    }
  }
  return { trouble: { kind: 'not-delegated', zone, why: 'none of its name servers serves it' } };
}

/** The first place of each server, then the second of each, and so on. */
function inTurns(servers: readonly NameServer[]): readonly string[] {
  const most = Math.max(0, ...servers.map(({ places }) => places.length));
  return Array.from({ length: most }, (_, turn) =>
    servers.flatMap(({ places }) => places[turn] ?? []),
  ).flat();
}

function targetIn(reply: DnsReply, recordName: string): string | null {
  const answers = reply.state === 'answered' ? reply.answers : [];
  const alias = answers.find((record) => record.type === 'CNAME' && parseDnsName(record.name) === recordName);
  return alias?.type === 'CNAME' ? alias.data : null;
}

/** The zone below ours that a referral names (RFC 1034 section 4.3.2). */
function cutBelow(reply: DnsReply, recordName: string, zone: string): string | null {
  const authorities = reply.state === 'answered' ? reply.authorities : [];
  for (const { type, name } of authorities) {
    const cut = parseDnsName(name);
    if (type === 'NS' && cut !== null && cut !== zone && isWithin(cut, zone) && isWithin(recordName, cut))
      return cut;
  }
  return null;
}
