import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { buildChildProgram, Child } from './child-program.js';

/** How many connections the system takes for a server that asked for one to be kept waiting (listen(2): one more). */
const TAKEN = 2;

/** An address and port at which no connection comes about any more, as behind translation that does not loop back. */
export interface DeafAddress {
  stop(): Promise<void>;
}

export async function startDeafAddress(address: string, port: number): Promise<DeafAddress> {
  const child = new Child(await buildChildProgram('deaf-server'), [address, String(port)]);
  const sockets: Socket[] = [];
  const stop = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await child.kill();
  };
  if ((await child.line()) !== 'listening') {
    await stop();
    throw new Error(`nobody listens at ${address}`);
  }
  for (let taken = 0; taken < TAKEN; taken += 1) {
    const socket = connect({ host: address, port });
    sockets.push(socket);
    await once(socket, 'connect');
    socket.on('error', () => undefined);
  }
  return { stop };
}
