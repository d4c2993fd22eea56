import type { RecordTrouble, ServerView, TxtRecord } from '../../core/dcv/dns-observation.js';
import type { PresentedZone } from '../../runs/ports/challenges.js';
import type { Clock } from '../../runs/ports/clock.js';
import type { DnsReply } from './dns-client.js';
import { type NameServer, textsOf, type ZoneServers } from './zone-servers.js';

/** A server that says nothing, or does not serve the zone, is asked so many times before the others are believed. */
const ROUNDS_FOR_THE_SILENT = 3;

export interface PropagationSettings {
  readonly servers: ZoneServers;
  readonly clock: Clock;
  /** How long servers are given, in ms. */
  readonly timeoutMs: number;
  readonly intervalMs: number;
}

/**
 * Asks every authoritative server of a zone until it shows all of the records, or the time is over. One that shows
 * something else holds all up; one that is down is said, and no resolver waits for it either. Rejects with the signal's
 * reason.
 */
export async function watchPropagation(
  zone: string,
  records: readonly TxtRecord[],
  settings: PropagationSettings,
  signal?: AbortSignal,
): Promise<PresentedZone> {
  const { servers: zoneServers, clock, timeoutMs, intervalMs } = settings;
  const servers = await zoneServers.of(zone);
  if ('kind' in servers) return { zone, trouble: servers, servers: [] };
  const startedAt = clock.now().getTime();
  const watches = servers.map((server) => new ServerWatch(server, records, zoneServers));
  for (let round = 1; ; round += 1) {
    await Promise.all(watches.map((watch) => watch.look(signal)));
    signal?.throwIfAborted();
    const views = watches.map((watch) => watch.view());
    const trouble = judgeRound(zone, records, views, round);
    if (trouble !== 'wait') return { zone, trouble, servers: views };
    const waitedMs = clock.now().getTime() - startedAt;
    if (waitedMs + intervalMs > timeoutMs) {
      return { zone, trouble: notSeen(zone, records, views, waitedMs), servers: views };
    }
    await clock.sleep(intervalMs, signal);
  }
}

/** Whether servers of the zone answer, and none of those that do shows any of the records. */
export async function isGone(
  zone: string,
  records: readonly TxtRecord[],
  zoneServers: ZoneServers,
): Promise<boolean> {
  const servers = await zoneServers.of(zone);
  if ('kind' in servers) return false;
  const seen = await Promise.all(
    records.flatMap(({ recordName, value }) =>
      servers
        .flatMap(({ places }) => places)
        .map(async (place) => viewOf(await zoneServers.ask(place, recordName, 'TXT'), recordName, [value])),
    ),
  );
  return seen.includes('missing') && !seen.includes('values');
}

/** Null: all is there. */
function judgeRound(
  zone: string,
  records: readonly TxtRecord[],
  views: readonly ServerView[],
  round: number,
): RecordTrouble | null | 'wait' {
  const count = (saw: ServerView['saw']): number => views.filter((view) => view.saw === saw).length;
  const shown = count('values');
  if (shown === views.length && shown > 0) return null;
  if (count('missing') > 0 || round < ROUNDS_FOR_THE_SILENT) return 'wait';
  if (shown > 0) return null;
  if (count('refused') === views.length) {
    return { kind: 'not-delegated', zone, why: 'none of its name servers serves it' };
  }
  return notSeen(zone, records, views, 0);
}

function notSeen(
  zone: string,
  records: readonly TxtRecord[],
  servers: readonly ServerView[],
  waitedMs: number,
): RecordTrouble {
  const [first] = records;
  return { kind: 'not-seen', zone, recordName: first?.recordName ?? zone, servers, waitedMs };
}

/** What one server has shown so far. */
class ServerWatch {
  readonly #server: NameServer;
  readonly #servers: ZoneServers;
  /** Record name → values; those that were seen are taken out. */
  readonly #missing = new Map<string, readonly string[]>();
  #saw: ServerView['saw'];

  constructor(server: NameServer, records: readonly TxtRecord[], servers: ZoneServers) {
    this.#server = server;
    this.#servers = servers;
    this.#saw = server.isUnaskable ? 'unasked' : 'silent';
    for (const { recordName, value } of records) {
      this.#missing.set(recordName, [...(this.#missing.get(recordName) ?? []), value]);
    }
  }

  view(): ServerView {
    return { server: this.#server.label, saw: this.#saw };
  }

  async look(signal: AbortSignal | undefined): Promise<void> {
    if (this.#server.places.length === 0) return;
    const seen = await Promise.all(
      [...this.#missing].map(([name, values]) => this.#lookFor(name, values, signal)),
    );
    this.#saw = worstOf(seen);
  }

  /** At every address of it. */
  async #lookFor(
    name: string,
    values: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<ServerView['saw']> {
    const seen = await Promise.all(
      this.#server.places.map(async (place) =>
        viewOf(await this.#servers.ask(place, name, 'TXT', signal), name, values),
      ),
    );
    // An address without an answer is passed over where another one answers.
    const answered = seen.filter((saw) => saw === 'values' || saw === 'missing');
    const saw = worstOf(answered.length > 0 ? answered : seen);
    if (saw === 'values') this.#missing.delete(name);
    return saw;
  }
}

const WORST_FIRST: readonly ServerView['saw'][] = ['missing', 'refused', 'silent', 'values'];

function worstOf(seen: readonly ServerView['saw'][]): ServerView['saw'] {
  return WORST_FIRST.find((saw) => seen.includes(saw)) ?? 'values';
}

function viewOf(reply: DnsReply, name: string, values: readonly string[]): ServerView['saw'] {
  if (reply.state === 'failed') return 'silent';
  const texts = textsOf(reply.answers, name);
  if (values.every((value) => texts.includes(value))) return 'values';
  const isOfZone = reply.isAuthoritative && (reply.rcode === 'NOERROR' || reply.rcode === 'NXDOMAIN');
  return isOfZone ? 'missing' : 'refused';
}
