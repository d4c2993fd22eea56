import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import * as dnsPacket from 'dns-packet';

/** What the server says of one name; a name that is not in the map does not exist (NXDOMAIN). */
export interface DnsRecords {
  readonly A?: readonly string[];
  readonly AAAA?: readonly string[];
  /** Answers every question about the name with this code instead. */
  readonly rcode?: 'SERVFAIL' | 'REFUSED' | 'NXDOMAIN' | 'FORMERR';
  /** Never answers. */
  readonly isSilent?: boolean;
  /** Never answers questions of these types. */
  readonly isSilentFor?: readonly string[];
  /** Answers over UDP with the TC bit and nothing else, so that the client comes again over TCP. */
  readonly isTruncated?: boolean;
}

export interface EmbeddedDns {
  /** `127.0.0.1:PORT`, as the resolver settings take it. */
  readonly server: string;
  readonly port: number;
  /** Names by lower-case name without trailing dot; may be changed while it runs. `*.x` answers for every name below x. */
  readonly zones: Map<string, DnsRecords>;
  /** Every question asked, in order: `A www.x.test`, with ` (tcp)` when it came so. */
  readonly questions: string[];
  /** The most questions that waited for their answers at once; silence is never answered. */
  readonly mostUnderWay: number;
  close(): Promise<void>;
}

/** Tries of finding a port that is free for UDP and TCP alike. */
const PORT_TRIES = 20;
const RCODES = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;

/** A DNS server for tests and the demo: UDP and TCP on one free port of 127.0.0.1. */
export async function startEmbeddedDns(
  zones: Iterable<readonly [string, DnsRecords]> = [],
  /** How late every answer over UDP is, in ms. */
  { delayMs = 0 }: { readonly delayMs?: number } = {},
): Promise<EmbeddedDns> {
  const map = new Map(zones);
  const questions: string[] = [];
  let underWay = 0;
  let mostUnderWay = 0;
  const sockets = new Set<Socket>();
  const answer = (message: Buffer, isTcp: boolean): dnsPacket.Packet | undefined =>
    answerOf(message, map, questions, isTcp);

  for (let attempt = 0; attempt < PORT_TRIES; attempt++) {
    const udp = createSocket('udp4');
    udp.on('message', (message, peer) => {
      const packet = answer(message, false);
      if (packet === undefined) return;
      underWay += 1;
      mostUnderWay = Math.max(mostUnderWay, underWay);
      const send = (): void => {
        underWay -= 1;
        udp.send(dnsPacket.encode(packet), peer.port, peer.address);
      };
      if (delayMs === 0) send();
      else setTimeout(send, delayMs);
    });
    udp.bind(0, '127.0.0.1');
    await once(udp, 'listening');
    const { port } = udp.address();
    const tcp = createServer((socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => undefined);
      let buffered = Buffer.alloc(0);
      socket.on('data', (part) => {
        buffered = Buffer.concat([buffered, part]);
        // Resolvers send several questions over one connection.
        while (buffered.length >= 2 && buffered.length >= 2 + buffered.readUInt16BE(0)) {
          const end = 2 + buffered.readUInt16BE(0);
          const packet = answer(buffered.subarray(2, end), true);
          buffered = buffered.subarray(end);
          if (packet !== undefined) socket.write(dnsPacket.streamEncode(packet));
        }
      });
    });
    tcp.listen(port, '127.0.0.1');
    const isListening = await once(tcp, 'listening').then(
      () => true,
      () => false,
    );
    if (!isListening) {
      udp.close();
      continue;
    }
    return {
      server: `127.0.0.1:${(tcp.address() as AddressInfo).port}`,
      port,
      zones: map,
      questions,
      get mostUnderWay() {
        return mostUnderWay;
      },
      close: async () => {
        for (const socket of sockets) socket.destroy();
        await Promise.all([
          new Promise<void>((resolve) => udp.close(resolve)),
          new Promise<void>((resolve) => tcp.close(() => resolve())),
        ]);
      },
    };
  }
  throw new Error('no port is free for UDP and TCP');
}

function answerOf(
  message: Buffer,
  zones: ReadonlyMap<string, DnsRecords>,
  questions: string[],
  isTcp: boolean,
): dnsPacket.Packet | undefined {
  let query: dnsPacket.DecodedPacket;
  try {
    query = dnsPacket.decode(message);
  } catch {
    return undefined;
  }
  const question = query.questions?.[0];
  if (question === undefined) return undefined;
  const name = question.name.toLowerCase().replace(/\.$/, '');
  questions.push(`${question.type} ${name}${isTcp ? ' (tcp)' : ''}`);
  const records = zones.get(name) ?? zones.get(`*.${name.split('.').slice(1).join('.')}`);
  if (records?.isSilent === true || records?.isSilentFor?.includes(question.type) === true) return undefined;
  const reply = (rcode: keyof typeof RCODES, answers: dnsPacket.Answer[] = []): dnsPacket.Packet => ({
    type: 'response',
    ...(query.id === undefined ? {} : { id: query.id }),
    flags: dnsPacket.RECURSION_DESIRED | dnsPacket.RECURSION_AVAILABLE | RCODES[rcode],
    questions: [question],
    answers,
  });
  if (records === undefined) return reply('NXDOMAIN');
  if (records.rcode !== undefined) return reply(records.rcode);
  if (records.isTruncated === true && !isTcp) {
    const packet = reply('NOERROR');
    return { ...packet, flags: (packet.flags ?? 0) | dnsPacket.TRUNCATED_RESPONSE };
  }
  const { type } = question;
  if (type !== 'A' && type !== 'AAAA') return reply('NOERROR');
  return reply(
    'NOERROR',
    (records[type] ?? []).map((data) => ({ type, name: question.name, ttl: 5, data })),
  );
}
