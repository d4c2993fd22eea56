import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import * as dnsPacket from 'dns-packet';

/** What is sent back for one question: messages as they are, in this order. */
export type RawAnswer = (query: dnsPacket.DecodedPacket, isTcp: boolean) => readonly Buffer[];

export interface RawDns {
  /** `127.0.0.1:PORT`. */
  readonly server: string;
  /** Source ports of the questions over UDP. */
  readonly sourcePorts: number[];
  /** Messages of the questions, in order. */
  readonly questions: dnsPacket.DecodedPacket[];
  /** The most questions that waited for their answer at the same time. */
  mostWaiting(): number;
  close(): Promise<void>;
}

const PORT_TRIES = 20;

/** A DNS server that sends whatever it is told to: for answers that no proper server gives. */
export async function startRawDns(answer: RawAnswer, delayMs = 0): Promise<RawDns> {
  const sourcePorts: number[] = [];
  const questions: dnsPacket.DecodedPacket[] = [];
  const sockets = new Set<Socket>();
  let waiting = 0;
  let most = 0;
  const answersTo = async (message: Buffer, isTcp: boolean): Promise<readonly Buffer[]> => {
    const query = dnsPacket.decode(message);
    questions.push(query);
    waiting += 1;
    most = Math.max(most, waiting);
    if (delayMs > 0) await pause(delayMs);
    waiting -= 1;
    return answer(query, isTcp);
  };
  for (let attempt = 0; attempt < PORT_TRIES; attempt += 1) {
    const udp = createSocket('udp4');
    udp.on('message', (message, peer) => {
      sourcePorts.push(peer.port);
      void answersTo(message, false).then((answers) => {
        for (const one of answers) udp.send(one, peer.port, peer.address, () => undefined);
      });
    });
    udp.bind(0, '127.0.0.1');
    await once(udp, 'listening');
    const { port } = udp.address();
    const tcp = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      let buffered = Buffer.alloc(0);
      socket.on('data', (part) => {
        buffered = Buffer.concat([buffered, part]);
        if (buffered.length < 2 || buffered.length < 2 + buffered.readUInt16BE(0)) return;
        void answersTo(buffered.subarray(2), true).then((answers) => {
          const [first] = answers;
          if (first === undefined) return socket.destroy();
          const length = Buffer.alloc(2);
          length.writeUInt16BE(first.length);
          return socket.write(Buffer.concat([length, first]));
        });
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
      server: `127.0.0.1:${port}`,
      sourcePorts,
      questions,
      mostWaiting: () => most,
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

/** A proper answer to a question, to be sent as it is or spoilt first. */
export function properAnswer(
  query: dnsPacket.DecodedPacket,
  answers: readonly dnsPacket.Answer[],
  more: { readonly flags?: number; readonly id?: number; readonly questions?: dnsPacket.Question[] } = {},
): Buffer {
  return dnsPacket.encode({
    type: 'response',
    id: more.id ?? query.id ?? 0,
    flags: dnsPacket.RECURSION_DESIRED | dnsPacket.RECURSION_AVAILABLE | (more.flags ?? 0),
    questions: more.questions ?? query.questions ?? [],
    answers: [...answers],
  });
}
