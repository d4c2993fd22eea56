import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';
import { connect } from 'node:tls';
import type { HandshakePlace } from '../handshakes.js';

// For each line, a list of places, does a handshake with each and prints the list of what it was shown there.
const PATIENCE_MS = 30_000;

function handshake({ name, address, port }: HandshakePlace): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, servername: name, rejectUnauthorized: false }, () => {
      const { raw } = socket.getPeerCertificate();
      resolve(createHash('sha256').update(raw).digest('hex'));
      socket.destroy();
    });
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error('no answer')));
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}

for await (const line of createInterface({ input: process.stdin })) {
  const places = JSON.parse(line) as readonly HandshakePlace[];
  const shown: string[] = [];
  for (const place of places) shown.push(await handshake(place));
  process.stdout.write(`${JSON.stringify(shown)}\n`);
}
