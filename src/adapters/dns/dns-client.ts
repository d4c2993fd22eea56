import { randomInt } from 'node:crypto';
import { getServers } from 'node:dns';
import type { Answer, DecodedPacket, OptAnswer, Packet, RecordType } from 'dns-packet';
import { type DnsServer, parseDnsServer } from '../../core/domain/dns-server.js';
import { type DnsExchange, type DnsFault, exchangeOverTcp, exchangeOverUdp } from './dns-exchange.js';

/** Per query and try, in ms: resolvers that climb from the root take up to two seconds for a cold, distant name. */
const DEFAULT_TIMEOUT_MS = 4_000;
/** Rounds through the servers, for questions that none of them answered. */
const DEFAULT_TRIES = 2;
/** Queries under way at once; firewalls that limit DNS drop what goes beyond (behaviour.md 3). */
const DEFAULT_QUERIES = 20;
const MAX_QUERIES = 50;
/** What fits every path without fragments, in octets (DNS flag day 2020). */
const UDP_PAYLOAD_BYTES = 1232;
/** RFC 1035 section 4.1.1: identifiers are of 16 bits. */
const ID_RANGE = 0x1_0000;
/** Where the bits TC and QR lie in a header (RFC 1035 section 4.1.1). */
const FLAGS_OCTET = 2;
const TC_BIT = 0x02;
const QR_BIT = 0x80;
const HEADER_OCTETS = 12;
/** RFC 1035 section 2.3.4; labels of any printable octets but the dot. */
const ASKABLE_NAME = /^(?:\.|(?=.{1,254}$)(?:[!-\-/-~]{1,63}\.)*[!-\-/-~]{1,63}\.?)$/;
/** RFC 1035 section 4.1.1 and RFC 6891 section 6.1.3; whatever else is shown by its number. */
const RCODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'] as const;
/** Codes by which a server says nothing of the name itself: another one may know. */
const UNHELPFUL: ReadonlySet<string> = new Set(['FORMERR', 'SERVFAIL', 'NOTIMP', 'REFUSED']);

export interface DnsClientSettings {
  /** `address` or `address:port` (`[v6]:port`), asked in this order; empty = those of the system. */
  readonly servers?: readonly string[];
  /** Per query and try, in ms. */
  readonly timeoutMs?: number;
  readonly tries?: number;
  /** Queries under way at once, 1 to 50. */
  readonly queries?: number;
}

export interface DnsQueryOptions {
  /** Sets CD (RFC 4035 section 3.2.2): what does not verify is wanted too. */
  readonly checkingDisabled?: boolean;
  /** False for questions to authoritative servers. True unless told otherwise. */
  readonly recursionDesired?: boolean;
  /** Asked instead of the client's own. */
  readonly servers?: readonly string[];
  readonly signal?: AbortSignal;
}

export type DnsRecord = Exclude<Answer, OptAnswer>;

export type DnsReply =
  | {
      readonly state: 'answered';
      /** `NOERROR`, `NXDOMAIN`, `SERVFAIL`, …; `RCODE16` and the like for rare ones. */
      readonly rcode: string;
      readonly answers: readonly DnsRecord[];
      readonly authorities: readonly DnsRecord[];
      /** AD: the resolver verified all of it (RFC 6840 section 5.8). */
      readonly isAuthentic: boolean;
      /** AA: the server rules the zone. */
      readonly isAuthoritative: boolean;
    }
  | { readonly state: 'failed'; readonly fault: DnsFault };

/**
 * Asks DNS servers for records of any type, over UDP and, where the answer does not fit, TCP. Nothing is cached. Text in
 * answers is what the zone's owner wrote, unescaped.
 */
export class DnsClient {
  readonly #servers: readonly DnsServer[];
  readonly #timeoutMs: number;
  readonly #tries: number;
  readonly #queries: number;
  #tools: Promise<Tools> | undefined;

  /** @throws ConfigurationError BAD_SETTING for a server that is no IP address */
  constructor(settings: DnsClientSettings = {}) {
    const { servers = [] } = settings;
    this.#servers = (servers.length === 0 ? getServers() : servers).map(parseDnsServer);
    this.#timeoutMs = settings.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#tries = Math.max(1, settings.tries ?? DEFAULT_TRIES);
    this.#queries = Math.min(MAX_QUERIES, Math.max(1, settings.queries ?? DEFAULT_QUERIES));
  }

  /**
   * The first helpful answer of the servers; if there is none, what the last one that answered said. Never throws for
   * what servers do. @throws ConfigurationError BAD_SETTING for a server that is no IP address
   */
  async query(name: string, type: RecordType, options: DnsQueryOptions = {}): Promise<DnsReply> {
    const servers = options.servers?.map(parseDnsServer) ?? this.#servers;
    if (!ASKABLE_NAME.test(name)) return { state: 'failed', fault: 'EBADRESP' };
    const { dnsPacket, queue } = await this.#loadTools();
    const question: Question = { name, type, options, timeoutMs: this.#timeoutMs, dnsPacket };
    let last: DnsReply = { state: 'failed', fault: 'ECONNREFUSED' };
    let unanswered = servers;
    for (let round = 0; round < this.#tries && unanswered.length > 0; round += 1) {
      const silent: DnsServer[] = [];
      for (const server of unanswered) {
        if (options.signal?.aborted === true) return { state: 'failed', fault: 'ECANCELLED' };
        const reply = await queue.add(() => askServer(question, server));
        if (reply.state === 'failed') silent.push(server);
        else if (!UNHELPFUL.has(reply.rcode)) return reply;
        if (reply.state === 'answered' || last.state === 'failed') last = reply;
      }
      unanswered = silent;
    }
    return last;
  }

  /** Loaded with the first question: commands that ask nothing do without. */
  #loadTools(): Promise<Tools> {
    this.#tools ??= (async () => {
      const [{ default: dnsPacket }, { default: PQueue }] = await Promise.all([
        import('dns-packet'),
        import('p-queue'),
      ]);
      return { dnsPacket, queue: new PQueue({ concurrency: this.#queries }) };
    })();
    return this.#tools;
  }
}

type DnsPacketLibrary = typeof import('dns-packet');
interface Tools {
  readonly dnsPacket: DnsPacketLibrary;
  readonly queue: import('p-queue').default;
}
interface Question {
  readonly name: string;
  readonly type: RecordType;
  readonly options: DnsQueryOptions;
  readonly timeoutMs: number;
  readonly dnsPacket: DnsPacketLibrary;
}

/** One server's answer; without EDNS once more where the server does not know it (RFC 6891 section 7). */
async function askServer(question: Question, server: DnsServer): Promise<DnsReply> {
  const first = await askOnce(question, server, true);
  const isEdnsRefused =
    'answer' in first && first.answer !== 'truncated' && rcodeOf(first.answer) === 'FORMERR';
  const exchange = isEdnsRefused ? await askOnce(question, server, false) : first;
  if ('fault' in exchange) return { state: 'failed', fault: exchange.fault };
  const packet = exchange.answer;
  // Half a set of records must never be taken for the whole.
  if (packet === 'truncated') return { state: 'failed', fault: 'EBADRESP' };
  return {
    state: 'answered',
    rcode: rcodeOf(packet),
    answers: recordsOf(packet.answers),
    authorities: recordsOf(packet.authorities),
    isAuthentic: packet.flag_ad,
    isAuthoritative: packet.flag_aa,
  };
}

async function askOnce(
  question: Question,
  server: DnsServer,
  withEdns: boolean,
): Promise<DnsExchange<DecodedPacket | 'truncated'>> {
  const { name, type, options, timeoutMs, dnsPacket } = question;
  const id = randomInt(ID_RANGE);
  const sending = {
    message: dnsPacket.encode(queryOf(question, id, withEdns)),
    server,
    timeoutMs,
    signal: options.signal,
    read: (message: Buffer) => readAnswer(message, { id, name, type }, dnsPacket),
  };
  const overUdp = await exchangeOverUdp(sending);
  const isTruncated = 'answer' in overUdp && overUdp.answer === 'truncated';
  return isTruncated ? exchangeOverTcp(sending) : overUdp;
}

function queryOf({ name, type, options, dnsPacket }: Question, id: number, withEdns: boolean): Packet {
  const recursion = options.recursionDesired === false ? 0 : dnsPacket.RECURSION_DESIRED;
  const checking = options.checkingDisabled === true ? dnsPacket.CHECKING_DISABLED : 0;
  return {
    type: 'query',
    id,
    // AD in a question asks to be told whether the answer was verified (RFC 6840 section 5.7).
    flags: recursion | checking | dnsPacket.AUTHENTIC_DATA,
    questions: [{ type, name, class: 'IN' }],
    additionals: withEdns
      ? [
          {
            type: 'OPT',
            name: '.',
            udpPayloadSize: UDP_PAYLOAD_BYTES,
            extendedRcode: 0,
            ednsVersion: 0,
            flags: 0,
            flag_do: false,
            options: [],
          },
        ]
      : [],
  };
}

/** Undefined for what answers another question; `bad` for an answer of which no sense can be made. */
function readAnswer(
  message: Buffer,
  asked: { readonly id: number; readonly name: string; readonly type: RecordType },
  dnsPacket: DnsPacketLibrary,
): DecodedPacket | 'truncated' | 'bad' | undefined {
  if (message.length < HEADER_OCTETS || message.readUInt16BE(0) !== asked.id) return undefined;
  const flags = message[FLAGS_OCTET] ?? 0;
  if ((flags & QR_BIT) === 0) return undefined;
  // Servers may cut in the middle of a record: nothing of it is read.
  if ((flags & TC_BIT) !== 0) return 'truncated';
  try {
    const packet = dnsPacket.decode(message);
    // The library takes a record that is cut off for a short one.
    if (dnsPacket.decode.bytes > message.length) return 'bad';
    const [question, ...more] = packet.questions ?? [];
    // A server that could not read the question cannot repeat it.
    if (question === undefined) return rcodeOf(packet) === 'FORMERR' ? packet : undefined;
    const isOurs =
      more.length === 0 &&
      question.type === asked.type &&
      question.class === 'IN' &&
      bareName(question.name) === bareName(asked.name);
    return isOurs ? packet : undefined;
  } catch {
    return 'bad';
  }
}

function rcodeOf(packet: DecodedPacket): string {
  const extended = packet.additionals?.find((one) => one.type === 'OPT')?.extendedRcode ?? 0;
  const code = (extended << 4) | ((packet.flags ?? 0) & 0x0f);
  return RCODES[code] ?? `RCODE${code}`;
}

function recordsOf(section: readonly Answer[] | undefined): DnsRecord[] {
  return (section ?? []).filter((one): one is DnsRecord => one.type !== 'OPT');
}

function bareName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}
